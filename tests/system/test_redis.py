"""Rate limits that several machines share in a real Redis: what holds, what one limit costs, and what happens when Redis goes away."""
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest

from lab import space
from lab.client import Client
from lab.mailweir import ADDRESS, BINARY, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

PASSWORD = "s3cret of the lab"
SECOND = "11.1.0.2"  # the address of the second machine

CONFIG = """
filters:
  rate_limit:
    timeout: 5s
    limits:
      per_ip: {{key: client.ip, rate: 6/1h}}
      pairs: {{key: [client.ip, sender], rate: 1000/1h}}
      volume: {{unit: bytes, rate: 100MiB/1h}}
      at_once: {{unit: sessions, max: 4}}
policies:
  inbound:
    connect:
      - rule: too many
        when: {{rate.at_once: over}}
        do: tempfail
        reply: "421 4.7.0 Too many sessions"
    rcpt:
      - rule: slow down
        when: {{rate.per_ip: over}}
        do: tempfail
        reply: "451 4.7.1 Rate limit"
"""
STATE = """state:
  store: redis
  directory: "{root}/state"
  redis: {{address: "{address}", password_file: "{root}/password", database: 3, timeout: 500ms, when_down: {when_down}}}
"""


class Redis:
    """A server of the test's own, on a port of the loopback."""
    def __init__(self, port=6399):
        self.root = space.directory(f"{space.ROOT}/redis")
        self.address, self.port, self.process = f"127.0.0.1:{port}", port, None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--requirepass", PASSWORD, "--save", "", "--dir", self.root,
             "--logfile", "log"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        wait_for(self.answers, "redis-server")
        return self

    def answers(self):
        try:
            return self.ask("PING") == "PONG"
        except OSError:
            return False

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def ask(self, *words):
        """The answer as text, as redis-cli prints it."""
        done = subprocess.run(["redis-cli", "-p", str(self.port), "-n", "3", *words], env={**os.environ, "REDISCLI_AUTH": PASSWORD},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode or done.stderr:
            raise OSError(done.stderr)
        return done.stdout.decode("utf-8", "replace").strip()

    def commands(self):
        """How often each command was received since the last call; those inside scripts do not count as calls of ours."""
        stats = {m[1]: int(m[2]) for m in re.finditer(r"cmdstat_(\S+?):calls=(\d+)", self.ask("INFO", "commandstats"))}
        self.ask("CONFIG", "RESETSTAT")
        return stats


@unittest.skipUnless(shutil.which("redis-server"), "no redis-server: tools/install test")
class SharedLimits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.postfix = Postfix().start()
        cls.addClassCleanup(cls.postfix.stop)

    def setUp(self):
        self.redis = Redis().start()
        self.addCleanup(lambda: self.redis.stop())

    def mailweir(self, when_down="local", address=ADDRESS, workers=2):
        proxy = Mailweir(self.postfix, more=CONFIG.format(), workers=workers)
        if address != ADDRESS:
            proxy = self.second(proxy, address)
        space.write(f"{proxy.root}/password", PASSWORD + "\n")
        os.chmod(f"{proxy.root}/password", 0o600)
        with open(proxy.config, encoding="utf-8") as file:
            text = file.read()
        state = STATE.format(root=proxy.root, address=self.redis.address, when_down=when_down)
        proxy.write(re.sub(r"^state: .*\n", lambda _: state, text, flags=re.M))
        proxy.start()
        self.addCleanup(proxy.stop)
        wait_for(lambda: len(proxy.records(event="state.redis.up")) == workers, "every worker to reach Redis")
        return proxy

    @staticmethod
    def second(first, address):
        """Another machine: a directory, a log and an address of its own."""
        root = space.directory(f"{space.ROOT}/mailweir2")
        for name in ("state", "spool"):
            space.directory(f"{root}/{name}", "mailweir")
        first.root, first.config, first.logfile = root, f"{root}/mailweir.yaml", f"{root}/mailweir.log"
        first.values.update(root=root, address=address)
        first.configure()
        first.command[-1] = first.config
        first.address = address
        return first

    @staticmethod
    def ask(source, server=ADDRESS):
        """The code of MAIL, or of RCPT if that was taken."""
        with Client(server, source=source) as client:
            mail, rcpt = client.mail("anne@good.example", "alice@weir.example")
            return rcpt.code if mail.code == 250 else mail.code

    def test_two_machines_share_a_limit(self):
        self.mailweir()
        self.mailweir(address=SECOND)
        codes = [self.ask("11.1.3.1", server) for server in (ADDRESS, SECOND) * 4]
        self.assertEqual(codes, [250] * 6 + [451] * 2)
        self.assertEqual(self.ask("11.1.3.2", SECOND), 250)

    def test_two_machines_share_a_limit_of_sessions(self):
        self.mailweir()
        self.mailweir(address=SECOND)
        clients = [Client(server, source="11.1.3.3") for server in (ADDRESS, SECOND) * 2]
        with Client(SECOND, source="11.1.3.4"):
            pass
        with socket.create_connection((ADDRESS, 25), source_address=("11.1.3.3", 0)) as fifth:
            self.assertEqual(fifth.recv(100)[:3], b"421")
        for client in clients:
            client.close()
        wait_for(lambda: self.redis.ask("ZCARD", "mailweir:rs/at_once/client.ip=8:11.1.3.3") == "0", "the places to come free")
        with Client(ADDRESS, source="11.1.3.3"):
            pass

    def test_all_limits_of_a_stage_are_one_round_trip(self):
        self.mailweir(workers=1)
        self.ask("11.1.3.5")
        self.redis.commands()
        with Client(ADDRESS, source="11.1.3.6") as client:
            connected = self.redis.commands()
            client.command("MAIL FROM:<anne@good.example>")
            mailed = self.redis.commands()
            client.command("RCPT TO:<alice@weir.example>")
            asked = self.redis.commands()
        self.assertEqual([stage.get("evalsha", 0) for stage in (connected, mailed, asked)], [1, 0, 1])
        self.assertNotIn("eval", asked)
        self.assertEqual(asked["set"], 2)  # per_ip and pairs, by that one script

    def test_a_server_that_forgot_the_script_learns_it_again(self):
        proxy = self.mailweir()
        self.assertEqual(self.ask("11.1.3.7"), 250)
        self.redis.ask("SCRIPT", "FLUSH")
        self.assertEqual([self.ask("11.1.3.7") for _ in range(6)], [250] * 5 + [451])
        self.assertEqual(proxy.records(event="state.redis.down"), [])

    def test_a_wrong_password_is_told_and_mail_flows(self):
        proxy = self.mailweir(when_down="open")
        self.redis.ask("CONFIG", "SET", "requirepass", "another")
        self.redis.stop()
        self.assertEqual(self.ask("11.1.3.8"), 250)
        proxy.wait_record(event="state.redis.down")

    def outage(self, when_down):
        """The codes before, without and after Redis, of clients whose limits are far away."""
        proxy = self.mailweir(when_down)
        before = [self.ask(f"11.1.4.{i}") for i in range(1, 9)]
        self.redis.stop()
        without = [self.ask(f"11.1.5.{i}") for i in range(1, 9)]
        self.redis.start()
        proxy_up = lambda: len(proxy.records(event="state.redis.up")) >= 4  # two workers, at the start and again
        wait_for(proxy_up, "Redis to be back")
        after = [self.ask(f"11.1.6.{i}") for i in range(1, 9)]
        self.assertEqual(len(proxy.records(event="state.redis.down")), 2)
        return proxy, before, without, after

    def test_down_and_local_counts_here(self):
        proxy, *codes = self.outage("local")
        self.assertEqual(codes, [[250] * 8] * 3)
        self.redis.stop()
        wait_for(lambda: len(proxy.records(event="state.redis.down")) >= 4, "the second outage")
        self.assertEqual([self.ask("11.1.7.1") for _ in range(8)], [250] * 6 + [451] * 2)

    def test_down_and_open_counts_nothing(self):
        proxy, *codes = self.outage("open")
        self.assertEqual(codes, [[250] * 8] * 3)
        self.redis.stop()
        wait_for(lambda: len(proxy.records(event="state.redis.down")) >= 4, "the second outage")
        self.assertEqual([self.ask("11.1.7.2") for _ in range(8)], [250] * 8)

    def test_down_and_closed_defers(self):
        _, before, without, after = self.outage("closed")
        self.assertEqual(before, [250] * 8)
        self.assertEqual(without, [451] * 8)
        self.assertEqual(after, [250] * 8)

    def test_killed_and_restarted_under_load_no_session_hangs(self):
        proxy = self.mailweir("local")
        stop, codes, slowest = threading.Event(), [], [0.0]

        def load(number):
            for i in range(10000):
                if stop.is_set():
                    return
                began = time.monotonic()
                codes.append(self.ask(f"11.1.{8 + number}.{i % 250 + 1}"))
                slowest[0] = max(slowest[0], time.monotonic() - began)

        threads = [threading.Thread(target=load, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            seen = len(codes)
            wait_for(lambda: len(codes) > seen + 30, "mail to flow")
            self.redis.stop()
            seen = len(codes)
            wait_for(lambda: len(codes) > seen + 30, "mail to flow without Redis")
            self.redis.start()
        stop.set()
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive(), "a session hangs")
        self.assertLessEqual(set(codes), {250, 451, 421})
        self.assertGreater(codes.count(250), 100)
        self.assertEqual([r for r in proxy.records(event="worker.died")], [])

    def test_the_state_command_speaks_to_redis(self):
        proxy = self.mailweir()
        for _ in range(3):
            self.ask("11.1.3.9")
        run = lambda *words: subprocess.run([BINARY, "state", *words, "-c", proxy.config], stdout=subprocess.PIPE, check=True,
                                            text=True).stdout
        self.assertIn("used       3 of 6", run("get", "per_ip", "11.1.3.9"))
        self.assertRegex(run("top", "pairs"), r"[23] +1000 +-  11\.1\.3\.9 anne@good\.example")
        self.assertIn("over, room in", run("set", "per_ip", "11.1.3.9", "6"))
        self.assertEqual(self.ask("11.1.3.9"), 451)
        self.assertIn("used       0 of 6", run("del", "per_ip", "11.1.3.9"))
        self.assertEqual(self.ask("11.1.3.9"), 250)


if __name__ == "__main__":
    unittest.main()

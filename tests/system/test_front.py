"""The front door: limits over all workers, deadlines, descriptors that run out, and what `mailweir status` tells of it."""
import json
import os
import pwd
import resource
import selectors
import signal
import socket
import subprocess
import time
import unittest

from lab.client import Client, send
from lab.mail import message
from lab.mailweir import ADDRESS, BINARY, PORT, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

ACCEPT_ALL = "policies: {inbound: {}}\n"


def setUpModule():
    global postfix
    World(unittest.addModuleCleanup)
    postfix = Postfix().start()
    unittest.addModuleCleanup(postfix.stop)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Front(unittest.TestCase):
    def begin(self, limits="", more="", workers=2, descriptors=None):
        """Starts Mailweir; limits: of its listener."""
        self.mailweir = Mailweir(postfix, more=ACCEPT_ALL + more, workers=workers)
        with open(self.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        self.mailweir.write(text.replace(f'listeners: ["{ADDRESS}:{PORT}"]',
                                         f'listeners: [{{address: "{ADDRESS}:{PORT}", limits: {{{limits}}}}}]'))
        if descriptors:
            self.mailweir.command = ["prlimit", f"--nofile={descriptors}:{descriptors}"] + self.mailweir.command
        self.mailweir.start()
        self.addCleanup(self.mailweir.stop)
        wait_for(lambda: len(self.mailweir.records(event="backend.up")) == workers, "workers that have met the backend")

    def client(self, **how):
        client = Client(ADDRESS, helo=None, **how)
        self.addCleanup(client.close)
        return client

    def clients(self, count, **how):
        return [self.client(**how) for _ in range(count)]

    def status(self):
        done = subprocess.run([BINARY, "status", "--json", "-c", self.mailweir.config], capture_output=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def listener(self):
        return self.status()["listeners"][f"{ADDRESS}:{PORT}"]

    def deliver(self):
        self.assertEqual(send(ADDRESS, message(), source="11.1.2.2").code, 250)
        postfix.boxes["alice"].take()


class Limits(Front):
    def test_an_address_has_so_many_sessions_at_all_workers_together(self):
        self.begin("per_address: 8")
        good = self.clients(8)
        self.assertEqual([c.greeting.code for c in good], [220] * 8)
        for over in self.clients(6):
            self.assertEqual((over.greeting.code, over.greeting.text.split()[0]), (421, "4.7.0"))
        self.assertEqual(self.client(source="11.1.1.2").greeting.code, 220)
        good[0].command("QUIT")
        wait_for(lambda: self.listener()["open"] == 8, "the session that has ended to be over")
        self.assertEqual(self.client().greeting.code, 220)
        self.assertEqual(self.listener()["refused_per_address"], 6)

    def test_a_rate_holds_for_all_workers_together(self):
        self.begin("rate: 10/1h")
        codes = [self.client(source=f"11.1.1.{n}").greeting.code for n in range(1, 21)]
        self.assertEqual(codes, sorted(codes))
        seen = self.listener()
        self.assertEqual((seen["sessions"], seen["refused_rate"]), (10, codes.count(421)))  # one was the look whether the port is open
        self.assertGreaterEqual(codes.count(421), 10)

    def test_the_sessions_of_a_killed_worker_count_no_more(self):
        self.begin("per_address: 2")
        self.clients(2)
        self.assertEqual(self.client().greeting.code, 421)
        for pid in self.mailweir.children():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.client().greeting.code == 220, "room for new sessions")


class Slowness(Front):
    SLOW = 2000

    def test_two_thousand_clients_that_drip_bytes_are_all_cut_and_good_mail_flows_meanwhile(self):
        self.begin("per_address: 0, per_network: 0", "limits: {command: 4s}\n")
        selector = selectors.DefaultSelector()
        heard = {}
        for n in range(self.SLOW):
            drip = socket.create_connection((ADDRESS, PORT), source_address=(f"11.1.{10 + n % 50}.1", 0))
            drip.setblocking(False)
            heard[drip] = b""
            selector.register(drip, selectors.EVENT_READ)
            self.addCleanup(drip.close)
        open_ones = set(heard)
        end = time.monotonic() + 60
        while open_ones and time.monotonic() < end:
            for drip in open_ones:
                try:
                    drip.send(b"N")
                except OSError:
                    pass
            until = time.monotonic() + 1
            self.deliver()
            while time.monotonic() < until:
                for key, _ in selector.select(0.1):
                    self.listen(key.fileobj, heard, open_ones, selector)
        self.assertFalse(open_ones, f"{len(open_ones)} slow clients were never cut")
        self.assertEqual({reply.split()[-1] for reply in heard.values()}, {b"long"})
        self.assertTrue(all(b"421 4.4.2 Command took too long" in reply for reply in heard.values()))

    @staticmethod
    def listen(drip, heard, open_ones, selector):
        try:
            data = drip.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        heard[drip] += data
        if not data:
            selector.unregister(drip)
            open_ones.discard(drip)

    def test_a_tls_handshake_that_drips_is_cut_although_it_is_never_silent(self):
        pair = f"{self.id()}.pem".replace("/", "_")
        pair = f"/run/lab/{pair}"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mx.weir.example", "-keyout", pair,
                        "-out", pair + ".crt"], check=True, capture_output=True)
        with open(pair, "a", encoding="ascii") as out, open(pair + ".crt", encoding="ascii") as crt:
            out.write(crt.read())
        os.chmod(pair, 0o644)
        self.begin(more=f"tls: {{certificates: [{pair}]}}\nlimits: {{command: 2s}}\n")
        with self.client() as client:
            self.assertEqual(client.command("EHLO client.example").code, 250)
            self.assertEqual(client.command("STARTTLS").code, 220)
            client.send(b"\x16\x03\x01\x02\x00\x01")
            end = time.monotonic() + 20
            while time.monotonic() < end and not self.mailweir.records(event="session.tls_failed"):
                try:
                    client.send(b"\0")
                except OSError:
                    break
                time.sleep(0.2)
        self.assertIn("TLS handshake took too long", self.mailweir.wait_record(event="session.tls_failed")["reason"])


class Descriptors(Front):
    def cpu(self):
        """Seconds that the workers have been on a CPU."""
        total = 0
        for pid in self.mailweir.children():
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def test_who_comes_when_they_run_out_hears_421_and_others_are_served(self):
        self.begin("per_address: 0, per_network: 0", workers=1, descriptors=96)
        crowd = self.clients(120)
        codes = [c.greeting.code for c in crowd]
        self.assertEqual(set(codes), {220, 421})
        self.assertEqual({c.greeting.text for c in crowd if c.greeting.code == 421}, {"4.3.2 Too many sessions, please try again later"})
        self.mailweir.wait_record(event="listener.full")
        self.assertGreater(self.listener()["refused_descriptors"], 0)
        served = crowd[codes.index(220)]
        self.assertEqual(served.command("EHLO client.example").code, 250)
        served.mail("anne@good.example", "alice@weir.example")
        self.assertEqual(served.content(message()).code, 250)
        postfix.boxes["alice"].take()
        before = self.cpu()
        time.sleep(1)
        self.assertLess(self.cpu() - before, 0.5, "the worker spins")
        for client in crowd:
            client.close()
        wait_for(lambda: self.client().greeting.code == 220, "service to recover")

    def test_with_not_one_left_clients_still_hear_421(self):
        """Sessions take the last quarter for their connections to the backend."""
        self.begin("per_address: 0, per_network: 0", workers=1, descriptors=96)
        served = [c for c in self.clients(60) if c.greeting.code == 220]
        for client in served:
            client.command("EHLO client.example")
            client.mail("anne@good.example", "alice@weir.example")
        held = len(os.listdir(f"/proc/{self.mailweir.children()[0]}/fd"))
        self.assertGreater(held, 80)
        self.assertIn(self.client().greeting.code, (220, 421))
        for client in served:
            client.close()
        wait_for(lambda: self.client().greeting.code == 220, "service to recover")


class Status(Front):
    def test_it_tells_of_workers_backends_listeners_and_reloads(self):
        self.begin()
        self.deliver()
        with self.client():
            seen = wait_for(lambda: self.with_open_sessions(1), "the open session")
        self.assertEqual([w["state"] for w in seen["workers"]], ["serving"] * 2)
        self.assertEqual({w["process"] for w in seen["workers"]}, set(self.mailweir.children()))
        self.assertEqual([w["restarts"] for w in seen["workers"]], [0, 0])
        self.assertEqual(seen["configuration"], self.mailweir.config)
        self.assertRegex(seen["version"], r"^\d+\.\d+")
        self.assertIsNone(seen["reload_refused"])
        wait_for(lambda: self.status()["backends"]["main"]["127.0.0.1:10025"] == {"up": 2, "down": 0}, "the backend's health")

    def with_open_sessions(self, count):
        seen = self.status()
        return sum(w["sessions_open"] for w in seen["workers"]) == count and seen

    def test_a_refused_reload_a_death_and_draining_workers_show(self):
        self.begin()
        with open(self.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        self.mailweir.write(text.replace("hostname:", "hostnam:"))
        self.mailweir.reload()
        wait_for(lambda: self.status()["reload_refused"], "the refusal")
        self.assertIn("errors", self.status()["reload_refused"]["reason"])
        os.kill(self.mailweir.children()[0], signal.SIGKILL)
        wait_for(lambda: sorted(w["restarts"] for w in self.status()["workers"]) == [0, 1], "the death")
        with Client(ADDRESS) as old:
            self.assertEqual(old.command("MAIL FROM:<anne@good.example>").code, 250)
            self.mailweir.write(text)
            self.mailweir.reload()
            seen = wait_for(lambda: [w for w in self.status()["workers"] if w["state"] == "draining"], "a draining worker")
            self.assertEqual(sum(w["sessions_open"] for w in seen), 1)
        wait_for(lambda: [w["state"] for w in self.status()["workers"]] == ["serving"] * 2, "the old ones to be gone")

    def test_root_and_the_service_user_may_read_it_and_others_may_not(self):
        self.begin()
        user = pwd.getpwnam("mailweir")
        for uid, gid, code in ((0, 0, 0), (user.pw_uid, user.pw_gid, 0), (65534, 65534, 69)):
            command = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", BINARY, "status", "-c", self.mailweir.config]
            done = subprocess.run(command, capture_output=True, timeout=20, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            if code == 0:
                self.assertIn(b"serving: sessions", done.stdout)

"""Several servers behind Mailweir, connections that are kept, and what the servers learn of the client. Mail is never lost or doubled."""
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import unittest
import uuid

from lab import space
from lab.client import Client, send
from lab.exim import Exim
from lab.mail import message
from lab.mailweir import ADDRESS, BINARY, Mailweir, children, status
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

ACCEPT_ALL = "policies: {inbound: {}}\nfilters: {spf: {enabled: false}, dkim: {enabled: false}, dmarc: {enabled: false}}\n"


class Second(Postfix):
    directory, port = "second", 10035


class Behind(Postfix):
    """One that takes PROXY headers, and mail on a unix socket."""
    services = ("127.0.0.1:10045 inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy\n"
                "weir unix n - n - - smtpd\n")


def mailweir(backend, more=ACCEPT_ALL, **values):
    """backend: the lines of backends.main. It remembers nothing of tests before."""
    shutil.rmtree(f"{space.ROOT}/mailweir/state", ignore_errors=True)
    proxy = Mailweir("127.0.0.1:1", more=more, **values)
    with open(proxy.config, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r'(  main:\n)(    .*\n)+', lambda m: m[1] + "".join(f"    {line}\n" for line in backend), text)
    proxy.write(text)
    return proxy


def fresh(backend):
    """A backend without mail and without the log of tests before, running."""
    shutil.rmtree(f"{backend.root}/mail/alice", ignore_errors=True)
    if os.path.exists(f"{backend.root}/mail.log"):
        os.unlink(f"{backend.root}/mail.log")
    return backend.start()


def halt(postfix):
    """All of it at once, whatever it is doing."""
    processes = children(postfix.process.pid)
    postfix.stop()
    for process in processes:
        try:
            os.kill(process, signal.SIGTERM)
        except ProcessLookupError:
            pass


def stored(*backends):
    """How often each message, by the UUID in its subject, lies in the mailboxes of alice."""
    found = {}
    for backend in backends:
        folder = f"{backend.root}/mail/alice/new"
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            with open(f"{folder}/{name}", "rb") as file:
                for token in re.findall(rb"^Subject: (\S+)", file.read(), re.M):
                    found[token.decode()] = found.get(token.decode(), 0) + 1
    return found


class Sending(threading.Thread):
    """One sender that sends message after message, with some in one session, and notes what became of each."""

    def __init__(self, number, until):
        super().__init__(daemon=True)
        self.source, self.until, self.results, self.odd = f"11.1.1.{number + 1}", until, {}, []

    def run(self):
        while not self.until.is_set():
            try:
                self.session()
            except OSError as error:
                self.odd.append(str(error))

    def session(self):
        with Client(ADDRESS, source=self.source) as client:
            if client.greeting.code != 220:
                self.odd.append(str(client.greeting))
                time.sleep(0.05)
                return
            for _ in range(3):
                if not self.one(client):
                    return
            client.command("QUIT")

    def one(self, client):
        token = str(uuid.uuid4())
        replies = client.mail("anne@good.example", "alice@weir.example")
        if [reply.code for reply in replies] != [250, 250]:
            self.odd.append(str(replies))
            return False
        reply = client.content(message(subject=token))
        self.results[token] = reply.code
        if reply.code == 0 or reply.code >= 500:
            self.odd.append(str(reply))
        time.sleep(0.005)
        return reply.code == 250


class Load:
    def __init__(self, senders):
        self.until = threading.Event()
        self.senders = [Sending(number, self.until) for number in range(senders)]

    def __enter__(self):
        for sender in self.senders:
            sender.start()
        return self

    def __exit__(self, *ignored):
        self.until.set()
        for sender in self.senders:
            sender.join(60)

    def results(self):
        return {token: code for sender in self.senders for token, code in sender.results.items()}

    def odd(self):
        return [what for sender in self.senders for what in sender.odd]


class Failover(unittest.TestCase):
    def setUp(self):
        World(self.addCleanup)
        self.first, self.second = fresh(Postfix()), fresh(Second())
        self.addCleanup(lambda: self.first.stop())
        self.addCleanup(self.second.stop)
        self.proxy = mailweir(["servers:", "  - 127.0.0.1:10025", "  - {address: 127.0.0.1:10035}", "probe_interval: 1s", "slow_start: 2s"],
                              workers=2).start()
        self.addCleanup(self.proxy.stop)

    def command(self, *words):
        done = subprocess.run([BINARY, "backend", *words[:1], "-c", self.proxy.config, *words[1:]], capture_output=True, text=True,
                              timeout=20, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def wait_changes(self, event, address, count):
        wait_for(lambda: len(self.proxy.records(event=event, address=address)) >= count, f"{count} times {event} of {address}")

    def test_one_of_two_is_stopped_restarted_and_drained_under_load_and_no_message_is_lost_or_doubled(self):
        first, second = "127.0.0.1:10025", "127.0.0.1:10035"
        with Load(6) as load:
            time.sleep(1)
            halt(self.first)
            self.wait_changes("backend.down", first, 2)
            time.sleep(1)
            self.first = Postfix().start()
            self.wait_changes("backend.up", first, 4)
            time.sleep(1)
            self.command("drain", f"main/{second}")
            self.wait_changes("backend.drained", second, 2)
            self.second.wait_idle()
            time.sleep(0.3)
            before = len(stored(self.second))
            time.sleep(1.5)
            self.assertEqual(len(stored(self.second)), before, "a drained server got mail")
            self.assertRegex(self.command("list"), rf"main/{first}  in service\nmain/{second}  drained\n")
            self.command("undrain", f"main/{second}")
            self.wait_changes("backend.undrained", second, 2)
            time.sleep(1)
        self.first.wait_idle()
        self.second.wait_idle()
        results, boxes = load.results(), stored(self.first, self.second)
        confirmed = [token for token, code in results.items() if code == 250]
        self.assertGreater(len(confirmed), 100)
        self.assertEqual([token for token in confirmed if token not in boxes], [], "lost")
        self.assertEqual([token for token, count in boxes.items() if count > 1], [], "doubled")
        refused = [token for token, code in results.items() if code != 250]
        unconfirmed = self.proxy.records(event="decision", action="unconfirmed")
        self.assertLessEqual(len([token for token in refused if token in boxes]), len(unconfirmed), "phantoms")
        self.assertEqual(len(refused), len(unconfirmed), "4xx for others than those past the dot")
        self.assertEqual(load.odd(), [])
        self.assertGreater(len(stored(self.second)), before, "an undrained server got no mail")

    def test_a_drain_outlives_a_restart(self):
        self.command("drain", "main/127.0.0.1:10025")
        self.proxy.stop()
        self.proxy.start()
        for _ in range(4):
            self.assertEqual(send(ADDRESS, message(subject=str(uuid.uuid4()))).code, 250)
        self.second.wait_idle()
        self.assertEqual(len(stored(self.second)), 4)
        self.assertEqual(stored(self.first), {})


def client_lines(postfix):
    """(process, client) of each message that Postfix took."""
    return re.findall(r"smtpd\[(\d+)\]: [0-9A-Za-z]+: client=([^,\n]*)", postfix.mail_log())


class Identity(unittest.TestCase):
    def setUp(self):
        World(self.addCleanup)

    def start(self, postfix, *backend, more=ACCEPT_ALL):
        fresh(postfix)
        self.addCleanup(postfix.stop)
        proxy = mailweir(["probe_interval: 1h", *backend], more=more).start()
        self.addCleanup(proxy.stop)
        return proxy

    def send_two(self, postfix):
        for source, helo in (("11.1.1.1", "one.example"), ("11.1.1.2", "two.example")):
            self.assertEqual(send(ADDRESS, message(subject=str(uuid.uuid4())), source=source, helo=helo).code, 250)
        postfix.wait_idle()
        return client_lines(postfix)

    def test_postfix_hears_of_each_client_by_xclient_which_it_takes_once_on_a_connection(self):
        postfix = Postfix()
        self.start(postfix, "address: 127.0.0.1:10025", "identity: xclient")
        self.assertEqual([client.partition("[")[2] for _, client in self.send_two(postfix)], ["11.1.1.1]", "11.1.1.2]"])
        self.assertNotIn("after XCLIENT", postfix.mail_log())

    def test_postfix_hears_of_the_client_by_the_proxy_protocol(self):
        postfix = Behind(xclient=False)
        self.start(postfix, "address: 127.0.0.1:10045", "identity: proxy")
        self.assertEqual([client.partition("[")[2] for _, client in self.send_two(postfix)], ["11.1.1.1]", "11.1.1.2]"])

    def test_postfix_sees_the_clients_own_address_and_workers_keep_no_other_power(self):
        postfix = Postfix(xclient=False)
        proxy = self.start(postfix, "address: 127.0.0.1:10025", "identity: transparent")
        self.assertEqual([client.partition("[")[2] for _, client in self.send_two(postfix)], ["11.1.1.1]", "11.1.1.2]"])
        for worker in proxy.children():
            self.assertEqual(int(status(worker)["CapEff"], 16), 1 << 12)
            self.assertEqual(int(status(worker)["CapPrm"], 16), 1 << 12)

    def test_workers_have_no_capabilities_otherwise(self):
        postfix = Postfix()
        proxy = self.start(postfix, "address: 127.0.0.1:10025")
        self.send_two(postfix)
        for worker in proxy.children():
            self.assertEqual(int(status(worker)["CapEff"], 16), 0)
            self.assertEqual(int(status(worker)["CapPrm"], 16), 0)

    def test_postfix_logs_each_client_by_xforward_on_one_connection(self):
        postfix = Postfix(xclient=False)
        postfix.settings = "smtpd_authorized_xforward_hosts = 127.0.0.0/8\n"
        postfix.configure()
        self.start(postfix, "address: 127.0.0.1:10025", "identity: xforward")
        lines = self.send_two(postfix)
        self.assertEqual(re.findall(r"orig_client=unknown\[(\S+?)\]", postfix.mail_log()), ["11.1.1.1", "11.1.1.2"])
        self.assertEqual(lines[0][0], lines[1][0])
        log = [line for line in postfix.mail_log().splitlines() if f"smtpd[{lines[0][0]}]" in line]
        taken = [i for i, line in enumerate(log) if " client=" in line]
        self.assertFalse([line for line in log[taken[0]:taken[1]] if "connect from" in line], "it was another connection")

    def check(self, proxy):
        done = subprocess.run([BINARY, "check", proxy.config], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stderr

    def test_check_warns_of_a_backend_that_would_not_hear_who_the_client_is(self):
        postfix = Postfix(xclient=False)
        warning = "127.0.0.1:10025 does not offer XCLIENT to us: it sees every client as this proxy"
        self.assertIn(warning, self.check(self.start(postfix, "address: 127.0.0.1:10025")))

    def test_check_has_nothing_to_say_of_a_backend_that_takes_xclient(self):
        self.assertNotIn("XCLIENT", self.check(self.start(Postfix(), "address: 127.0.0.1:10025")))

    def test_a_backend_behind_a_unix_socket(self):
        postfix = Behind()
        self.start(postfix, f"address: unix:{postfix.root}/queue/public/weir", "identity: none")
        self.assertEqual(len(self.send_two(postfix)), 2)

    def test_exim_takes_several_sessions_on_one_connection(self):
        exim = fresh(Exim())
        self.addCleanup(exim.stop)
        proxy = mailweir([f"address: {exim.address}:{exim.port}", "identity: none", "probe_interval: 1h"]).start()
        self.addCleanup(proxy.stop)
        contents = [message(body=b"%d\r\n" % number) for number in range(15)]
        for content in contents:
            self.assertEqual(send(ADDRESS, content).code, 250)
        wait_for(lambda: len(os.listdir(f"{exim.root}/mail/alice/new")) == 15, "all messages, without a queue run")

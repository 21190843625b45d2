"""What breaks around Mailweir: the backend, the spool disk, the resolver, the state store. Mail is never lost; service goes on."""
import os
import socket
import subprocess
import threading
import unittest

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from lab import space
from lab.client import Client, send
from lab.mail import junk, message
from lab.mailweir import ADDRESS, BINARY, HOSTNAME, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

ACCEPT_ALL = "policies: {inbound: {}}\n"


class Backend(unittest.TestCase):
    def setUp(self):
        World(self.addCleanup)

    def test_a_backend_that_is_down_gives_421_or_450_and_the_log_says_which_and_why(self):
        mailweir = Mailweir("127.0.0.1:10099", more=ACCEPT_ALL).start()
        self.addCleanup(mailweir.stop)
        with Client(ADDRESS) as client:
            if client.greeting.code == 220:
                replies = client.mail("anne@good.example", "alice@weir.example")
                self.assertIn(replies[-1].code, (421, 450))
                self.assertTrue(replies[-1].text.startswith("4.3.2 "), replies[-1])
            else:
                self.assertEqual(client.greeting.code, 421)
                self.assertTrue(client.greeting.text.startswith("4.3.2 "), client.greeting)
        mailweir.wait_record(event="backend.down", backend="main", address="127.0.0.1:10099", reason="Connection refused")

    def test_mail_flows_as_soon_as_the_backend_is_back(self):
        postfix = Postfix()
        mailweir = Mailweir(postfix, more=ACCEPT_ALL).start()
        self.addCleanup(mailweir.stop)
        self.assertNotEqual(self.attempt(), 250)
        postfix.start()
        self.addCleanup(postfix.stop)
        wait_for(lambda: self.attempt() == 250, "mail to flow again")
        postfix.boxes["alice"].take()

    @staticmethod
    def attempt():
        with Client(ADDRESS) as client:
            if client.greeting.code != 220:
                return client.greeting.code
            reply = client.mail("anne@good.example", "alice@weir.example")[-1]
            return client.content(message()).code if reply.code == 250 else reply.code


class Disk(unittest.TestCase):
    def setUp(self):
        World(self.addCleanup)
        self.postfix = Postfix().start()
        self.addCleanup(self.postfix.stop)

    def test_a_full_spool_disk_gives_452_and_service_goes_on(self):
        spool = space.directory(f"{space.ROOT}/small")
        space.sh(f"mount -t tmpfs -o size=1m,mode=777 small {spool}")
        self.addCleanup(space.sh, f"umount {spool}")
        mailweir = Mailweir(self.postfix, more=ACCEPT_ALL, spool=", memory_per_message: 64KiB")
        mailweir.write(mailweir_text(mailweir).replace(f"{mailweir.root}/spool", spool))
        mailweir.start()
        self.addCleanup(mailweir.stop)
        reply = send(ADDRESS, message(body=junk(3_000_000)))
        self.assertEqual(reply.code, 452, reply)
        self.postfix.boxes["alice"].assert_empty()
        small = message(body=junk(20_000))
        self.assertEqual(send(ADDRESS, small).code, 250)
        self.assertEqual(self.postfix.boxes["alice"].take().original(HOSTNAME), small)

    def test_a_damaged_state_store_is_made_anew(self):
        mailweir = Mailweir(self.postfix, more=ACCEPT_ALL)
        space.write(f"{mailweir.root}/state/state.lmdb", "no database\n" * 1000)
        space.sh(f"chown -R mailweir {mailweir.root}/state")
        mailweir.start()
        self.addCleanup(mailweir.stop)
        self.assertEqual(send(ADDRESS, message()).code, 250)
        self.postfix.boxes["alice"].take()
        mailweir.wait_record(event="state.recreated")


def mailweir_text(mailweir):
    with open(mailweir.config, encoding="utf-8") as file:
        return file.read()


class Resolver(unittest.TestCase):
    def test_a_silent_resolver_makes_temperrors_and_mail_is_not_lost(self):
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.1", 53))
        self.addCleanup(silent.close)
        postfix = Postfix().start()
        self.addCleanup(postfix.stop)
        mailweir = Mailweir(postfix, more=ACCEPT_ALL).start()
        self.addCleanup(mailweir.stop)
        self.assertEqual(send(ADDRESS, message()).code, 250)
        self.assertIn("spf=temperror", postfix.boxes["alice"].take().results(HOSTNAME))


class HalfSilentResolver:
    """Says nothing about names below slow.example; bank.example has a DMARC record; nothing else exists."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def stop(self):
        self.socket.sendto(b"", ("127.0.0.1", 53))
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            data, client = self.socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text().lower()
            if name.endswith("slow.example."):
                continue
            answer = dns.message.make_response(query, recursion_available=True)
            if name == "_dmarc.bank.example." and query.question[0].rdtype == dns.rdatatype.TXT:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=DMARC1; p=reject"'))
            elif not name.endswith("bank.example."):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self.socket.sendto(answer.to_wire(), client)


class Flood(unittest.TestCase):
    """Transactions begun and given up, each with lookups that nobody answers."""

    @staticmethod
    def flood(source):
        """Returns the replies to MAIL."""
        replies = []
        with Client(ADDRESS, source=source, helo="x.slow.example") as client:
            for turn in range(400):
                client.send(f"MAIL FROM:<a@m{turn}.slow.example>\r\nRSET\r\n".encode())
                replies.append(client.reply())
                if replies[-1].code in (0, 421):
                    break
                client.reply()
        return replies

    def test_one_host_that_floods_the_resolver_is_deferred_and_others_are_checked_as_ever(self):
        self.addCleanup(HalfSilentResolver().stop)
        postfix = Postfix().start()
        self.addCleanup(postfix.stop)
        mailweir = Mailweir(postfix).start()
        self.addCleanup(mailweir.stop)
        replies = [reply for host in range(1, 10) for reply in self.flood(f"11.1.7.{host}")]
        self.assertTrue(any(r.code == 451 and r.text.startswith("4.7.0 Too many lookups") for r in replies), replies[-3:])
        mailweir.wait_record(stage="mail", action="tempfail", code="451", error="too many lookups of this network")
        spoof = message().replace(b"good.example", b"bank.example")
        reply = send(ADDRESS, spoof, source="11.1.1.1", helo="other.example")
        self.assertEqual(reply.code, 550, reply)
        postfix.boxes["alice"].assert_empty()


class Configuration(unittest.TestCase):
    def run_with(self, text):
        mailweir = Mailweir("127.0.0.1:10025")
        mailweir.write(text)
        done = subprocess.run([BINARY, "run", "-c", mailweir.config], capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_a_mistyped_key_ends_with_78_and_a_hint(self):
        code, output = self.run_with("hostname: mx.weir.example\nlisteners: [\"11.1.0.1:25\"]\nbackend:\n  main: 127.0.0.1:10025\n")
        self.assertEqual(code, 78)
        self.assertRegex(output, r"mailweir\.yaml:3:1: .*did you mean.*backends")

    def test_the_examples_are_complete_configurations(self):
        for backend in ("postfix", "exim"):
            path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"../../examples/{backend}/mailweir.yaml")
            done = subprocess.run([BINARY, "check", path], capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_missing_file_ends_with_78_and_its_name(self):
        done = subprocess.run([BINARY, "run", "-c", "/nonexistent.yaml"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 78)
        self.assertIn("/nonexistent.yaml", done.stdout + done.stderr)

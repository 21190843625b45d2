"""No mixture of CR, LF, dot and NUL but CRLF.CRLF ends a message, whatever the real backend behind would make of it."""
import unittest

from lab.client import Client
from lab.exim import Exim
from lab.mailweir import ADDRESS, Mailweir
from lab.postfix import Postfix
from lab.zones import World

ENDS = [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n.\x00\r\n", b"\r\n\x00.\r\n",
        b"\r\n.\r\r\n", b"\n\n.\n\n", b"\r\n.\x00\n"]
FIRST = b"From: <a@good.example>\r\nSubject: first\r\n\r\nfirst"
SECOND = b"MAIL FROM:<a@good.example>\r\nRCPT TO:<bob@weir.example>\r\nDATA\r\nSubject: second\r\n\r\nsmuggled\r\n.\r\n"


class Smuggling:
    """What holds for every backend."""

    def setUp(self):
        World(self.addCleanup)
        self.backend = self.make_backend().start()
        self.addCleanup(self.backend.stop)

    def start(self, mode):
        mailweir = Mailweir(self.backend, more=f"limits: {{bare_newline: {mode}}}\npolicies: {{inbound: {{}}}}\n").start()
        self.addCleanup(mailweir.stop)

    def replies(self, end):
        """The reply to the message, and the one to what follows it."""
        with Client(ADDRESS) as client:
            client.mail("a@good.example", "alice@weir.example")
            client.command("DATA")
            client.send(FIRST + end + SECOND)
            return client.reply(), client.command("NOOP this is all")

    def test_each_variant_is_refused_and_nothing_is_delivered(self):
        self.start("reject")
        for end in ENDS:
            with self.subTest(end):
                message, after = self.replies(end)
                self.assertEqual((message.code // 100, after.code), (5, 250))
        self.backend.boxes["alice"].assert_empty()
        self.backend.boxes["bob"].assert_empty()

    def test_each_variant_made_harmless_is_at_most_one_message(self):
        self.start("normalize")
        for end in ENDS:
            with self.subTest(end):
                message, after = self.replies(end)
                self.assertEqual(after.code, 250)
                if message.code == 250:
                    self.assertIn(b"smuggled", self.backend.boxes["alice"].take().rest)
                self.backend.boxes["alice"].assert_empty()
                self.backend.boxes["bob"].assert_empty()


class AtPostfix(Smuggling, unittest.TestCase):
    make_backend = Postfix


class AtExim(Smuggling, unittest.TestCase):
    make_backend = Exim

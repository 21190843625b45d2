"""Accepted mail arrives byte for byte at a real Postfix and at a real Exim, and their own answers reach the client."""
import unittest

from lab.client import Client, send
from lab.exim import Exim
from lab.mail import junk, message
from lab.maildir import digest, name_of
from lab.mailweir import ADDRESS, HOSTNAME, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

ACCEPT_ALL = "policies: {inbound: {}}\n"
MESSAGES = {
    "nothing at all": b"",
    "header fields only": message(body=b"")[:-2],
    "an empty body": message(body=b""),
    "a body of one byte": message(body=b"x\r\n"),
    "4 KB": message(body=junk(4096)),
    "100 KB": message(body=junk(100_000)),
    "5 MB, more than the spool keeps in memory": message(body=junk(5_000_000)),
    "a line of 20,000 bytes": message(body=b"x" * 20_000 + b"\r\n"),
    "eight-bit text": message(body=bytes(range(128, 256)) + b"\r\n" + "Grüße\r\n".encode()),
    "lines that begin with dots": message(body=b".\r\n..\r\n. \r\n.x\r\n\r\n..\r\n"),
    "empty lines at the end": message(body=b"text\r\n\r\n\r\n\r\n"),
    "blanks and tabs at line ends": message(body=b"a \t\r\n \r\n\t\r\n"),
    "a folded subject, a long field and odd spelling": message(
        extra=b"X-Folded: one\r\n\ttwo\r\n  three\r\nx-odd:  kept \r\nX-Long: " + b"y" * 5000 + b"\r\nX-Empty:\r\n"),
}


class Delivery:
    """What holds for every backend."""

    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.backend = cls.make_backend().start()
        cls.addClassCleanup(cls.backend.stop)
        cls.mailweir = Mailweir(cls.backend, more=ACCEPT_ALL, spool=", memory_per_message: 256KiB").start()
        cls.addClassCleanup(cls.mailweir.stop)
        cls.alice, cls.bob = cls.backend.boxes["alice"], cls.backend.boxes["bob"]

    def test_every_message_arrives_byte_for_byte(self):
        for what, content in MESSAGES.items():
            with self.subTest(what):
                reply = send(ADDRESS, content)
                self.assertEqual(reply.code, 250, reply)
                self.assertEqual(digest(self.alice.take().original(HOSTNAME)), digest(content + self.added_by_backend(content)))

    def test_our_trace_fields_stand_on_top(self):
        self.assertEqual(send(ADDRESS, message()).code, 250)
        added = self.alice.take().added(HOSTNAME)
        self.assertEqual([name_of(field) for field in added], ["received", "authentication-results"])
        self.assertIn(b"from client.example ([11.1.1.1])", added[0])
        self.assertIn(b"for <alice@weir.example>", added[0])

    def test_several_messages_in_one_session_do_not_mix(self):
        contents = [message(body=f"number {n}\r\n".encode()) for n in range(5)]
        with Client(ADDRESS) as client:
            for content in contents:
                client.mail("anne@good.example", "bob@weir.example")
                self.assertEqual(client.content(content).code, 250)
                self.assertEqual(self.bob.take().original(HOSTNAME), content)

    def test_both_recipients_get_the_same_message(self):
        content = message(body=junk(3000))
        self.assertEqual(send(ADDRESS, content, recipients=("alice@weir.example", "bob@weir.example")).code, 250)
        alice, bob = self.alice.take(), self.bob.take()
        self.assertEqual(alice.original(HOSTNAME), content)
        self.assertEqual(bob.original(HOSTNAME), content)
        self.assertNotIn(b"for <", alice.added(HOSTNAME)[1])

    def test_a_refused_recipient_does_not_harm_the_accepted_one(self):
        content = message()
        with Client(ADDRESS) as client:
            codes = [reply.code for reply in client.mail("anne@good.example", "nosuch@weir.example", "bob@weir.example")]
            self.assertEqual(codes, [250, 550, 250])
            self.assertEqual(client.content(content).code, 250)
        self.assertEqual(self.bob.take().original(HOSTNAME), content)
        self.alice.assert_empty()

    def test_the_backends_refusal_is_relayed_word_for_word(self):
        with Client(self.backend.address, self.backend.port, source="127.0.0.1") as direct:
            said = direct.mail("anne@good.example", "nosuch@weir.example")[1]
        with Client(ADDRESS) as client:
            relayed = client.mail("anne@good.example", "nosuch@weir.example")[1]
        self.assertEqual(said.code, 550)
        self.assertEqual((relayed.code, relayed.lines[0].removeprefix("5.1.1 ")), (said.code, said.lines[0].removeprefix("5.1.1 ")))

    def test_a_client_that_leaves_before_the_final_dot_leaves_no_message(self):
        with Client(ADDRESS) as client:
            client.mail("anne@good.example", "alice@weir.example")
            self.assertEqual(client.command("DATA").code, 354)
            client.send(message(body=junk(50_000)))
        self.assertEqual(send(ADDRESS, message(), recipients=("bob@weir.example",)).code, 250)
        self.bob.take()
        self.alice.assert_empty()


class ToPostfix(Delivery, unittest.TestCase):
    make_backend = Postfix

    @staticmethod
    def added_by_backend(_content):
        return b""

    def test_postfix_sees_the_clients_own_address_and_name(self):
        self.assertEqual(send(ADDRESS, message(), source="11.1.77.5", helo="seen.example").code, 250)
        received = self.alice.take().named("Received")[0]
        self.assertIn(b"from seen.example (", received)
        self.assertIn(b"[11.1.77.5]", received)
        self.assertIn("client=unknown[11.1.77.5]", self.backend.mail_log())

    def test_the_log_names_the_backends_queue_id(self):
        reply = send(ADDRESS, message())
        self.alice.take()
        queue_id = reply.text.rsplit(" ", maxsplit=1)[-1]
        wait_for(lambda: f" {queue_id}: from=<anne@good.example>" in self.backend.mail_log(), f"{queue_id} in the backend's log")
        wait_for(lambda: queue_id in self.mailweir.log_text(), f"{queue_id} in the log")

    def test_a_temporary_refusal_of_one_recipient_is_relayed(self):
        with Client(ADDRESS) as client:
            reply = client.mail("anne@good.example", "busy@weir.example")[1]
        self.assertEqual(reply.code, 450)
        self.assertIn("Mailbox is busy", reply.text)
        self.assertTrue(reply.text.startswith("4.2.1 "), reply)

    def test_an_xclient_of_the_clients_own_has_no_effect(self):
        with Client(ADDRESS, source="11.1.77.6") as client:
            self.assertGreaterEqual(client.command("XCLIENT ADDR=11.1.99.99").code, 500)
            client.mail("anne@good.example", "alice@weir.example")
            self.assertEqual(client.content(message()).code, 250)
        self.assertIn(b"[11.1.77.6]", self.alice.take().named("Received")[0])
        self.assertNotIn("11.1.99.99", self.backend.mail_log())


class ToExim(Delivery, unittest.TestCase):
    make_backend = Exim

    @staticmethod
    def added_by_backend(content):
        """Exim ends a header section that lacks its empty line."""
        return b"" if b"\r\n\r\n" in content else b"\r\n"


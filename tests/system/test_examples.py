"""The examples for Postfix and Exim as they are printed: both families are served, and nobody outside may relay."""
import unittest

from lab.client import Client
from lab.exim import Exim
from lab.mailweir import ADDRESS, Mailweir
from lab.postfix import Postfix
from lab.zones import World

ELSEWHERE = "victim@elsewhere.example"


class Example:
    """What holds for every backend."""

    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.backend = cls.make_backend().start()
        cls.addClassCleanup(cls.backend.stop)
        cls.mailweir = Mailweir(cls.backend)
        cls.mailweir.write_example(cls.backend.name)
        cls.mailweir.start()
        cls.addClassCleanup(cls.mailweir.stop)
        cls.mailweir.wait_record(event="backend.up")

    def codes(self, *recipients, **client):
        with Client(**client) as session:
            return [reply.code for reply in session.mail("anne@good.example", *recipients)][1:]

    def test_an_outsider_reaches_our_users_and_nobody_else(self):
        self.assertEqual(self.codes("alice@weir.example", "nosuch@weir.example", ELSEWHERE, address=ADDRESS), [250, 550, self.refused])

    def test_the_backend_itself_trusts_this_machine_no_more_than_the_example_says(self):
        self.assertEqual(self.codes(ELSEWHERE, address="127.0.0.1", port=10025, source="127.0.0.1"), [self.direct])

    def test_ipv6_is_served(self):
        self.assertEqual(self.codes("alice@weir.example", address="::1", source="::1"), [250])


class BeforePostfix(Example, unittest.TestCase):
    """Its mynetworks has 127.0.0.0/8, as Debian's has."""
    make_backend = staticmethod(Postfix)
    refused, direct = 554, 250


class BeforeExim(Example, unittest.TestCase):
    make_backend = staticmethod(Exim)
    refused, direct = 550, 550


class WithoutXclient(unittest.TestCase):
    def test_postfix_that_was_not_told_to_take_xclient_gets_no_mail_at_all(self):
        World(self.addCleanup)
        backend = Postfix(xclient=False).start()
        self.addCleanup(backend.stop)
        mailweir = Mailweir(backend)
        mailweir.write_example("postfix")
        mailweir.start()
        self.addCleanup(mailweir.stop)
        self.assertIn("XCLIENT", mailweir.wait_record(event="backend.down")["reason"])
        with Client(ADDRESS) as session:
            replies = session.mail("anne@good.example", ELSEWHERE) if session.greeting.code == 220 else [session.greeting]
        self.assertEqual(replies[-1].code // 100, 4, replies)

"""Rate limits hold across sessions and restarts."""
import unittest

from lab.client import Client
from lab.mailweir import ADDRESS, Mailweir
from lab.postfix import Postfix
from lab.zones import World

LIMITS = """
filters:
  rate_limit:
    limits:
      per_ip: {key: client.ip, rate: 3/1h}
policies:
  inbound:
    rcpt:
      - rule: slow down
        when: {rate.per_ip: over}
        do: tempfail
        reply: "451 4.7.1 Rate limit, try again in {rate.retry_after} seconds"
"""


class RateLimit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.postfix = Postfix().start()
        cls.addClassCleanup(cls.postfix.stop)

    def setUp(self):
        self.mailweir = Mailweir(self.postfix, more=LIMITS, workers=2).start()
        self.addCleanup(lambda: self.mailweir.stop())

    @staticmethod
    def ask(source):
        """The reply to one recipient in a session of its own."""
        with Client(ADDRESS, source=source) as client:
            return client.mail("anne@good.example", "alice@weir.example")[-1]

    def test_the_fourth_of_one_address_is_deferred_and_other_addresses_are_not(self):
        self.assertEqual([self.ask("11.1.2.1").code for _ in range(4)], [250, 250, 250, 451])
        self.assertEqual(self.ask("11.1.2.2").code, 250)

    def test_the_reply_says_when_to_come_back(self):
        last = [self.ask("11.1.2.3") for _ in range(4)][-1]
        self.assertRegex(last.text, r"^4\.7\.1 Rate limit, try again in 1[12]\d\d seconds$")

    def test_a_limit_survives_a_restart(self):
        for _ in range(3):
            self.assertEqual(self.ask("11.1.2.4").code, 250)
        self.mailweir.stop()
        self.mailweir.start()
        self.assertEqual(self.ask("11.1.2.4").code, 451)

"""Open relay patterns, as scanners try them, against Mailweir before a real Postfix that trusts the proxy's address: nothing is relayed."""
import unittest

from lab.client import Client
from lab.mail import message
from lab.mailweir import ADDRESS, HOSTNAME, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

US, THEM = "weir.example", "elsewhere.example"
SENDERS = ("", f"root@{THEM}", f"root@{US}", f"root@{HOSTNAME}", "root@localhost", f"root@[{ADDRESS}]", "root@[127.0.0.1]",
           "root@backend.example", "MAILER-DAEMON@localhost")
RECIPIENTS = (
    "{user}@{them}",
    '"{user}@{them}"',
    '"{user}%{them}"',
    "{user}%{them}@{us}",
    "{user}%{them}@[{address}]",
    "{user}%{them}@[127.0.0.1]",
    "{user}%{them}@localhost",
    "{user}%{them}@backend.example",
    "{user}%{them}@{host}",
    '"{user}@{them}"@{us}',
    '"{user}@{them}"@[{address}]',
    '"{user}@{them}"@localhost',
    '"{user}%{them}"@{us}',
    "{user}@{them}@{us}",
    "{user}@{them}@[{address}]",
    "@{us}:{user}@{them}",
    "@localhost:{user}@{them}",
    "@[{address}]:{user}@{them}",
    "@{us},@{host}:{user}@{them}",
    "{them}!{user}",
    "{them}!{user}@{us}",
    "{them}!{user}@[{address}]",
    "{us}!{them}!{user}",
    "{us}!{user}%{them}",
    "{us}!{user}@{them}",
    "{user}%{them}%{us}",
    "{user}%{them}%{us}@localhost",
    "{user}@{them}.",
    "{user}@[192.0.2.99]",
    "{user}@[IPv6:2001:db8::99]",
    "{user}+{us}@{them}",
    "{user}@{us}@{them}",
    "{user}@{us}%{them}",
    '"{user}"@{them}',
    "{user}@{them} ",
    "{user}({us})@{them}",
    "\\{user}@{them}",
    "{user}@{us}\0@{them}",
)


class OpenRelay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.postfix = Postfix().start()
        cls.addClassCleanup(cls.postfix.stop)
        cls.mailweir = Mailweir(cls.postfix, more="policies: {inbound: {}}\n").start()
        cls.addClassCleanup(cls.mailweir.stop)

    def attempt(self, sender, recipient):
        """The code of the first reply that refuses; 250 if the message is taken."""
        with Client(ADDRESS) as client:
            for line in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
                client.send(line.encode() + b"\r\n")
                reply = client.reply()
                if reply.code != 250:
                    return reply.code
            return client.content(message()).code

    def test_no_pattern_relays_whoever_it_claims_to_be_from(self):
        values = {"user": "relaytest", "them": THEM, "us": US, "address": ADDRESS, "host": HOSTNAME}
        taken = []
        for pattern in RECIPIENTS:
            recipient = pattern.format(**values)
            for sender in SENDERS:
                if self.attempt(sender, recipient) // 100 not in (4, 5):
                    taken.append((sender, recipient))
        self.assertEqual(taken, [])
        self.assertTrue(self.postfix.idle())
        self.assertNotIn("relay=", self.postfix.mail_log())

    def test_the_same_way_leads_to_our_own_users(self):
        self.assertEqual(self.attempt(f"root@{THEM}", f"alice@{US}"), 250)
        wait_for(lambda: self.postfix.boxes["alice"].take(), "the message")

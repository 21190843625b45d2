"""What a policy does with mail that it lets pass: redirected, quarantined, copied, changed, split, before a real Postfix."""
import unittest

from lab.client import Client, send
from lab.mail import message
from lab.mailweir import ADDRESS, HOSTNAME, Mailweir
from lab.maildir import name_of
from lab.postfix import Postfix, Sender
from lab.server import wait_for
from lab.zones import World

POLICIES = """
listeners:
  - address: "{address}:25"
    recipients:
      - {{rcpt: bob@weir.example, policy: careful}}
lists:
  roles: [sales@weir.example, info@weir.example]
policies:
  inbound:
    rcpt:
      - {{rule: roles, when: {{rcpt: {{in: roles}}}}, do: redirect, to: alice@weir.example}}
      - {{rule: journal, when: {{mail_from.local: watched}}, do: add_recipient, to: archive@weir.example}}
    data:
      - {{rule: strip, do: remove_header, names: [X-Remove-*]}}
      - {{rule: copies, when: {{header.Subject: copy}}, do: add_recipient, to: archive@weir.example}}
      - {{rule: lost, when: {{header.Subject: lost}}, do: redirect, to: nosuch@weir.example}}
      - {{rule: moved, when: {{header.Subject: moved}}, do: redirect, to: archive@weir.example}}
      - {{rule: doubt, when: {{header.Subject: doubt}}, do: quarantine, to: quarantine@weir.example}}
  careful:
    data:
      - {{rule: outside, do: subject_tag, text: "[OUTSIDE] "}}
""".format(address=ADDRESS)
BOXES = ("alice", "bob", "archive", "quarantine")


class Actions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.postfix = Postfix(mailboxes=BOXES).start()
        cls.addClassCleanup(cls.postfix.stop)
        cls.mailweir = Mailweir(cls.postfix)
        cls.mailweir.write(open_config(cls.mailweir))
        cls.mailweir.start()
        cls.addClassCleanup(cls.mailweir.stop)
        cls.boxes = cls.postfix.boxes

    def tearDown(self):
        for box in self.boxes.values():
            box.assert_empty()

    def test_a_quarantined_message_reaches_the_quarantine_alone_and_tells_whom_it_was_for(self):
        content = message(subject="doubt")
        reply = send(ADDRESS, content, recipients=("alice@weir.example", "archive@weir.example"))
        self.assertEqual(reply.code, 250, reply)
        delivered = self.boxes["quarantine"].take()
        self.assertTrue(delivered.from_proxy().endswith(content))
        self.assertEqual(delivered.named("X-Mailweir-Quarantine"), [b"X-Mailweir-Quarantine: doubt\r\n"])
        self.assertEqual(delivered.named("X-Mailweir-Original-To"),
                         [b"X-Mailweir-Original-To: <alice@weir.example>,\r\n\t<archive@weir.example>\r\n"])
        self.mailweir.wait_record(event="decision", action="quarantine", rule="doubt",
                                  **{"delivered.to": "<quarantine@weir.example>"})

    def test_a_redirected_message_reaches_the_other_mailbox_alone(self):
        content = message(subject="moved")
        self.assertEqual(send(ADDRESS, content).code, 250)
        self.assertTrue(self.boxes["archive"].take().from_proxy().endswith(content))

    def test_redirected_recipients_reach_the_other_mailbox_once_beside_the_rest(self):
        content = message()
        reply = send(ADDRESS, content, recipients=("sales@weir.example", "archive@weir.example", "info@weir.example"))
        self.assertEqual(reply.code, 250, reply)
        self.assertEqual(self.boxes["alice"].take().original(HOSTNAME), content)
        self.assertEqual(self.boxes["archive"].take().original(HOSTNAME), content)

    def test_an_added_recipient_gets_the_message_too(self):
        for sender, subject in (("watched@good.example", "plain"), ("anne@good.example", "copy")):
            with self.subTest(subject):
                content = message(sender=sender, subject=subject)
                self.assertEqual(send(ADDRESS, content, sender=sender).code, 250)
                self.assertEqual(self.boxes["alice"].take().original(HOSTNAME), content)
                self.assertEqual(self.boxes["archive"].take().original(HOSTNAME), content)

    def test_a_mailbox_of_the_policy_that_does_not_exist_keeps_the_mail_with_its_sender(self):
        reply = send(ADDRESS, message(subject="lost"))
        self.assertEqual(reply.code, 451, reply)
        self.assertNotIn("nosuch", reply.text)
        record = self.mailweir.wait_record(event="decision", rule="lost", action="tempfail")
        self.assertIn("nosuch@weir.example", record["error"])

    def test_removed_fields_are_gone_and_the_rest_is_as_it_was(self):
        content = message(extra=b"X-Remove-Me: 1\r\n two\r\nX-Keep: x\r\n")
        self.assertEqual(send(ADDRESS, content).code, 250)
        self.assertEqual(self.boxes["alice"].take().original(HOSTNAME), content.replace(b"X-Remove-Me: 1\r\n two\r\n", b""))

    def test_recipients_of_different_policies_all_get_it_each_under_its_own(self):
        content = message(subject="hello")
        waiting = ["alice@weir.example", "bob@weir.example", "archive@weir.example"]
        with Client(ADDRESS) as client:
            while waiting:
                replies = client.mail("anne@good.example", *waiting)[1:]
                self.assertEqual(replies[0].code, 250, replies)
                self.assertEqual(client.content(content).code, 250)
                waiting = [rcpt for rcpt, reply in zip(waiting, replies) if reply.code == 452]
        self.check_split(content)

    def test_a_real_postfix_as_sender_brings_them_one_after_the_other(self):
        sender = Sender(ADDRESS).start()
        self.addCleanup(sender.stop)
        content = message(subject="hello")
        reply = send("127.0.0.1", content, recipients=("alice@weir.example", "bob@weir.example", "archive@weir.example"),
                     port=sender.port, source="127.0.0.1")
        self.assertEqual(reply.code, 250, reply)
        wait_for(sender.has_sent, "the sender's queue to be empty")
        self.check_split(content)

    def check_split(self, content):
        for name, subject in (("alice", b"Subject: hello\r\n"), ("archive", b"Subject: hello\r\n"), ("bob", b"Subject: [OUTSIDE] hello\r\n")):
            delivered = self.boxes[name].take()
            self.assertEqual([field for field in delivered.fields if name_of(field) == "subject"], [subject])
            self.assertTrue(delivered.content.endswith(content.split(b"\r\n\r\n", 1)[1]))


def open_config(mailweir):
    """The lab's configuration with listeners of our own."""
    with open(mailweir.config, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("listeners:")]
    return "".join(lines) + POLICIES

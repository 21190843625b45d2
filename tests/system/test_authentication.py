"""SPF, DKIM and DMARC of real mail over a real, DNSSEC-signed DNS; forged results; refusals by policy."""
import unittest

from lab.client import send
from lab.mail import Ed25519Key, junk, message
from lab.mailweir import ADDRESS, HOSTNAME, PAIR, Mailweir
from lab.postfix import Postfix
from lab.zones import GOOD, STRANGER, World

POLICY = """
policies:
  inbound:
    rcpt:
      - rule: spf of the strict one
        when: {mail_from.domain: news.good.example, spf: fail}
        do: reject
        reply: "550 5.7.23 {client.ip} may not send for {mail_from.domain}"
    data:
      - rule: dmarc asks for it
        when: {dmarc: fail, dmarc.policy: reject}
        do: reject
        reply: "550 5.7.1 DMARC policy of {from.domain}"
"""


def setUpModule():
    global world, postfix, mailweir, inbox
    world = World(unittest.addModuleCleanup)
    postfix = Postfix().start()
    unittest.addModuleCleanup(postfix.stop)
    inbox = postfix.boxes["alice"]
    mailweir = Mailweir(postfix, more=POLICY, dns=f'  trust_anchor: "{world.server.trust_anchor}"').start()
    unittest.addModuleCleanup(mailweir.stop)


class Authentication(unittest.TestCase):
    def results(self, content, source=GOOD, sender="anne@good.example", **client):
        """Sends a message that must be accepted; returns our Authentication-Results."""
        reply = send(ADDRESS, content, sender=sender, source=source, **client)
        self.assertEqual(reply.code, 250, reply)
        delivered = inbox.take()
        self.assertEqual(delivered.original(HOSTNAME), content)
        return delivered.results(HOSTNAME)

    def assert_refused(self, code, text, content, **how):
        reply = send(ADDRESS, content, **how)
        self.assertEqual((reply.code, reply.text), (code, text))
        inbox.assert_empty()

    def test_mail_signed_by_opendkim_passes_everything(self):
        found = self.results(world.rsa.sign_opendkim(message()))
        for part in ("spf=pass", "smtp.mailfrom=", "dkim=pass", "header.d=good.example", "header.s=rsa", "dmarc=pass", "header.from=good.example"):
            self.assertIn(part, found)

    def test_rsa_and_ed25519_signatures_of_dkimpy_pass_each(self):
        found = self.results(world.ed.sign_dkimpy(world.rsa.sign_dkimpy(message())))
        self.assertEqual(found.count("dkim=pass"), 2, found)
        self.assertIn("header.s=ed", found)
        self.assertIn("header.s=rsa", found)

    def test_a_large_signed_message_passes(self):
        self.assertIn("dkim=pass", self.results(world.rsa.sign_opendkim(message(body=junk(2_000_000)))))

    def test_an_rsa_sha1_signature_does_not_count(self):
        found = self.results(world.rsa.sign_sha1(message()))
        self.assertNotIn("dkim=pass", found)
        self.assertIn("dkim=", found)

    def test_a_changed_body_fails_dkim_and_spf_still_carries_dmarc(self):
        content = world.rsa.sign_opendkim(message()).replace(b"Hello.", b"Hallo.")
        found = self.results(content)
        self.assertIn("dkim=fail", found)
        self.assertIn("dmarc=pass", found)

    def test_unsigned_mail_from_a_stranger_is_refused_at_data_and_nothing_is_delivered(self):
        self.assert_refused(550, "5.7.1 DMARC policy of good.example", message(), source=STRANGER)
        mailweir.wait_record(rule="dmarc asks for it", action="reject")

    def test_a_broken_signature_from_a_stranger_is_refused_at_data(self):
        content = world.rsa.sign_opendkim(message()).replace(b"Hello.", b"Send money.")
        self.assert_refused(550, "5.7.1 DMARC policy of good.example", content, source=STRANGER)

    def test_a_good_signature_carries_forwarded_mail_through_a_stranger(self):
        found = self.results(world.rsa.sign_opendkim(message()), source=STRANGER)
        self.assertIn("spf=fail", found)
        self.assertIn("dmarc=pass", found)

    def test_spf_fail_is_refused_at_rcpt_with_the_rules_reply(self):
        self.assert_refused(550, f"5.7.23 {STRANGER} may not send for news.good.example", message(), sender="x@news.good.example",
                            source=STRANGER)

    def test_spf_softfail_and_none_are_told_apart(self):
        self.assertIn("spf=softfail", self.results(message(sender="x@plain.example"), STRANGER, "x@plain.example"))
        self.assertIn("spf=none", self.results(message(sender="x@empty.example"), STRANGER, "x@empty.example"))

    def test_a_record_that_includes_itself_is_a_permerror(self):
        self.assertIn("spf=permerror", self.results(message(sender="x@loop.example"), GOOD, "x@loop.example"))

    def test_the_null_sender_is_judged_by_its_helo_name(self):
        content = message(sender="x@plain.example")
        self.assertIn("spf=pass", self.results(content, GOOD, "", helo="good.example"))
        self.assertIn("spf=fail", self.results(content, STRANGER, "", helo="good.example"))

    def test_keys_behind_aliases_are_found_within_and_across_signed_zones(self):
        for selector in ("near", "far"):
            with self.subTest(selector=selector):
                signer = Ed25519Key("good.example", selector)
                signer.key = world.ed.key
                self.assertIn(f"dkim=pass header.d=good.example header.s={selector}", self.results(signer.sign_dkimpy(message())))

    def test_bogus_dnssec_data_is_a_temperror_never_a_verdict(self):
        content = world.bogus_key.sign_opendkim(message(sender="x@bogus.example"))
        found = self.results(content, GOOD, "x@bogus.example")
        for method in ("spf", "dkim", "dmarc"):
            self.assertIn(f"{method}=temperror", found)

    def test_forged_results_with_our_name_are_removed_and_others_kept(self):
        content = message()
        forged = (b"Authentication-Results: " + HOSTNAME.encode() + b"; spf=pass smtp.mailfrom=bank.example\r\n"
                  b"authentication-results: (forged) MX.weir.example 1;\r\n\tdkim=pass header.d=bank.example\r\n")
        other = b"Authentication-Results: mx.elsewhere.example; spf=fail\r\n"
        reply = send(ADDRESS, forged + other + content, source=GOOD)
        self.assertEqual(reply.code, 250, reply)
        delivered = inbox.take()
        self.assertEqual(delivered.original(HOSTNAME), other + content)
        self.assertNotIn(b"bank.example", delivered.content)

    def test_twenty_forged_results_are_all_removed(self):
        forged = b"Authentication-Results: " + HOSTNAME.encode() + b"; dmarc=pass header.from=bank.example\r\n"
        content = message()
        self.assertEqual(send(ADDRESS, forged * 10 + content.replace(b"\r\n\r\n", b"\r\n" + forged * 10 + b"\r\n", 1), source=GOOD).code, 250)
        self.assertEqual(inbox.take().original(HOSTNAME), content)

    def test_the_decision_line_tells_every_verdict(self):
        send(ADDRESS, message(sender="x@plain.example"), sender="x@plain.example", source=STRANGER)
        inbox.take()
        line = mailweir.wait_record(event="decision", stage="data", spf="softfail", **{"client.ip": STRANGER})
        self.assertEqual((line["dkim"], line["dmarc"]), ("none", "none"))

    def test_every_log_line_parses_and_holds_no_key_twice(self):
        send(ADDRESS, message(subject='"quoted" \\ and = signs'), helo="odd.example", source=GOOD)
        inbox.take()
        for line in mailweir.log_text().splitlines():
            self.assertEqual(PAIR.sub("", line).strip(), "", line)
            keys = [match[0] for match in PAIR.findall(line)]
            self.assertEqual(sorted(keys), sorted(set(keys)), line)

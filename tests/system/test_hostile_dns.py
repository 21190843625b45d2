"""Zones that lie, loop, flood or fall silent: what one message may cost is bounded, and nobody else's verdict changes.

RELIABILITY: at most 10 SPF terms, 2 voids and 40 queries for one message, counted at the name server that Mailweir asks: each name
and type once, since a question sent again because no answer came is the same query."""
import base64
import hashlib
import struct
import time
import unittest

import dns.rcode

from lab.client import send
from lab.dns import texts
from lab.hostile_dns import SILENCE, HostileServer, other_ident, wire_name
from lab.mail import Ed25519Key, message
from lab.mailweir import ADDRESS, Mailweir
from lab.postfix import Postfix

BUDGET = 40  # dns.queries_per_message
LONGEST = 10000  # milliseconds from MAIL to the decision
GOOD, STRANGER = "11.1.1.1", "11.1.66.66"
REVERSE = "66.66.1.11.in-addr.arpa"
ANSWERED_WITHIN = 20  # seconds without a reply, after which the client gives up: several filter timeouts, for slow machines too
MORE = """
filters:
  iprev: {enabled: true, timeout: 2s}
  spf: {timeout: 2s}
  dkim: {timeout: 2s}
  dmarc: {timeout: 2s}
policies:
  inbound:
    data:
      - rule: dmarc asks for it
        when: {dmarc: fail, dmarc.policy: reject}
        do: reject
        reply: "550 5.7.1 DMARC policy of {from.domain}"
"""


def setUpModule():
    global server, mailweir, inbox, key
    server = HostileServer().start()
    unittest.addModuleCleanup(server.stop)
    postfix = Postfix().start()
    unittest.addModuleCleanup(postfix.stop)
    inbox = postfix.boxes["alice"]
    key = Ed25519Key("good.example")
    server.zone("good.example", good_zone)
    server.text("bank.example", "v=spf1 -all")
    server.text("_dmarc.bank.example", "v=DMARC1; p=reject")
    mailweir = Mailweir(postfix, more=MORE, dns_timeout="1s").start()
    unittest.addModuleCleanup(mailweir.stop)


def good_zone(question):
    """Every name below good.example is an honest sender, so that each test can take one that no cache knows."""
    if question.type != "TXT":
        return question.reply()
    if question.name.startswith("_dmarc."):
        return question.answer(("TXT", '"v=DMARC1; p=reject"'))
    return question.answer(("TXT", f'"v=spf1 ip4:{GOOD} -all"'))


def decision(sender):
    return mailweir.wait_record(event="decision", stage="data", **{"from": f"<{sender}>"})


def forged(domain, selector, body=b"Hello.\r\n"):
    """A signature whose body hash is right and whose key has to be looked up; nobody made it."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return (f"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d={domain}; s={selector}; h=from;\r\n"
            f"\tbh={digest}; b={base64.b64encode(bytes(64)).decode()}\r\n").encode()


class Hostile(unittest.TestCase):
    """One hostile message each; then an honest one, whose names nobody has asked for yet."""

    def judge(self, domain, content=None, code=250, helo=None, source=STRANGER):
        """Sends a message of that domain and returns its line in the decision log."""
        before, sender = server.asked(), f"mallory@{domain}"
        reply = send(ADDRESS, content or message(sender=sender), sender=sender, source=source, helo=helo or "client." + domain[-200:],
                     timeout=ANSWERED_WITHIN)
        self.assertEqual(reply.code, code, reply)
        line = decision(sender)
        if code == 250:
            inbox.take()
        self.assert_honest_mail_passes()
        self.assertEqual(server.errors, [])
        self.assertLess(int(line["ms"]), LONGEST)
        self.names = {(name, kind) for name, kind in server.asked() - before if not name.endswith("good.example")}
        self.assertLessEqual(len(self.names), BUDGET, sorted(self.names))
        return line

    def assert_honest_mail_passes(self):
        domain = f"h{time.monotonic_ns()}.good.example"
        reply = send(ADDRESS, message(sender=f"anne@{domain}"), sender=f"anne@{domain}", source=GOOD, helo=domain, timeout=ANSWERED_WITHIN)
        self.assertEqual(reply.code, 250, reply)
        inbox.take()
        line = decision(f"anne@{domain}")
        self.assertEqual((line["spf"], line["spf.helo"], line["dmarc"]), ("pass", "pass", "pass"), line)

    def assert_verdict(self, line, fact, word, reason=None):
        self.assertEqual(line.get(fact), word, line)
        if reason:
            self.assertIn(reason, line[fact + ".reason"])

    def asked_below(self, suffix):
        return {name for name, _ in self.names if name.endswith(suffix)}


class SpfRecords(Hostile):
    def test_two_domains_that_include_each_other_are_a_permerror(self):
        server.text("one.loop.example", "v=spf1 include:two.loop.example -all")
        server.text("two.loop.example", "v=spf1 include:one.loop.example -all")
        self.assert_verdict(self.judge("one.loop.example"), "spf", "permerror", "more than 10 terms")

    def test_a_redirect_to_itself_is_a_permerror(self):
        server.text("circle.example", "v=spf1 redirect=circle.example")
        self.assert_verdict(self.judge("circle.example"), "spf", "permerror", "more than 10 terms")

    def test_the_eleventh_term_is_not_looked_up(self):
        for number in range(30):
            server.add(f"a{number}.terms.example", "A", "192.0.2.1")
        server.text("terms.example", "v=spf1 " + " ".join(f"a:a{number}.terms.example" for number in range(30)) + " -all")
        self.assert_verdict(self.judge("terms.example"), "spf", "permerror", "more than 10 terms")
        self.assertNotIn("a10.terms.example", self.asked_below("terms.example"))

    def test_nested_wide_includes_cost_no_more_than_ten_terms(self):
        def tree(question):
            names = " ".join(f"include:i{number}.{question.name}" for number in range(10))
            return question.answer(("TXT", texts(f"v=spf1 {names} -all"))) if question.type == "TXT" else question.reply()
        server.zone("wide.example", tree)
        self.assert_verdict(self.judge("wide.example"), "spf", "permerror", "more than 10 terms")
        self.assertLessEqual(len(self.asked_below("wide.example")), 31)

    def test_the_third_void_answer_is_a_permerror(self):
        server.text("void.example", "v=spf1 " + " ".join(f"exists:v{number}.void.example" for number in range(9)) + " +all")
        self.assert_verdict(self.judge("void.example"), "spf", "permerror", "more than 2 void")

    def test_ten_mx_terms_of_fifty_hosts_are_a_permerror(self):
        for number in range(10):
            server.add(f"m{number}.mx.example", "MX", *(f"10 h{host}.m{number}.mx.example." for host in range(50)))
        server.text("mx.example", "v=spf1 " + " ".join(f"mx:m{number}.mx.example" for number in range(10)) + " -all")
        self.assert_verdict(self.judge("mx.example"), "spf", "permerror", "more than 10 MX")
        self.assertFalse([name for name in self.asked_below("mx.example") if name.startswith("h")])

    def test_ten_mx_terms_of_ten_hosts_end_at_the_budget_not_in_a_pass(self):
        for number in range(10):
            server.add(f"m{number}.mx10.example", "MX", *(f"10 h{host}.m{number}.mx10.example." for host in range(10)))
            for host in range(10):
                server.add(f"h{host}.m{number}.mx10.example", "A", "192.0.2.9")
        server.text("mx10.example", "v=spf1 " + " ".join(f"mx:m{number}.mx10.example" for number in range(10)) + " +all")
        self.assert_verdict(self.judge("mx10.example"), "spf", "temperror")

    def test_of_a_thousand_ptr_names_ten_are_looked_at(self):
        server.add(REVERSE, "PTR", *(f"p{number}.ptr.example." for number in range(1000)))
        server.text("ptr.example", "v=spf1 ptr -all")
        self.assert_verdict(self.judge("ptr.example"), "spf", "fail")
        self.assertLessEqual(len([name for name in self.asked_below("ptr.example") if name.startswith("p") and name != "ptr.example"]), 10)

    def test_macros_that_make_new_names_are_bounded_like_others(self):
        text = "v=spf1 " + " ".join(f"include:%{{l}}.%{{i}}.x{number}.%{{d}}" for number in range(9))
        server.zone("macro.example", lambda question: question.answer(("TXT", f'"{text}"')) if question.type == "TXT" else None)
        self.assert_verdict(self.judge("macro.example"), "spf", "permerror")


class Aliases(Hostile):
    def test_cnames_in_a_circle_are_a_temperror(self):
        server.add("a.round.example", "CNAME", "b.round.example.")
        server.add("b.round.example", "CNAME", "a.round.example.")
        self.assert_verdict(self.judge("a.round.example"), "spf", "temperror")

    def test_a_chain_of_twenty_cnames_is_not_followed_to_its_end(self):
        for number in range(20):
            server.add(f"c{number}.chain.example", "CNAME", f"c{number + 1}.chain.example.")
        server.text("c20.chain.example", "v=spf1 +all")
        self.assert_verdict(self.judge("c0.chain.example"), "spf", "temperror")
        self.assertNotIn("c20.chain.example", self.asked_below("chain.example"))

    @staticmethod
    def chain(start, links, kind, data):
        """CNAMEs from that name over so many links to the data."""
        for link in range(links):
            name = start if link == 0 else f"l{link}.{start}"
            server.add(name, "CNAME", f"l{link + 1}.{start}.")
        server.add(f"l{links}.{start}", kind, data)

    def chains(self, zone, terms, links):
        for term in range(terms):
            self.chain(f"t{term}.{zone}", links, "A", "192.0.2.1")
        server.text(zone, "v=spf1 " + " ".join(f"a:t{term}.{zone}" for term in range(terms)) + " -all")

    def test_every_link_counts_and_ten_long_chains_are_not_walked_to_their_ends(self):
        self.chains("chains.example", 10, 8)
        self.assert_verdict(self.judge("chains.example"), "spf", "temperror")

    def test_terms_with_an_alias_each_are_judged(self):
        self.chains("short.chains.example", 4, 2)
        self.assert_verdict(self.judge("short.chains.example"), "spf", "fail")

    def test_failures_behind_aliases_cost_no_more_than_the_budget(self):
        """A server that refuses each name, and tells of an alias only who asks for that."""
        def sly(question):
            first, _, rest = question.name.partition(".")
            if question.type == "CNAME" and first.startswith("x"):
                return question.answer(("CNAME", f"{first}x.{rest}."))
            return question.reply(dns.rcode.SERVFAIL) if first.startswith("x") else None
        server.zone("sly.example", sly)
        server.text("sly.example", "v=spf1 " + " ".join(f"a:x{term}.sly.example" for term in range(10)) + " -all")
        self.assert_verdict(self.judge("sly.example"), "spf", "temperror")

    def test_everything_at_once_costs_no_more_than_the_budget(self):
        """Chains of aliases at the client's names, HELO, MAIL FROM, ten signatures and the author's policy."""
        zone, client = "all.example", "11.1.77.77"
        server.add("77.77.1.11.in-addr.arpa", "PTR", *(f"p{number}.{zone}." for number in range(9)))
        for number in range(9):
            self.chain(f"p{number}.{zone}", 8, "A", "192.0.2.5")
        self.chains(zone, 10, 8)
        self.chains("helo." + zone, 10, 8)
        for number in range(20):
            self.chain(f"s._domainkey.d{number}.{zone}", 8, "TXT", '"v=DKIM1; p="')
        self.chain(f"_dmarc.a.b.c.d.{zone}", 8, "TXT", '"v=none"')
        fields = b"".join(forged(f"d{number}.{zone}", "s") for number in range(20))
        self.judge(zone, fields + message(sender=f"mallory@a.b.c.d.{zone}"), helo="helo." + zone, source=client)
        self.assertGreater(len(self.names), BUDGET // 2)
        self.assertLessEqual(len(self.asked_below("p0." + zone) | {name for name, kind in self.names if kind == "PTR"}), 6)

    def test_a_key_behind_cnames_is_found(self):
        server.text("_dmarc.alias.example", "v=DMARC1; p=reject")
        server.add("ed._domainkey.alias.example", "CNAME", "k1.host.example.")
        server.add("k1.host.example", "CNAME", "k2.host.example.")
        server.text("k2.host.example", key.record())
        signer = Ed25519Key("alias.example")
        signer.key = key.key
        line = self.judge("alias.example", signer.sign_dkimpy(message(sender="mallory@alias.example")))
        self.assertEqual((line["dkim"], line["dmarc"]), ("pass", "pass"))

    def test_a_key_behind_a_circle_of_cnames_is_a_temperror(self):
        server.add("s._domainkey.rk.example", "CNAME", "t._domainkey.rk.example.")
        server.add("t._domainkey.rk.example", "CNAME", "s._domainkey.rk.example.")
        line = self.judge("rk.example", forged("rk.example", "s") + message(sender="mallory@rk.example"))
        self.assert_verdict(line, "dkim", "temperror")


class Sizes(Hostile):
    def test_a_text_of_64_kib_over_tcp_is_no_verdict(self):
        server.text("huge.example", "v=spf1 " + "ip4:192.0.2.1 " * 4500 + "+all")
        line = self.judge("huge.example")
        self.assertIn(line["spf"], ("permerror", "temperror"))

    def test_a_record_of_255_strings_is_read_as_one_text(self):
        parts = ["v=spf1 "] + ["ip4:192.0.2.1 "] * 253 + [f"ip4:{STRANGER} -all"]
        server.add("strings.example", "TXT", " ".join(f'"{part}"' for part in parts))
        self.assertIn(self.judge("strings.example")["spf"], ("pass", "permerror"))

    def test_one_policy_among_many_texts_is_found_and_two_are_a_permerror(self):
        other = [f"verification={number}" for number in range(300)]
        server.text("many.example", *other, "v=spf1 ip4:11.1.66.66 -all")
        self.assert_verdict(self.judge("many.example"), "spf", "pass")
        server.text("two.example", *other, "v=spf1 +all", "v=spf1 ip4:11.1.66.66 +all")
        self.assert_verdict(self.judge("two.example"), "spf", "permerror")

    def test_of_twenty_signatures_ten_keys_are_looked_up(self):
        fields = b"".join(forged(f"d{number}.sigs.example", f"s{number}") for number in range(20))
        line = self.judge("sigs.example", fields + message(sender="mallory@sigs.example"))
        self.assertNotEqual(line["dkim"], "pass")
        self.assertEqual(len([name for name in self.asked_below("sigs.example") if "._domainkey." in name]), 10)

    def test_an_answer_of_a_thousand_records_is_no_pass(self):
        server.add("thousand.example", "A", *(f"192.0.{number // 250}.{number % 250}" for number in range(1000)))
        server.text("thousand.example", "v=spf1 a -all")
        self.assertIn(self.judge("thousand.example")["spf"], ("fail", "temperror"))

    def test_a_domain_of_a_hundred_labels_costs_eight_dmarc_lookups(self):
        domain = ".".join(["x"] * 98 + ["deep", "example"])
        line = self.judge(domain)
        self.assert_verdict(line, "dmarc", "none")
        self.assertLessEqual(len([name for name, kind in self.names if name.startswith("_dmarc.")]), 8)


class Silence(Hostile):
    def test_silence_for_all_names_is_a_temperror_everywhere(self):
        server.zone("silent.example", lambda question: SILENCE)
        line = self.judge("silent.example", forged("silent.example", "s") + message(sender="mallory@silent.example"))
        for fact in ("spf", "spf.helo", "dkim", "dmarc"):
            self.assert_verdict(line, fact, "temperror")

    def test_silence_about_the_policy_alone_is_a_temperror(self):
        server.text("mute.example", "v=spf1 -all")
        server.zone("_dmarc.mute.example", lambda question: SILENCE)
        line = self.judge("mute.example")
        self.assert_verdict(line, "spf", "fail")
        self.assert_verdict(line, "dmarc", "temperror")

    def test_a_zone_that_answers_each_question_late_is_cut_at_the_filters_deadline(self):
        def late(question):
            time.sleep(0.25)
            text = texts(f"v=spf1 include:next.{question.name} -all")
            return question.answer(("TXT", text)) if question.type == "TXT" else question.reply()
        server.zone("late.example", late)
        line = self.judge("late.example", helo="client.elsewhere.example")
        self.assertNotIn("spf", line)
        self.assertIn("spf: timeout", line.get("filters.failed", ""), line)

    def test_a_zone_slower_than_the_resolver_is_waited_for(self):
        """The resolver answers others at once, this one's names only after it has asked around."""
        def slow(question):
            time.sleep(0.15)
            return question.answer(("TXT", f'"v=spf1 ip4:{STRANGER} -all"')) if question.type == "TXT" else question.reply()
        server.zone("slow.example", slow)
        for _ in range(5):
            self.assert_honest_mail_passes()
        self.assert_verdict(self.judge("slow.example", helo="client.elsewhere.example"), "spf", "pass")

    def test_failures_are_temperrors_and_a_missing_domain_is_none(self):
        for rcode, word in ((dns.rcode.SERVFAIL, "temperror"), (dns.rcode.REFUSED, "temperror"), (dns.rcode.FORMERR, "temperror"),
                            (dns.rcode.NOTIMP, "temperror"), (dns.rcode.NXDOMAIN, "none")):
            with self.subTest(rcode=dns.rcode.to_text(rcode)):
                zone = f"code{int(rcode)}.example"
                server.zone(zone, lambda question, rcode=rcode: question.reply(rcode))
                line = self.judge(zone, forged(zone, "s") + message(sender=f"mallory@{zone}"))
                self.assert_verdict(line, "spf", word)
                self.assert_verdict(line, "dmarc", word)
                self.assert_verdict(line, "dkim", "permerror" if word == "none" else word)


PASS_ALL = b"\x0bv=spf1 +all"


class Lies(Hostile):
    """Answers that are wrong, each of which would be a pass if it were believed."""

    def assert_no_pass(self, zone, handler):
        server.zone(zone, handler)
        line = self.judge(zone)
        self.assertIn(line["spf"], ("none", "temperror", "permerror"), line)
        self.assertNotEqual(line["dmarc"], "pass")

    def test_a_record_of_another_name(self):
        self.assert_no_pass("other.example", lambda question: question.raw([(wire_name("elsewhere.example"), "TXT", PASS_ALL)]))

    def test_another_name_beside_the_question_does_not_enter_the_cache(self):
        """The policy of the bank, told by somebody else's zone."""
        poison = (wire_name("_dmarc.poor.example"), "TXT", b"\x0ev=DMARC1;p=none")
        server.text("_dmarc.poor.example", "v=DMARC1; p=reject")
        self.assert_no_pass("poison.example", lambda question: question.raw([poison]))
        line = self.judge("x.poison.example", message(sender="chief@poor.example"), code=550)
        self.assert_verdict(line, "dmarc.policy", "reject")

    def test_another_type(self):
        self.assert_no_pass("type.example", lambda question: question.raw([(None, "A", bytes(4))]))

    def test_another_id(self):
        self.assert_no_pass("ident.example", lambda question: question.raw([(None, "TXT", PASS_ALL)], ident=other_ident(question)))

    def test_another_question(self):
        self.assert_no_pass("question.example", lambda question: question.raw([(None, "TXT", PASS_ALL)], name="elsewhere.example"))

    def test_data_that_end_too_early(self):
        self.assert_no_pass("short.example", lambda question: question.raw([(None, "TXT", PASS_ALL)])[:-4])

    def test_a_string_that_is_longer_than_its_record(self):
        self.assert_no_pass("string.example", lambda question: question.raw([(None, "TXT", b"\xff" + PASS_ALL[1:])]))

    def test_an_empty_text_record(self):
        self.assert_no_pass("empty.example", lambda question: question.raw([(None, "TXT", b"")]))

    def test_a_name_that_points_to_itself(self):
        def loop(question):
            owner = struct.pack("!H", 0xC000 | len(question.raw([])))
            return question.raw([(owner, "TXT", PASS_ALL)])
        self.assert_no_pass("pointer.example", loop)

    def test_more_records_counted_than_sent(self):
        def counted(question):
            wire = question.raw([(None, "TXT", PASS_ALL)])
            return wire[:6] + b"\xff\xff" + wire[8:]
        self.assert_no_pass("count.example", counted)

    def test_a_truncated_flag_over_tcp_too(self):
        def truncated(question):
            wire = question.raw([(None, "TXT", PASS_ALL)])
            return wire[:2] + bytes([wire[2] | 2]) + wire[3:]
        self.assert_no_pass("truncated.example", truncated)


class Victim(Hostile):
    """Whatever the envelope, the HELO name and the signatures point to: From bank.example, p=reject, is refused."""

    def assert_refused(self, domain, fields=b"", helo=None):
        line = self.judge(domain, fields + message(sender="chief@bank.example"), code=550, helo=helo)
        self.assertEqual((line["dmarc"], line["dmarc.policy"], line["from.domain"]), ("fail", "reject", "bank.example"), line)

    @staticmethod
    def bomb(zone):
        def tree(question):
            hosts = " ".join(f"a:h{number}.{question.name} mx:m{number}.{question.name}" for number in range(5))
            if question.type == "TXT":
                return question.answer(("TXT", texts(f"v=spf1 {hosts} -all")))
            if question.type == "MX":
                return question.answer(*(("MX", f"10 h{number}.{question.name}.") for number in range(10)))
            return question.answer(("A", "192.0.2.77"))
        server.zone(zone, tree)

    def test_hostile_helo_and_mail_from_zones_do_not_save_a_forged_author(self):
        self.bomb("helobomb.example")
        self.bomb("mailbomb.example")
        self.assert_refused("mailbomb.example", helo="x.helobomb.example")

    def test_silent_helo_and_mail_from_zones_do_not_save_a_forged_author(self):
        server.zone("mute1.example", lambda question: SILENCE)
        server.zone("mute2.example", lambda question: SILENCE)
        self.assert_refused("mute1.example", helo="x.mute2.example")

    def test_a_spent_budget_leaves_room_for_the_last_signature_and_the_policy(self):
        self.bomb("spend.example")
        fields = b"".join(forged(f"d{number}.spend.example", "s") for number in range(9)) + forged("bank.example", "none")
        self.assert_refused("spend.example", fields, helo="x.spend.example")

    def test_signatures_that_pass_for_deep_domains_do_not_save_a_forged_author(self):
        def signed_zone(question):
            if question.type != "TXT" or question.name.startswith("_dmarc."):
                return question.reply()
            return question.answer(("TXT", f'"{key.record()}"' if "_domainkey" in question.name else '"v=spf1 +all"'))
        server.zone("signs.example", signed_zone)
        content = message(sender="chief@bank.example")
        signed = content
        for number in range(10):
            signer = Ed25519Key(f"a.b.c.d.e.f.g.d{number}.signs.example")
            signer.key = key.key
            signed = signer.sign_dkimpy(content)[:-len(content)] + signed
        line = self.judge("a.b.c.d.e.f.g.signs.example", signed, code=550)
        self.assertEqual((line["dkim"], line["spf"], line["dmarc"]), ("pass", "pass", "fail"), line)

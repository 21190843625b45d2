"""Hostile zones when no resolver stands in between: Mailweir asks the name servers of the world by itself (dns.servers is empty).

What one message may cost is the same: 40 queries, links of CNAME chains included. Where the name servers are that can answer them is
the resolver's own business and comes on top; that is bounded, too.
"""
import unittest

from lab.client import send
from lab.hostile_dns import SILENCE, HostileWorld
from lab.mail import message
from lab.mailweir import ADDRESS, Mailweir
from lab.postfix import Postfix

BUDGET = 40
STRANGER = "11.1.66.66"
LONGEST_WAIT, SLACK = 10000, 10000  # milliseconds: the filters' timeout; what a busy machine may take beside it
SERVERS_LOOKED_FOR = 32  # of those that one name is delegated to; the library's own bound
LAME = "11.1.53.1"  # a name server that knows nothing of the zones it is said to serve


def setUpModule():
    global world, mailweir, inbox
    world = HostileWorld().start()
    unittest.addModuleCleanup(world.stop)
    postfix = Postfix().start()
    unittest.addModuleCleanup(postfix.stop)
    inbox = postfix.boxes["alice"]
    mailweir = Mailweir(postfix, more="filters: {iprev: {enabled: true}}", resolver="", dns_timeout="5s").start()
    unittest.addModuleCleanup(mailweir.stop)


class Recursion(unittest.TestCase):
    def judge(self, domain, source=STRANGER, code=250):
        """Sends a message of that domain; returns its line in the decision log. questions: all that arrived meanwhile, repetitions
        included; names: each name and type once."""
        before, sender = len(world.log), f"mallory@{domain}"
        reply = send(ADDRESS, message(sender=sender), sender=sender, source=source, helo="helo." + domain, timeout=60)
        self.assertEqual(reply.code, code, reply)
        if code == 250:
            inbox.take()
        self.assertEqual(world.errors, [])
        self.questions = world.log[before:]
        self.names = set(self.questions)
        return mailweir.wait_record(event="decision", stage="data", **{"from": f"<{sender}>"})

    def below(self, zone):
        return {(name, kind) for name, kind in self.names if name == zone or name.endswith("." + zone)}

    def test_an_honest_domain_costs_a_query_for_each_name(self):
        world.text("plain.example", f"v=spf1 ip4:{STRANGER} -all")
        self.assertEqual(self.judge("plain.example")["spf"], "pass")
        self.assertEqual(self.below("plain.example"),
                         {("plain.example", "TXT"), ("helo.plain.example", "TXT"), ("_dmarc.plain.example", "TXT")})

    def test_names_of_many_labels_cost_no_more_than_others(self):
        domain = "a.b.c.d.e.f.g.deep.example"
        world.text(domain, f"v=spf1 ip4:{STRANGER} -all")
        self.assertEqual(self.judge(domain)["spf"], "pass")
        self.assertLessEqual(len(self.below("deep.example")), 2 + 8)

    def test_every_link_of_a_chain_of_cnames_counts(self):
        for term in range(10):
            for link in range(8):
                world.add(f"c{link}.t{term}.chains.example", "CNAME", f"c{link + 1}.t{term}.chains.example.")
            world.add(f"c8.t{term}.chains.example", "A", "192.0.2.1")
        world.text("chains.example", "v=spf1 " + " ".join(f"a:c0.t{term}.chains.example" for term in range(10)) + " -all")
        self.assertEqual(self.judge("chains.example")["spf"], "temperror")
        self.assertLessEqual(len(self.names), BUDGET)

    def test_a_lame_delegation_is_a_temperror(self):
        def lame(question):
            if question.server == LAME:
                return question.refer("", ["a.root-servers.net"])
            return question.refer("lame.example", ["ns.lame.example"], [("ns.lame.example", LAME)])
        world.zone("lame.example", lame)
        line = self.judge("lame.example", code=451)
        self.assertEqual((line["spf"], line["dmarc"]), ("temperror", "temperror"))
        self.assertLessEqual(len(self.questions), BUDGET)

    def test_a_delegation_that_ends_in_itself_is_a_temperror(self):
        world.zone("knot.example", lambda question: question.refer("knot.example", ["ns.tangle.example"]))
        world.zone("tangle.example", lambda question: question.refer("tangle.example", ["ns.knot.example"]))
        line = self.judge("knot.example", code=451)
        self.assertEqual((line["spf"], line["dmarc"]), ("temperror", "temperror"))
        self.assertLessEqual(len(self.questions), BUDGET)

    def test_of_a_hundred_name_servers_without_address_few_are_looked_for(self):
        def many(question):
            return question.refer("many.example", [f"ns{number}.victim.example" for number in range(100)])
        world.zone("many.example", many)
        line = self.judge("many.example", code=451)
        self.assertEqual((line["spf"], line["dmarc"]), ("temperror", "temperror"))
        asked = len(self.below("many.example"))
        self.assertLessEqual(asked, BUDGET)
        self.assertLessEqual(len(self.below("victim.example")), SERVERS_LOOKED_FOR * asked)

    def test_silence_everywhere_ends_at_ten_seconds(self):
        """Everything Mailweir could ask for, iprev included, is left without an answer; all timeouts are those it comes with."""
        world.zone("silent.example", lambda question: SILENCE)
        world.zone("77.1.11.in-addr.arpa", lambda question: SILENCE)
        line = self.judge("silent.example", source="11.1.77.77")
        self.assertIn("temperror", (line.get("spf"), line.get("dmarc")), line)
        self.assertLess(int(line["ms"]), LONGEST_WAIT + SLACK)
        self.assertLessEqual(len(self.names), BUDGET)

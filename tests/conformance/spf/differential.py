#!/usr/bin/python3
"""Compares the SPF engine strict with Debian's python3-spf over random zones, records and macros.

usage: differential.py SPF_CONFORMANCE CASES SEED...

Every case is one scenario of a book (book.h). Where the two differ, a correction of python3-spf
(pyspf_corrected.py) must explain it from the RFC; else it is a failure.
The same cases also prove that looking ahead changes no verdict, and print how often libspf2 differs."""
import collections
import random
import subprocess
import sys
import tempfile

import pyspf_corrected
import spf
from suite_to_book import encode

HOSTS = ["h%d.example.com" % i for i in range(6)]
DOMAINS = ["example.com"] + ["d%d.example.com" % i for i in range(5)] + ["example.net"]
FOURS = ["192.0.2.1", "192.0.2.2", "192.0.2.129", "198.51.100.7", "203.0.113.9"]
SIXES = ["2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db8:ffff::7"]
LOCALS = ["joe", "strong-bad", "a.b.c", "x+y=z", "Jack&Jill", "o/o"]
HELOS = ["mx.example.org", "h1.example.com", "example.net", "[192.0.2.1]", "OEMCOMPUTER"]


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def case_of(self, text):
        return text.upper() if self.chance(8) else text

    def macro(self):
        letter = self.r.choice("slodiphv" if self.chance(99) else "crtxa")
        if self.chance(10):
            letter = letter.upper()
        digits = self.r.choice(["", "", "", "1", "2", "3", "9", "128"] + (["0"] if self.chance(1) else []))
        delimiters = self.r.choice(["", "", "", "-", "+", ".-", "=/", "_,"])
        return "%%{%s%s%s%s}" % (letter, digits, self.r.choice(["", "", "r", "R"]), delimiters)

    def name(self):
        kind = self.r.random()
        if kind < 0.60:
            return self.r.choice(DOMAINS + HOSTS) + ("." if self.chance(4) else "")
        if kind < 0.66:
            return "void%d.example.com" % self.r.randrange(4)
        if kind < 0.94:
            prefix = self.r.choice(["", "", "%s." % self.macro(), "%%%%.%s." % self.macro(), "%_%-.", "m."])
            return prefix + self.r.choice([self.macro(), self.macro() + ".example.com", "d1.%{d2}", "%{h}", "%{o}", "%{d}"])
        if kind < 0.97:
            return "%s.%s" % ("a" * self.r.choice([63, 64, 70]), "example.com")
        if self.chance(70):
            return "d3.example.com"
        return self.r.choice(["example", "example.com:25", "a..example.com", "example.1", "ex%ample.com", "%{d", "-", "",
                              "example.-com", "example.c-m", "foo_bar.example.com", "a,b.example.com", "%{d}.", "%%", "x.%%"])

    def prefix(self):
        four = self.r.choice(["", "", "", "/32", "/24", "/25", "/0", "/8", "/31"] + (["/33", "/", "/024", "/x"] if self.chance(6) else []))
        six = self.r.choice(["", "", "", "//128", "//64", "//0", "//33"] + (["//129", "//", "//01"] if self.chance(2) else []))
        return four + six

    def network(self):
        if self.chance(50):
            mask = self.r.choice(["", "/24", "/25", "/32", "/0", "/1"] + (["/33", "/", "/00"] if self.chance(1) else []))
            return "ip4:" + self.r.choice(FOURS + (["1.2.3", "1.2.3.4.5", "1.2.3.04", "2001:db8::1", ""] if self.chance(2) else [])) + mask
        mask = self.r.choice(["", "/32", "/48", "/128", "/0", "/127"] + (["/129", "/"] if self.chance(1) else []))
        return "ip6:" + self.r.choice(SIXES + (["::ffff:192.0.2.1", "::", "192.0.2.1", "1:2", ":::1"] if self.chance(5) else [])) + mask

    def term(self):
        qualifier = self.r.choice(["", "", "", "+", "-", "~", "?", "-", "~", "?"])
        kind = self.r.random()
        if kind < 0.22:
            body = self.network()
        elif kind < 0.37:
            body = "a" + (":" + self.name() if self.chance(75) else "") + self.prefix()
        elif kind < 0.49:
            body = "mx" + (":" + self.name() if self.chance(75) else "") + self.prefix()
        elif kind < 0.72:
            body = "include:" + self.name()
        elif kind < 0.82:
            body = "exists:" + self.name()
        elif kind < 0.88:
            body = "ptr" + (":" + self.name() if self.chance(60) else "")
        elif kind < 0.92:
            return self.r.choice(["foo=", "foo=%{d}", "x-y.z_1=/%_", "foo=%{c}", "foo=%x", "1up=a", "op=auth", "accreditation=%{l}"])
        elif kind < 0.95:
            return self.r.choice(["exp=", "exp=void1.example.com", "exp=%{d}", "EXP=h1.example.com"])
        elif kind < 0.996:
            body = "all" if self.chance(40) else "a:h3.example.com"
        else:
            body = self.r.choice(["all:x", "all/8", "al", "mx=", "include", "exists", "ip4", "all,", "v=spf1", "-all", "a:", "mx/", "a/x"])
        return qualifier + self.case_of(body)

    def record(self):
        terms = [self.term() for _ in range(self.r.choice([0, 1, 2, 2, 3, 3, 4, 5, 7]))]
        if self.chance(60):
            terms.append(self.r.choice(["-all", "~all", "?all", "+all", "all"]))
        elif self.chance(40):
            terms.insert(self.r.randrange(len(terms) + 1), self.case_of("redirect=") + self.name())
        text = self.r.choice([" "] * 9 + ["  "]).join(["v=spf1" if self.chance(95) else self.r.choice(["V=SPF1", "v=spf10", "v=spf2.0"])] + terms)
        return text + (" " if self.chance(5) else "")

    def zone(self):
        records = collections.OrderedDict()
        for name in DOMAINS + HOSTS:
            rows = records.setdefault(name, [])
            if self.chance(3):
                rows.append(("FAIL", ""))
            if self.chance(4) and name in HOSTS:
                rows.append(("CNAME", self.r.choice([host for host in HOSTS + ["void3.example.com"] if host > name])))
                continue
            if name in DOMAINS:
                rows += [("TXT", self.record()) for _ in range(self.r.choice([1] * 20 + [0, 2]))]
                rows += [("TXT", "other text") for _ in range(self.r.choice([0, 0, 0, 1]))]
                rows += [("MX", (10 * i, self.r.choice(HOSTS + ["void3.example.com"]))) for i in range(self.r.choice([0, 1, 1, 2, 3, 12 if self.chance(10) else 1]))]
            rows += [("A", self.r.choice(FOURS)) for _ in range(self.r.choice([0, 1, 1, 2]))]
            rows += [("AAAA", self.r.choice(SIXES)) for _ in range(self.r.choice([0, 1, 1, 2]))]
        return records

    def reverse(self, client):
        if ":" in client:
            import ipaddress
            return ipaddress.ip_address(client).reverse_pointer
        return ".".join(reversed(client.split("."))) + ".in-addr.arpa"

    def case(self, number):
        zone = self.zone()
        client = self.r.choice(FOURS + SIXES)
        if self.chance(85):
            zone[self.reverse(client)] = [("PTR", self.r.choice(HOSTS + DOMAINS + ["void2.example.com"])) for _ in range(self.r.choice([1, 1, 2, 3, 12]))]
        sender = "" if self.chance(10) else "%s@%s" % (self.r.choice(LOCALS), self.r.choice(DOMAINS))
        return {"name": "c%d" % number, "zone": zone, "client": client, "helo": self.r.choice(HELOS + DOMAINS), "sender": sender}


def write_book(cases, out):
    print("suite random", file=out)
    for case in cases:
        print("scenario", case["name"], file=out)
        for name, rows in case["zone"].items():
            print("name", encode(name), file=out)
            for kind, value in rows:
                data = "%d %s" % value if kind == "MX" else value
                print("record", encode(name), kind, encode(data), file=out)
        print("case", case["name"], encode(case["client"]), encode(case["helo"]), encode(case["sender"]), "none", "%", file=out)


class Oracle:
    """python3-spf over one case's zone."""

    def __init__(self, case):
        self.zone = case["zone"]
        self.case = case
        self.error = ""

    def lookup(self, name, qtype, strict=True, timeout=None):
        name = name.lower().rstrip(".")
        rows = self.zone.get(name, [])
        found = [value for kind, value in rows if kind == qtype]
        cnames = [value for kind, value in rows if kind == "CNAME"]
        if not found and cnames:
            return [((name, "CNAME"), cnames[0])]
        if not found and any(kind == "FAIL" for kind, _ in rows):
            raise spf.TempError("DNS timeout")
        if qtype == "TXT":
            found = [(text.encode("latin-1"),) for text in found]
        elif qtype == "AAAA":
            import ipaddress
            found = [ipaddress.ip_address(text).packed for text in found]
        return [((name, qtype), value) for value in found]

    def verdict(self, corrections=()):
        spf.DNSLookup = self.lookup
        try:
            query = pyspf_corrected.Query(corrections, self.case["client"], self.case["sender"], self.case["helo"],
                                          receiver="unknown", strict=True, querytime=0)
            result = query.check()
            self.error = result[2] if result[0].endswith("error") else ""
            return result[0]
        except Exception as problem:  # the oracle itself fails
            self.error = "%s: %s" % (type(problem).__name__, problem)
            return "crash"


def explain(oracle, ours):
    """The fewest corrections that make python3-spf agree; None if all of them do not."""
    needed = set(pyspf_corrected.CORRECTIONS)
    if oracle.verdict(needed) != ours:
        return None
    for name in pyspf_corrected.CORRECTIONS:
        if oracle.verdict(needed - {name}) == ours:
            needed.discard(name)
    return tuple(sorted(needed))


def show(case):
    for name, rows in case["zone"].items():
        for row in rows:
            print("   ", name, *row)


def strict_verdicts(binary, cases):
    """(strict, libspf2, strict without looking ahead, reason) of each case."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as book:
        write_book(cases, book)
        book.flush()
        lines = subprocess.run([binary, "--verdicts", book.name], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    if len(lines) != len(cases):
        sys.exit("%d cases, %d verdicts" % (len(cases), len(lines)))
    return [(line.split(" ", 4) + [""])[1:5] for line in lines]


def compare(case, verdict, totals, why):
    """False: the case needs looking at."""
    ours, libspf2, alone, reason = verdict
    oracle = Oracle(case)
    theirs = oracle.verdict()
    error = oracle.error
    totals[ours] += 1
    totals["libspf2 differs"] += ours != libspf2
    totals["agreed"] += ours == theirs
    explanation = () if ours == theirs else explain(oracle, ours)
    if explanation:
        why[explanation] += 1
    if explanation is not None and ours == alone:
        return True
    print("%s: strict %s (%s), without looking ahead %s, python3-spf %s (%s); client %s helo %s sender %s" % (
        case["name"], ours, reason, alone, theirs, error, case["client"], case["helo"], case["sender"]))
    return False


def run_seed(binary, seed, count):
    generator = Generator(seed)
    cases = [generator.case(i) for i in range(count)]
    totals, why, failures = collections.Counter(), collections.Counter(), 0
    for case, verdict in zip(cases, strict_verdicts(binary, cases)):
        if not compare(case, verdict, totals, why):
            failures += 1
            show(case)
    print("seed %d, %d cases:" % (seed, count), ", ".join("%s %d" % item for item in sorted(totals.items())))
    for explanation, number in why.most_common():
        print("%6d  %s" % (number, "; and ".join(pyspf_corrected.CORRECTIONS[name] for name in explanation)))
    print("%6d  not explained" % failures)
    return failures


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    binary, count = sys.argv[1], int(sys.argv[2])
    sys.exit(1 if sum(run_seed(binary, int(seed), count) for seed in sys.argv[3:]) else 0)


if __name__ == "__main__":
    main()

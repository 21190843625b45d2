#!/usr/bin/python3
"""Runs the SPF suites over real DNS: each scenario's zones are served by NSD, and asked by Mailweir's resolver.

usage: over_dns.py SPF_CONFORMANCE SPF_OVER_DNS SUITES

A relay before NSD answers SERVFAIL for what a suite says times out, and passes on all else as it is. Both engines must reach the
verdicts that they reach from the suite's own data, or another that the suite allows (in DNS, two equal records are one). Prints
one table."""
import collections
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import unquote_to_bytes

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

HERE = os.path.dirname(os.path.abspath(__file__))
SUITES = ("rfc7208", "pyspf", "blitirispf")
TYPES = ("A", "AAAA", "TXT", "MX", "PTR", "CNAME")

CONFIG = """
server:
    ip-address: 127.0.0.1@{port}
    zonesdir: {root}
    username: ""
    pidfile: ""
    zonelistfile: {root}/zone.list
    xfrdfile: {root}/xfrd.state
    xfrdir: {root}
    database: ""
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: root.zone
"""


class Scenario:
    def __init__(self):
        self.records = []  # (name, type, data) in bytes
        self.cases = []  # (suite, name, expected)

    def failing(self):
        return {name.lower() for name, kind, _ in self.records if kind == "FAIL"}

    def has(self, name, kind):
        return any(name == n.lower() and kind == k for n, k, _ in self.records)


def read_book(lines):
    scenarios, suite = [], ""
    for line in lines:
        word, *fields = line.split()
        if word == "suite":
            suite = fields[0]
        elif word == "scenario":
            scenarios.append(Scenario())
        elif word == "record":
            scenarios[-1].records.append((field(fields[0]), fields[1], field(fields[2])))
        elif word == "case":
            scenarios[-1].cases.append((suite, fields[0], fields[4].split(",")))
    return scenarios


def field(text):
    return b"" if text == "%" else unquote_to_bytes(text)


def zone_name(name):
    labels = [b for b in name.rstrip(b".").split(b".") if b]
    return ".".join("".join(chr(c) if chr(c).isalnum() and c < 128 or c in b"-_" else "\\%03d" % c for c in label) for label in labels) + "."


def zone_data(kind, data):
    if kind == "TXT":
        escaped = ["".join("\\%03d" % c for c in data[at:at + 255]) for at in range(0, len(data) or 1, 255)]
        return " ".join('"%s"' % text for text in escaped)
    if kind == "MX":
        preference, name = data.split(b" ", 1)
        return "%s %s" % (preference.decode(), zone_name(name))
    return data.decode() if kind in ("A", "AAAA") else zone_name(data)


def write_zone(scenario, path):
    with open(path, "w", encoding="ascii") as out:
        out.write("$TTL 60\n. SOA ns. hostmaster. 1 3600 600 86400 60\n. NS ns.\nns. A 127.0.0.1\n")
        for name, kind, data in scenario.records:
            if kind in TYPES and not (kind == "CNAME" and not data):
                out.write("%s %s %s\n" % (zone_name(name), kind, zone_data(kind, data)))


class Relay(threading.Thread):
    """A UDP port in front of NSD's."""

    def __init__(self, scenario, upstream):
        super().__init__(daemon=True)
        self.scenario, self.upstream = scenario, upstream
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.failing = scenario.failing()

    def refuse(self, query):
        name = query.question[0].name.to_text(omit_final_dot=True).lower().encode()
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        return name in self.failing and not self.scenario.has(name, kind)

    def run(self):
        while True:
            packet, client = self.socket.recvfrom(65535)
            query = dns.message.from_wire(packet)
            if self.refuse(query):
                reply = dns.message.make_response(query)
                reply.set_rcode(dns.rcode.SERVFAIL)
                self.socket.sendto(reply.to_wire(), client)
                continue
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
                ask.settimeout(5)
                ask.sendto(packet, ("127.0.0.1", self.upstream))
                # a forwarder recurses: NSD's authoritative answer is told as such
                answer = bytearray(ask.recv(65535))
                answer[3] |= 0x80
                self.socket.sendto(answer, client)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_served(port):
    query = dns.message.make_query("ns.", "A").to_wire()
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
            ask.settimeout(0.1)
            try:
                ask.connect(("127.0.0.1", port))
                ask.send(query)
                if dns.message.from_wire(ask.recv(65535)).rcode() == dns.rcode.NOERROR:
                    return
            except OSError:
                time.sleep(0.05)
    sys.exit("NSD does not answer")


def verdicts_of(scenario, number, program, book, root):
    port = free_port()
    write_zone(scenario, root + "/root.zone")
    with open(root + "/nsd.conf", "w", encoding="ascii") as config:
        config.write(CONFIG.format(port=port, root=root))
    with open(root + "/nsd.log", "w", encoding="ascii") as log:
        server = subprocess.Popen(["nsd", "-d", "-c", root + "/nsd.conf"], stdout=log, stderr=log)
    try:
        wait_until_served(port)
        relay = Relay(scenario, port)
        relay.start()
        done = subprocess.run([program, "127.0.0.1@%d" % relay.port, str(number), book], check=True, stdout=subprocess.PIPE, text=True)
        return [line.split() for line in done.stdout.splitlines()]
    finally:
        server.terminate()
        server.wait()


def run_all(conformance, over_dns, book, root):
    with open(book, encoding="ascii") as lines:
        scenarios = read_book(lines)
    offline = subprocess.run([conformance, "--verdicts", book], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    totals, failures, at = collections.OrderedDict(), 0, 0
    for number, scenario in enumerate(scenarios):
        verdicts = verdicts_of(scenario, number, over_dns, book, root)
        if len(verdicts) != len(scenario.cases):
            sys.exit("scenario %d: %d cases, %d verdicts" % (number, len(scenario.cases), len(verdicts)))
        for (suite, name, expected), (_, strict, libspf2) in zip(scenario.cases, verdicts):
            total = totals.setdefault(suite, collections.Counter())
            total["cases"] += 1
            for engine, verdict in (("strict", strict), ("libspf2", libspf2)):
                total[engine] += verdict in expected
                total[engine + " false"] += verdict == "pass" and "pass" not in expected
            before = offline[at].split()
            if before[0] != name or not all(a == b or (a in expected and b in expected) for a, b in zip(before[1:3], (strict, libspf2))):
                print("DIFFERS %s/%s: over DNS %s %s, offline %s" % (suite, name, strict, libspf2, offline[at]))
                failures += 1
            failures += strict == "pass" and "pass" not in expected
            at += 1
    return totals, failures


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    conformance, over_dns, suites = sys.argv[1:]
    with tempfile.TemporaryDirectory() as root:
        book = root + "/book"
        with open(book, "w", encoding="ascii") as out:
            subprocess.run([HERE + "/suite_to_book.py"] + ["%s=%s/%s-tests.yml" % (s, suites, s) for s in SUITES], check=True, stdout=out)
        totals, failures = run_all(conformance, over_dns, book, root)
    print("over DNS      cases  strict ok  false pass  libspf2 ok  false passes")
    for suite, t in totals.items():
        print("%-12s %6d %10d %11d %11d %13d" % (suite, t["cases"], t["strict"], t["strict false"], t["libspf2"], t["libspf2 false"]))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

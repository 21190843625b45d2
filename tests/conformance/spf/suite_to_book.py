#!/usr/bin/python3
"""Turns SPF test suites (YAML, as written by the openspf project) into a book for spf_conformance: see book.h.

usage: suite_to_book.py NAME=FILE... > book

A suite's SPF records stand for TXT records too, unless the name has TXT entries of its own (TXT: NONE means: none at all)."""
import sys

import yaml


def encode(value):
    """One field of a line: bytes as they are, but blanks, controls, percent signs and non-ASCII as %XX."""
    raw = value if isinstance(value, bytes) else str(value).encode("latin-1")
    return "".join(chr(b) if 0x21 <= b <= 0x7E and b != 0x25 else "%%%02X" % b for b in raw) or "%"


def texts(value):
    return "".join(value) if isinstance(value, list) else value


def records_of(entries):
    """(type, value) pairs of one name."""
    pairs = [pair for entry in entries for pair in (entry.items() if isinstance(entry, dict) else [(entry, True)])]
    if not any(kind == "TXT" for kind, _ in pairs):
        pairs += [("TXT", value) for kind, value in pairs if kind == "SPF"]
    for kind, value in pairs:
        if kind in ("TIMEOUT", "SERVFAIL"):
            yield "FAIL", ""
        elif kind == "TXT" and value != "NONE":
            yield "TXT", texts(value)
        elif kind == "MX":
            yield "MX", "%s %s" % (value[0], value[1])
        elif kind in ("A", "AAAA", "PTR", "CNAME"):
            yield kind, value


def write_scenario(scenario, out):
    print("scenario", encode(scenario.get("description") or scenario.get("comment") or "-"), file=out)
    for name, entries in scenario["zonedata"].items():
        print("name", encode(str(name).rstrip(".")), file=out)
        for kind, value in records_of(entries or []):
            print("record", encode(str(name).rstrip(".")), kind, encode(value), file=out)
    for name, case in scenario["tests"].items():
        results = case["result"] if isinstance(case["result"], list) else [case["result"]]
        print("case", encode(name), encode(case["host"]), encode(case.get("helo", "")), encode(case.get("mailfrom", "")),
              ",".join(results), encode(case.get("explanation", "")), file=out)


def main():
    for argument in sys.argv[1:]:
        name, path = argument.split("=", 1)
        print("suite", encode(name))
        with open(path, encoding="utf-8") as source:
            for scenario in yaml.safe_load_all(source):
                write_scenario(scenario, sys.stdout)


if __name__ == "__main__":
    main()

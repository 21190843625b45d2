#!/usr/bin/python3
"""Compares our DKIM engine strict with Debian's python3-dkim and with engine libopendkim, over generated messages, signatures, keys and
mutations of them.

usage: differential.py DKIM_VERDICTS CASES SEED...

Where strict and python3-dkim differ on a signature, a correction of python3-dkim (dkimpy_corrected.py) must explain it from the RFCs;
else it is a failure. What is said of l= (whether a part of the body is unsigned) is checked as well. With engine libopendkim verdicts and
reasons must be the same, unless a known departure of the library (library_departures.py) explains the difference."""
import collections
import re
import subprocess
import sys

import dkim
import dkimpy_corrected
import generator
import library_departures

ALL = frozenset(dkimpy_corrected.CORRECTIONS)


def write_book(cases):
    out = []
    for name, message, records in cases:
        out.append(b"case %s %d %d\n" % (name.encode(), len(records), len(message)))
        out += [b"%s\t%s\n" % record for record in records]
        out.append(message)
    return b"".join(out)


class Oracle:
    """python3-dkim on one signature of a case."""

    def __init__(self, message, idx, records):
        self.message, self.idx, self.zone = message, idx, collections.defaultdict(list)
        self.error = ""
        for name, text in records:
            self.zone[name].append(text)

    def records_of(self, name):
        return self.zone.get(name.lower(), [])

    def passes(self, corrections=frozenset()):
        self.error = ""
        try:
            return dkimpy_corrected.Verifier(self.message, [], corrections).verdict(self.idx, self.records_of)
        except Exception as problem:  # its way to say no
            self.error = "%s: %s" % (type(problem).__name__, problem)
            return False

    def is_partial(self):
        verifier = dkimpy_corrected.Verifier(self.message, [], ALL)
        sig = verifier.verify_headerprep(self.idx)[0]
        return b"l" in sig and int(sig[b"l"]) < len(verifier.canonical_body(sig))


def explain(oracle, ours):
    """The fewest corrections that make python3-dkim agree; None if all of them do not."""
    needed = set(ALL)
    if oracle.passes(needed) != ours:
        return None
    for name in dkimpy_corrected.CORRECTIONS:
        if oracle.passes(needed - {name}) == ours:
            needed.discard(name)
    return tuple(sorted(needed))


def signatures_of(message):
    """b= of each DKIM-Signature field, without white space."""
    found = []
    for name, value in dkim.rfc822_parse(message)[0]:
        if name.lower() == b"dkim-signature":
            match = re.search(br"(?:^|;)\s*b\s*=([^;]*)", value)
            found.append(re.sub(br"\s", b"", match.group(1)).decode("latin-1") if match else "")
    return found


def our_verdicts(line, message):
    """(result, reason, extent) of each DKIM-Signature field; one that could not be read is a permerror."""
    columns = line.split("\t")
    reported = [columns[i:i + 4] for i in range(4, len(columns), 4)]
    fields = signatures_of(message)
    if int(columns[1]) != len(fields):
        sys.exit("%s: %s fields seen, %d there" % (columns[0], columns[1], len(fields)))
    verdicts = []
    for left, b in zip(range(len(fields), 0, -1), fields):
        mine = reported and (len(reported) == left or b.startswith(reported[0][3].rstrip("=")))
        verdicts.append(reported.pop(0)[:3] if mine else ("permerror", "unreadable", "whole"))
    if reported:
        sys.exit("%s: verdicts left over: %s" % (columns[0], line))
    return verdicts


def compare(name, idx, oracle, verdict, totals, why):
    """False: the case needs looking at."""
    result, reason, extent = verdict
    ours, theirs = result == "pass", oracle.passes()
    error = oracle.error
    totals[result] += 1
    totals["agreed"] += ours == theirs
    explanation = () if ours == theirs else explain(oracle, ours)
    if explanation:
        why[explanation] += 1
    partial_is_right = not ours or (extent == "partial") == oracle.is_partial()
    if explanation is not None and partial_is_right:
        return True
    print("%s, signature %d: ours %s (%s, %s), python3-dkim %s (%s)" % (name, idx, result, reason, extent, theirs, error))
    return False


def run_engine(binary, engine, cases):
    """The verdicts on each case."""
    output = subprocess.run([binary, engine], input=write_book(cases), check=True, stdout=subprocess.PIPE).stdout
    lines = output.decode("latin-1").splitlines()
    if len(lines) != len(cases):
        sys.exit("%d cases, %d verdicts" % (len(cases), len(lines)))
    return [our_verdicts(line, message) for line, (_, message, _) in zip(lines, cases)]


def print_explained(why, texts, failures):
    for explanation, number in why.most_common():
        print("%6d  %s" % (number, "; and ".join(texts[name] for name in explanation)))
    print("%6d  not explained" % failures)


def compare_with_dkimpy(cases, strict):
    totals, why, failures = collections.Counter(), collections.Counter(), 0
    for (name, message, records), verdicts in zip(cases, strict):
        for idx, verdict in enumerate(verdicts):
            if not compare(name, idx, Oracle(message, idx, records), verdict, totals, why):
                failures += 1
                print(message, records, sep="\n")
    print("strict and python3-dkim:", ", ".join("%s %d" % item for item in sorted(totals.items())))
    print_explained(why, dkimpy_corrected.CORRECTIONS, failures)
    return failures


def compare_with_library(cases, strict, library):
    same, why, failures = 0, collections.Counter(), 0
    for (name, message, records), ours, theirs in zip(cases, strict, library):
        for idx, (mine, other) in enumerate(zip(ours, theirs)):
            explanation = library_departures.explain(mine, other, message, idx)
            if explanation:
                why[(explanation,)] += 1
            elif explanation is None:
                failures += 1
                print("%s, signature %d: strict %s, libopendkim %s" % (name, idx, mine, other), message, records, sep="\n")
            else:
                same += 1
    print("strict and libopendkim: the same %d" % same)
    print_explained(why, library_departures.DEPARTURES, failures)
    return failures


def run_seed(binary, seed, count):
    cases = generator.Generator(seed).cases(count)
    strict, library = [run_engine(binary, engine, cases) for engine in ("strict", "libopendkim")]
    print("seed %d, %d cases" % (seed, count))
    return compare_with_dkimpy(cases, strict) + compare_with_library(cases, strict, library)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    binary, count = sys.argv[1], int(sys.argv[2])
    sys.exit(1 if sum(run_seed(binary, int(seed), count) for seed in sys.argv[3:]) else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""stub"""
import collections, subprocess, sys, logging
import generator, dkim, re
logging.disable(logging.CRITICAL)

def theirs(message, idx, records):
    zone = collections.defaultdict(list)
    for n, t in records: zone[n.lower()].append(t)
    def txt(name, timeout=5):
        f = zone.get(name.rstrip(b".").lower(), [])
        if f == [b"!"]: raise dkim.DnsTimeoutError("t")
        return f[0] if f else None
    try:
        return (dkim.DKIM(message).verify(idx, dnsfunc=txt), "")
    except Exception as e:
        return (False, "%s: %s" % (type(e).__name__, e))

def book(cases):
    out = []
    for name, m, rec in cases:
        out.append(b"case %s %d %d\n" % (name.encode(), len(rec), len(m)) + b"".join(b"%s\t%s\n" % r for r in rec) + m)
    return b"".join(out)
import time
tot = collections.Counter()
for seed in map(int, sys.argv[3:]):
    t0=time.time()
    cases = generator.Generator(seed).cases(int(sys.argv[2]))
    t1=time.time()
    lines = subprocess.run([sys.argv[1]], input=book(cases), stdout=subprocess.PIPE, check=True).stdout.decode("latin-1").splitlines()
    t2=time.time()
    assert len(lines) == len(cases)
    for (name, m, rec), line in zip(cases, lines):
        f = line.split("\t"); fields = int(f[1]); sigs = [f[i:i+4] for i in range(4, len(f), 4)]
        if fields != len(sigs):
            sigs = [["permerror","unread","",""]]*fields if not sigs else None
        if sigs is None: tot["skipped"] += 1; continue
        for i, s in enumerate(sigs):
            ok, why = theirs(m, i, rec)
            k = "agree" if ok == (s[0] == "pass") else "DIFF ours %s (%s) theirs %s %s" % (s[0], s[1], ok, why[:70])
            tot[k] += 1
            tot["pass"] += ok
            if k != "agree" and tot[k] == 1: print(k); print(m.decode("latin-1")); print(rec)
    print(seed, t1-t0, t2-t1, time.time()-t2)
for k, n in tot.most_common(): print(n, k)

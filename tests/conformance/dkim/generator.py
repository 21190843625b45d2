"""Messages signed in every way RFC 6376 allows and in many it does not, and mutations of them. The same for the same seed.

The signatures are made with dkimpy's canonicalisation but written here, so that a tag may be anything and still be signed."""
import base64
import random
import time

import dkim
import dkim.canonicalization
import dkim.crypto
import keys

NOW = int(time.time())
DAY = 86400
FIELDS = [b"from", b"to", b"subject", b"date", b"message-id", b"x-one", b"x-two", b"received", b"list-id"]
WORDS = [b"weir", b"alpha", b"Beta", b"  two", b"tab\there", b"gr\xc3\xbc\xc3\x9fe", b"=20", b"a;b=c", b"\xff\xfe", b"<x@y>", b".", b"-- "]
HOUR = 3600


class Case:
    def __init__(self, name, message, records, whole_bodies):
        self.name, self.message, self.records, self.whole_bodies = name, message, records, whole_bodies


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.rsa = [keys.RSAKey(1024, seed), keys.RSAKey(1024, seed + 1000), keys.RSAKey(1024, seed + 2000, 3)]
        self.large = keys.RSAKey(2048, seed)
        self.short = keys.RSAKey(768, seed)
        self.ed = [keys.Ed25519Key(seed), keys.Ed25519Key(seed + 1)]

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def key(self):
        if self.chance(35):
            return self.r.choice(self.ed)
        return self.short if self.chance(4) else self.large if self.chance(5) else self.r.choice(self.rsa)

    # ---- messages ----

    def text(self):
        return self.r.choice([b" ", b" ", b"  ", b"\t", b" \t "]).join(self.r.choice(WORDS) for _ in range(self.r.randrange(6)))

    def field(self, name):
        name = self.r.choice([name.title(), name.title(), name, name.upper()])
        value = b"alice@example.com" if name.lower() == b"from" else self.text()
        fold = b"".join(b"\r\n" + self.r.choice([b" ", b"\t", b"   "]) + self.r.choice(WORDS[:6]) for _ in range(self.r.choice([0, 0, 1, 2])))
        return name + b":" + self.r.choice([b" ", b" ", b"", b"\t ", b"\r\n "]) + value + fold + self.r.choice([b"", b"", b"", b" ", b" \t"])

    def headers(self):
        names = [b"from", b"to", b"subject", b"date"] + [self.r.choice(FIELDS[1:]) for _ in range(self.r.randrange(4))]
        self.r.shuffle(names)
        return [field for field in map(self.field, names)]

    def line(self):
        if self.chance(4):
            return b"long " + b"x" * self.r.choice([500, 998, 3000])
        return self.text() + self.r.choice([b"", b"", b" ", b"\t\t", b" \t "])

    def body(self):
        kind = self.r.random()
        if kind < 0.08:
            return b""
        if kind < 0.14:
            return b"\r\n" * self.r.randrange(1, 4)
        if kind < 0.18:
            return self.r.choice([b" ", b"\t "]) + b"\r\n"
        lines = [self.line() for _ in range(self.r.randrange(1, 9))]
        return b"\r\n".join(lines) + self.r.choice([b"\r\n", b"\r\n", b"\r\n", b"\r\n\r\n", b"\r\n \r\n\r\n", b""])

    # ---- signatures ----

    def domain(self):
        return self.r.choice([b"example.com"] * 8 + [b"Example.COM", b"mail.example.com"])

    def identity(self, d):
        return self.r.choice([b"@" + d, b"joe@" + d, b"joe@sub." + d, b"joe=2B@" + d, b"@" + d.upper()] +
                             ([b"@example.net", b"@evil" + d, d, b"@", b""] if self.chance(12) else []))

    def times(self):
        """t= and x=."""
        t = NOW - self.r.choice([0, HOUR, 9 * DAY, 900 * DAY])
        x = NOW + self.r.choice([HOUR, DAY, 9 * DAY])
        if self.chance(12):
            t = NOW + self.r.choice([60, HOUR, 9 * HOUR, 3 * DAY])
        if self.chance(15):
            x = NOW - self.r.choice([60, HOUR, 9 * HOUR, 3 * DAY, 1000 * DAY])
        tags = [(b"t", b"%d" % t)] if self.chance(50) else []
        return tags + ([(b"x", b"%d" % x)] if self.chance(35) else [])

    def signed_names(self, message):
        names = [name.lower() for name, _ in dkim.rfc822_parse(message)[0]]
        chosen = [name for name in names if name == b"from" or self.chance(70)]
        chosen += self.r.choices(FIELDS, k=self.r.choice([0, 0, 1, 3]))  # repeated and missing ones
        self.r.shuffle(chosen)
        chosen = [self.r.choice([name, name, name.title()]) for name in chosen]
        if self.chance(3):
            chosen = [name for name in chosen if name.lower() != b"from"] or [b"to"]
        return chosen

    def algorithm(self, key):
        if key.kind == b"ed25519":
            return b"ed25519-sha256"
        return b"rsa-sha1" if self.chance(5) else b"rsa-sha256"

    def canonicalizations(self):
        c = self.r.choice([b"relaxed/relaxed", b"relaxed/simple", b"simple/relaxed", b"simple/simple", b"relaxed", b"simple", None])
        return c

    def tags(self, message, key, selector):
        """The tags but bh= and b=, in some order."""
        d = self.domain()
        tags = [(b"v", b"1"), (b"a", self.algorithm(key)), (b"d", d), (b"s", selector)] + self.times()
        separator = self.r.choice([b":", b":", b" : ", b":\r\n\t"])
        tags.append((b"h", separator.join(self.signed_names(message))))
        c = self.canonicalizations()
        tags += [(b"c", c)] if c else []
        tags += [(b"i", self.identity(d))] if self.chance(50) else []
        tags += [(b"q", b"dns/txt")] if self.chance(20) else []
        tags += [(b"l", None)] if self.chance(25) else []
        tags += [(b"z", b"From:a=20b|To:x")] if self.chance(5) else []
        tags += [(b"y_1", b"note, or not")] if self.chance(5) else []
        self.r.shuffle(tags)
        return self.spoil(tags) if self.chance(18) else tags

    def spoil(self, tags):
        """One thing that a good signer does not do."""
        i = self.r.randrange(len(tags))
        name, value = tags[i]
        other = {b"v": [b"2", b"", b"1.0", b"01"], b"a": [b"rsa-sha512", b"RSA-SHA256", b"rsa-sha256 ", b"ed25519-sha256", b"rsa-sha256", b""],
                 b"c": [b"nowsp", b"relaxed/", b"Relaxed/Simple", b"simple/simple/simple", b""],
                 b"d": [b"example.net", b"com", b"", b"exa mple.com", b"-", b"example..com"],
                 b"s": [b"other", b"", b"a..b", b"x._y"], b"q": [b"dns/txt:other", b"other", b"other:dns/txt", b"dns", b""],
                 b"l": [b"-1", b"x", b"1 2", b"", b"99999999999999999999999", b"007"],
                 b"t": [b"", b"abc", b"-5", b"99999999999", b"1.5"], b"x": [b"", b"abc", b"-5", b"99999999999", b"1"],
                 b"h": [b"from", b"", b"from::to", b":from", b"from:", b"*"]}.get(name, [b"", b"x y", b"\xc3\xbc"])
        kind = self.r.randrange(4)
        if kind == 0:
            return tags[:i] + tags[i + 1:]
        if kind == 1:
            return tags + [(name, value)]
        if kind == 2:
            return tags[:i] + [(name.upper(), value)] + tags[i + 1:]
        return tags[:i] + [(name, self.r.choice(other))] + tags[i + 1:]

    def layout(self, tags):
        """The field's value with an empty b=, and where b= goes."""
        gap = self.r.choice([b" ", b" ", b"", b"\r\n\t", b"\r\n  "])
        equals = self.r.choice([b"="] * 6 + [b" = ", b"=\r\n ", b"\t="])
        place = len(tags) if self.chance(75) else self.r.randrange(len(tags) + 1)
        written = [name + equals + value for name, value in tags]
        written.insert(place, b"b=")
        end = self.r.choice([b"", b"", b";", b"; ", b" "] + ([b";;"] if self.chance(20) else []))
        return self.r.choice([b" ", b" ", b""]) + (b";" + gap).join(written) + end

    def fold(self, text):
        if self.chance(40):
            return text
        gap = self.r.choice([b"\r\n\t", b" ", b"\r\n "])
        return gap.join(text[i:i + 60] for i in range(0, len(text), 60))

    def sign_digest(self, key, hasher):
        if key.kind == b"ed25519":
            return bytes(key.private.sign(hasher.digest()).signature)
        return bytes(dkim.crypto.RSASSA_PKCS1_v1_5_sign(hasher, key.private))

    def sign(self, message, key, selector):
        """The message with a signature on top."""
        tags = self.tags(message, key, selector)
        known = dict(tags)
        try:
            policy = dkim.canonicalization.CanonicalizationPolicy.from_c_value(known.get(b"c"))
        except dkim.canonicalization.InvalidCanonicalizationPolicyError:
            policy = dkim.canonicalization.CanonicalizationPolicy.from_c_value(None)
        headers, body = dkim.rfc822_parse(message)
        body = policy.canonicalize_body(body)
        length = max(0, len(body) - self.r.choice([0, 0, 0, 1, 2, 7, len(body)]) + (5 if self.chance(5) else 0))
        tags = [(name, b"%d" % length if value is None else value) for name, value in tags]
        covered = body[:length] if b"l" in known and known[b"l"] is None else body
        make = dkim.crypto.HASH_ALGORITHMS[b"rsa-sha1" if known.get(b"a") == b"rsa-sha1" else b"rsa-sha256"]
        tags.insert(self.r.randrange(len(tags) + 1), (b"bh", self.fold(base64.b64encode(make(covered).digest()))))
        value = self.layout(tags)
        name = self.r.choice([b"DKIM-Signature"] * 4 + [b"dkim-signature"])
        names = [name.strip().lower() for name in known.get(b"h", b"").split(b":")]
        hasher = make()
        dkim.hash_headers(hasher, policy, policy.canonicalize_headers(headers), names, (name, value + b"\r\n"), None)
        b = self.fold(base64.b64encode(self.sign_digest(key, hasher)))
        place = [m.end() for m in dkim.re.finditer(br"(?:^|[;\s])b=", value)][-1]
        return name + b":" + value[:place] + b + value[place:] + b"\r\n" + message

    # ---- key records ----

    def record(self, key):
        tags = [b"v=DKIM1", b"k=" + key.kind, b"p=" + key.p]
        if key.kind == b"rsa" and self.chance(25):
            del tags[1]
        if self.chance(15):
            tags.insert(self.r.randrange(1, len(tags) + 1),
                        self.r.choice([b"t=y", b"t=s", b"t=y:s", b"s=email", b"s=*", b"h=sha256", b"h=sha1:sha256", b"n=a note", b"g=*", b"x=1"]))
        if self.chance(10):
            tags = self.spoil_record(tags, key)
        return self.r.choice([b"; ", b"; ", b";", b" ; "]).join(tags) + self.r.choice([b"", b"", b";", b"; "])

    def spoil_record(self, tags, key):
        p = key.p
        bad = [[b"p="], [b"v=DKIM1", b"p="], [b"v=DKIM2"] + tags[1:], tags[1:] + [b"v=DKIM1"], tags[1:], tags + [b"p=" + p], tags[:-1],
               tags + [b"k=dsa"], [b"v=DKIM1", b"k=dsa", b"p=" + p], [b"k=" + key.kind.upper(), b"p=" + p], tags + [b"h=sha1"],
               tags + [b"s=other"], tags + [b"s=tlsrpt"], tags + [b"s=other:email"], tags + [b""], tags + [b"", b"x=y"], tags + [b"junk"],
               [b"v=spf1 -all"], [b"garbage"], [b""], tags[:-1] + [b"p=" + p[:20] + b" \t" + p[20:]], tags[:-1] + [b"p=" + p.rstrip(b"=")],
               tags[:-1] + [b"p=" + p[:-8]], tags[:-1] + [b"p=" + p + b"AAAA"], tags[:-1] + [b"p=!" + p[1:]], [b"V=DKIM1", b"P=" + p],
               tags[:-1] + [b"p=" + self.rsa[1].p], tags[:-1] + [b"p=" + self.ed[1].p]]
        if key.kind == b"rsa":
            bad += [tags[:-1] + [b"p=" + key.with_huge_exponent()]] * 3
        return self.r.choice(bad)

    def records(self, selector, key):
        """Of a selector under every domain that the messages name."""
        kind = self.r.random()
        texts = [self.record(key)]
        if kind < 0.02:
            texts = [b"!"]
        elif kind < 0.04:
            texts = []
        elif kind < 0.06:
            texts.insert(self.r.randrange(2), self.r.choice([b"other text", b"v=DKIM1; p=", self.record(key)]))
        return [(selector + b"._domainkey." + d, text) for d in (b"example.com", b"mail.example.com") for text in texts]

    # ---- mutations ----

    def mutate_header(self, fields):
        i = self.r.randrange(len(fields))
        at = fields[i].index(b":") + 1
        name, value = fields[i][:at], fields[i][at:]
        kind = self.r.randrange(9)
        if kind == 0 and not name.lower().startswith(b"dkim"):
            fields[i] = name + value + b"x"
        elif kind == 1:
            fields[i] = name.swapcase() + value
        elif kind == 2:
            fields[i] = name + value + b" "
        elif kind == 3:
            fields[i] = name + value.replace(b" ", b"\r\n ", 1)
        elif kind == 4:
            fields[i] = name + value.replace(b"\r\n", b"").replace(b"\t", b" ").replace(b"  ", b" ")
        elif kind == 5:
            fields.insert(self.r.randrange(len(fields) + 1), fields[i])
        elif kind == 6:
            del fields[i]
        elif kind == 7:
            fields.insert(self.r.randrange(len(fields) + 1), self.field(self.r.choice(FIELDS)))
        else:
            self.r.shuffle(fields)
        return fields

    def mutate_body(self, body):
        at = self.r.randrange(len(body) + 1)
        return self.r.choice([body + b"\r\n", body + b"\r\n\r\n", body + b"appended\r\n", body[:-2], body[:at].rstrip(b"\r") + body[at:].lstrip(b"\n"),
                              body.replace(b"\r\n", b" \r\n"), body.replace(b"  ", b" "), body.replace(b" ", b"  "), b"\r\n" + body, b"", b"\r\n",
                              body.replace(b"e", b"f", 1), body.rstrip(), body[:at] + b" " + body[at:] if not body[:at].endswith(b"\r") else body])

    def mutate_signature(self, field):
        at = self.r.randrange(field.index(b":") + 1, len(field))
        while field[at:at + 1] in (b"\r", b"\n") or field[at - 1:at] in (b"\r", b"\n"):
            at -= 1
        kind = self.r.randrange(5)
        if kind == 0:
            return field[:at] + self.r.choice([b"A", b"=", b";", b" ", b"\t", b"\r\n ", b":", b"\xe9"]) + field[at:]
        if kind == 1:
            return field[:at] + field[at + 1:] if field[at + 1:at + 2] not in (b" ", b"\t") and field[at - 1:at] != b"\n" else field
        if kind == 2:
            return field[:at] + bytes([field[at] ^ 1]) + field[at + 1:]
        if kind == 3:
            return field.replace(b"=\r\n", b"=", 1).replace(b"; ", b";  ", 1)
        return field + self.r.choice([b";", b" ;", b"; x=1", b"; l=0", b"; b=", b"; b=AAAA", b"=", b";;"])

    def mutate(self, message):
        head, _, body = message.partition(b"\r\n\r\n")
        fields = dkim.re.split(br"\r\n(?![ \t])", head)
        kind = self.r.random()
        if kind < 0.4:
            fields = self.mutate_header(fields)
        elif kind < 0.7:
            body = self.mutate_body(body)
        else:
            signatures = [i for i, field in enumerate(fields) if field.lower().startswith(b"dkim-signature")]
            i = self.r.choice(signatures)
            fields[i] = self.mutate_signature(fields[i])
        return b"\r\n".join(fields) + b"\r\n\r\n" + body

    # ---- cases ----

    def signed(self):
        """A message with one signature, sometimes two, and the key records."""
        message = b"\r\n".join(self.headers()) + b"\r\n\r\n" + self.body()
        records = []
        for selector in [b"one", b"two"][:1 if self.chance(80) else 2]:
            key = self.key()
            records += self.records(selector, key)
            message = self.sign(message, key, selector)
        return message, records

    def cases(self, count):
        """As signed, and with mutations."""
        made = []
        while len(made) < count:
            message, records = self.signed()
            made.append((message, records))
            if not self.chance(60):
                continue
            for _ in range(3):
                made.append((self.mutate(message), records))
        return [("c%d" % i, message, records) for i, (message, records) in enumerate(made[:count])]

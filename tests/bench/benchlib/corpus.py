"""Signed messages and the zone that vouches for them: SPF pass, one RSA-2048 DKIM signature, DMARC aligned under p=reject.

Signs with the openssl command, so that nothing of Mailweir takes part in making its own test."""
import base64
import hashlib
import os
import random
import re
import subprocess

SIGNED = ("From", "To", "Subject", "Date", "Message-ID")
WORDS = "river water weir stone bank reed heron current flood bridge mill gate pool spring rain channel gravel otter".split()


def openssl(*arguments, data=None):
    return subprocess.run(("openssl",) + arguments, input=data, capture_output=True, check=True).stdout


class Key:
    def __init__(self, path):
        self.path = path
        openssl("genrsa", "-out", path, "2048")
        self.public = base64.b64encode(openssl("rsa", "-in", path, "-pubout", "-outform", "DER")).decode()

    def sign(self, data):
        return base64.b64encode(openssl("dgst", "-sha256", "-sign", self.path, data=data)).decode()


def body(rng, size):
    """Lines of words, canonical in the sense of relaxed canonicalization already (RFC 6376 §3.4.4)."""
    lines, length = [], 0
    while length < size:
        line = " ".join(rng.choice(WORDS) for _ in range(11))
        lines.append(line)
        length += len(line) + 2
    return "\r\n".join(lines) + "\r\n"


def relaxed(name, value):
    return name.lower() + ":" + re.sub(r"\s+", " ", value).strip()


def signature(fields, text, domain, key):
    """A DKIM-Signature over fields and body, relaxed/relaxed (RFC 6376 §3.5)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    value = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=bench; h=%s;\r\n\tbh=%s;\r\n\tb=" % (domain, ":".join(SIGNED), digest)
    data = "\r\n".join([relaxed(name, fields[name]) for name in SIGNED] + [relaxed("DKIM-Signature", value)])
    signed = key.sign(data.encode())
    return value + "\r\n\t".join(signed[i:i + 72] for i in range(0, len(signed), 72))


def message(rng, number, domain, key, size):
    fields = {
        "From": "Bench <bench@%s>" % domain, "To": "<rcpt@test.example>", "Subject": "message %d" % number,
        "Date": "Sun, 1 Feb 2026 12:00:%02d +0000" % (number % 60), "Message-ID": "<%d@%s>" % (number, domain),
    }
    text = body(rng, max(100, size - 900))
    fields = {"DKIM-Signature": signature(fields, text, domain, key), **fields}
    return "".join("%s: %s\r\n" % field for field in fields.items()) + "\r\n" + text + ".\r\n"


def zone_lines(domain, key):
    chunks = " ".join('"%s"' % part for part in re.findall(".{1,200}", "v=DKIM1; k=rsa; p=" + key.public))
    return ['%s. TXT "v=spf1 ip4:11.1.1.0/24 -all"' % domain,
            'mail.%s. TXT "v=spf1 ip4:11.1.1.0/24 -all"' % domain,
            "bench._domainkey.%s. TXT %s" % (domain, chunks),
            '_dmarc.%s. TXT "v=DMARC1; p=reject"' % domain]


def make(directory, size, domains=40, messages=200, keys=8):
    """Writes corpus and zone into directory."""
    rng = random.Random(1)
    ring = [Key(os.path.join(directory, "key%d.pem" % i)) for i in range(keys)]
    names = ["sender%02d.example" % i for i in range(domains)]
    with open(os.path.join(directory, "zone"), "w", encoding="ascii") as zone:
        for i, domain in enumerate(names):
            zone.write("\n".join(zone_lines(domain, ring[i % keys])) + "\n")
    with open(os.path.join(directory, "corpus"), "wb") as corpus:
        for i in range(messages):
            domain = names[i % domains]
            text = message(rng, i, domain, ring[i % domains % keys], size).encode()
            source = "11.1.1.%d" % (1 + i % 24)
            corpus.write(b"%s mail.%s bench@%s rcpt@test.example %d\n" % (source.encode(), domain.encode(), domain.encode(), len(text)))
            corpus.write(text)

"""Odd but legal messages, the same ones each time, and DKIM signatures on them by another's code (dkimpy)."""
import base64
import hashlib
import random
import uuid

import dkim
from nacl.signing import SigningKey

from faultlab.mail import Message

HEADER_SIZE = 256 * 1024
DOMAIN, SELECTOR = b"lab.example", b"odd"
HEADERS = {
    "no header at all": b"",
    "only an empty line": b"\r\n",
    "a field without a body": b"Subject: x\r\n",
    "an empty field": b"From: a@lab.example\r\nSubject:\r\n\r\n",
    "plain": b"From: a@lab.example\r\nSubject: plain\r\n\r\n",
    "8 bits": b"From: a@lab.example\r\nSubject: gr\xfc\xdfe \xff\xfe\r\n\r\n",
    "EAI": "From: Jürgen <jürgen@lab.example>\r\nTo: 用户@weir.example\r\nSubject: Grüße 🦢\r\n\r\n".encode(),
    "folded everywhere": b"From:\r\n a@lab.example\r\nSubject:\r\n\tfolded\r\n \tagain\r\n  and again\r\n\r\n",
    "blanks before the colon": b"From : a@lab.example\r\nSubject\t: x\r\n\r\n",
    "blanks at line ends": b"From: a@lab.example   \r\nSubject: x\t \r\n\r\n",
    "lower and upper case": b"fROM: a@lab.example\r\nSUBJECT: x\r\nsubject: y\r\n\r\n",
    "one field many times": b"From: a@lab.example\r\n" + b"X-Again: same\r\n" * 200 + b"\r\n",
    "a huge header": b"From: a@lab.example\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"v" * 400) for n in range(400)) + b"\r\n",
    "a field of 100 KB": b"From: a@lab.example\r\nX-Long: " + b"\r\n ".join(b"w" * 900 for _ in range(110)) + b"\r\n\r\n",
    "a field in one line of 60 KB": b"From: a@lab.example\r\nX-Long: " + b"w" * 60000 + b"\r\n\r\n",
    "lines of 998": b"From: a@lab.example\r\nX-Line: " + b"y" * 990 + b"\r\n\r\n",
    "dots in the header": b"From: a@lab.example\r\nSubject: .\r\n .\r\n ..\r\n\r\n",
    "results of others": b"Authentication-Results: mx.other.example; spf=pass\r\nReceived: from a by mx.other.example; Mon, 6 Jul 2026 10:00:00 +0000\r\n"
                         b"From: a@lab.example\r\nReceived-SPF: none\r\n\r\n",
    "mailing list": b"From: a@lab.example\r\nList-Id: <l.lab.example>\r\nReply-To: b@lab.example\r\nMIME-Version: 1.0\r\n\r\n",
    "quoted and encoded names": b"From: \"a, b\" (c \\) d) <a@lab.example>\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?= =?utf-8?q?=2E?=\r\n\r\n",
    "header of blanks": b"From: a@lab.example\r\nX-Blank:    \r\n \t\r\n \r\n\r\n",
    "Return-Path on top": b"Return-Path: <b@lab.example>\r\nFrom: a@lab.example\r\nDelivered-To: x\r\n\r\n",
    "sent again": b"Resent-From: b@lab.example\r\nResent-Date: Mon, 06 Jul 2026 10:00:00 +0000\r\nFrom: a@lab.example\r\n\r\n",
    "tabs and nothing after the colon": b"From:\ta@lab.example\r\nSubject:x\r\nX-A:\t\r\n\r\n",
    "many recipients": b"From: a@lab.example\r\nTo: " + b",\r\n\t".join(b"r%d@weir.example" % n for n in range(900)) + b"\r\n\r\n",
    "odd field names": b"From: a@lab.example\r\nX!#$%&'*+-./9^_`{|}~: 1\r\n0: 2\r\n\r\n",
    "dates of long ago": b"From: a@lab.example\r\nDate: Thu, 1 Jan 70 00:00 GMT (x)\r\n\r\n",
    "no From": b"Subject: nobody\r\nDate: Mon, 06 Jul 2026 10:00:00 +0000\r\n\r\n",
}
BODIES = {
    "empty": b"",
    "one line": b"Hello.\r\n",
    "empty lines": b"\r\n\r\n\r\n",
    "a dot": b".\r\n",
    "many dots": b".\r\n..\r\n...\r\n. x\r\n.x\r\nx.\r\n",
    "dots and empty lines": b"\r\n.\r\n\r\n..\r\n\r\n",
    "8 bits": bytes(n for n in range(1, 256) if n not in (10, 13)) + b"\r\n",
    "UTF-8": "Grüße, 你好, 🦢\r\n".encode() * 20,
    "blanks at line ends": b"a \r\nb\t\r\n \r\n\t\t\r\n",
    "a line of 998": b"z" * 998 + b"\r\n",
    "a line of 999": b"z" * 999 + b"\r\n",
    "a line of 2048": b"." + b"z" * 2047 + b"\r\n",
    "a line of 64 KB": b"z" * 65536 + b"\r\n",
    "a line of 1 MB less 2": b"z" * ((1 << 20) - 2) + b"\r\n",
    "From at the line's start": b"From me\r\n>From me\r\n",
    "looks like commands": b"QUIT\r\nRSET\r\nMAIL FROM:<x@lab.example>\r\nDATA\r\n354 Go\r\n250 Ok\r\n",
    "looks like a header": b"Received: from x\r\nAuthentication-Results: mx.other.example; spf=pass\r\n\r\n",
    "control characters": b"\x01\x02\x07\x08\x0b\x0c\x1b[31m\x7f\r\n",
    "base64": base64.encodebytes(bytes(range(256)) * 40).replace(b"\n", b"\r\n"),
    "multipart": b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\n\r\n\r\n--b--\r\nepilogue\r\n",
    "100 KB of dots": b".\r\n" * 33000,
}


class Keys:
    """Ed25519 (RFC 8463)."""

    def __init__(self):
        self.private = SigningKey(hashlib.sha256(b"the laboratory").digest())
        self.record = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(self.private.verify_key))

    def zone(self):
        return f'{SELECTOR.decode()}._domainkey.{DOMAIN.decode()}. TXT "{self.record.decode()}"\n'

    def sign(self, content, form):
        return dkim.sign(content, SELECTOR, DOMAIN, base64.b64encode(bytes(self.private)), signature_algorithm=b"ed25519-sha256",
                         canonicalize=form, include_headers=[b"from", b"subject"]) + content

    def verifies(self, content):
        try:
            return dkim.verify(content, dnsfunc=lambda name, timeout=5: self.record)
        except dkim.DKIMException:
            return False


class OddMessage(Message):
    def __init__(self, identity, content, title, signed):
        super().__init__(identity, content)
        self.title, self.signed = title, signed


def messages(keys):
    """All headers with all bodies; those that can be signed are, in one of the four canonical forms."""
    rng, forms = random.Random(17), [(a, b) for a in (b"simple", b"relaxed") for b in (b"simple", b"relaxed")]
    for header, head in HEADERS.items():
        for body, text in BODIES.items():
            if text and not head.endswith(b"\r\n\r\n") and head != b"\r\n":
                continue
            content, form = head + text, forms[rng.randrange(4)]
            signed = head.startswith((b"From:", b"fROM:")) and keys.verifies(keys.sign(content, form))
            identity = uuid.UUID(int=rng.getrandbits(128), version=4).hex
            yield OddMessage(identity, keys.sign(content, form) if signed else content, f"{header}, {body}", signed)
    for body, text in BODIES.items():
        if text and text.find(b"\r\n") < HEADER_SIZE:  # without a header, the first line could be one
            yield OddMessage(uuid.UUID(int=rng.getrandbits(128), version=4).hex, text, f"no header, {body}", False)

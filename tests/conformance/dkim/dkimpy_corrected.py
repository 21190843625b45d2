"""python3-dkim's verifier with its known departures from the RFCs corrected, each by a switch of its own.

A disagreement with our verifier is explained if, and only if, one of these corrections makes it go away."""
import logging
import re
import time

import dkim
import dkim.crypto

logging.getLogger("dkimpy").setLevel(logging.CRITICAL)

CORRECTIONS = {
    "from": "RFC 6376 5.4.2: h= names which From fields are signed; dkimpy adds one more",
    "own": "RFC 6376 3.5: h= never means the signature's own field, but another DKIM-Signature",
    "signed from": "RFC 6376 5.4: a signature that does not cover From is none",
    "b first": "RFC 6376 3.7: b= is emptied wherever it stands, and white space around its value with it",
    "last blank": "RFC 6376 3.4.1: in the simple form the blank at the end of the signature field is signed too",
    "last line": "RFC 6376 3.4.4: a body without a final CRLF gets one before its blanks are reduced",
    "expired": "RFC 6376 3.5: x= has passed; dkimpy allows ten hours, we five minutes",
    "future": "RFC 6376 3.5: t= lies ahead; dkimpy allows ten hours, we five minutes",
    "order": "RFC 6376 3.5: x= must be greater than t=",
    "sha1": "RFC 8301 3.1: rsa-sha1 must not be verified",
    "length": "RFC 6376 3.5: l= must not be greater than the body's length",
    "padding": "RFC 6376 3.5, 2.10: white space and padding of b= mean nothing; a signature either matches or not",
    "letters": "RFC 6376 3.2 has a= in small letters; libopendkim reads it without case, which proves as much",
    "query": "RFC 6376 3.5: q= is a list, and dns/txt may be one among others; libopendkim also takes its older spelling, dns",
    "ascii": "RFC 6376 3.2: a tag's value has no bytes of 0x80 and above (RFC 8616 lets them into d=, i= and s= only)",
    "service": "RFC 6376 3.6.1: s= of a key is a list; one that lacks email is not for mail",
    "hash": "RFC 6376 3.6.1: a key whose h= lacks sha256 is not for it",
    "strict": "RFC 6376 3.6.1: t=s forbids i= in a subdomain of d=",
    "version": "RFC 6376 3.6.1: v= of a key must be its first tag",
    "key text": "RFC 6376 2.10, 3.6.1: p= is base64 and nothing else; a key ends where its encoding ends",
    "key tags": "RFC 6376 3.2: empty tags are let pass in key records, as other verifiers do; names have only letters, digits and _",
    "key type": "RFC 6376 3.6.1: k= must fit a=",
    "exponent": "not RFC: an exponent of more than 64 bits is refused, for it costs time and serves nobody",
    "several": "RFC 6376 3.6.2.2 leaves several keys at one name undefined: ours takes the only usable one, dkimpy the first",
}

SLACK = 300


class FixedList(list):
    """h=, to which dkimpy cannot add."""

    def append(self, item):
        pass


def tags_of(text):
    """A key record's tags in order; None if it is no list of them."""
    tags = []
    for part in text.split(b";"):
        if not part.strip():
            continue
        name, equals, value = part.partition(b"=")
        if not equals or not re.match(br"^[A-Za-z][A-Za-z0-9_]*$", name.strip()) or name.strip() in dict(tags):
            return None
        tags.append((name.strip(), value.strip()))
    return tags


class Verifier(dkim.DKIM):
    def __init__(self, message, records, enabled):
        dkim.DKIM.__init__(self, message)
        self.records, self.enabled = records, enabled
        if "last line" in enabled and self.body and not self.body.endswith(b"\r\n"):
            self.body += b"\r\n"

    # ---- the signature ----

    def has_good_times(self, sig):
        now = int(time.time())
        t, x = [int(sig[name]) if name in sig else None for name in (b"t", b"x")]
        if "expired" in self.enabled and x is not None and x + SLACK < now:
            return False
        if "future" in self.enabled and t is not None and t > now + SLACK:
            return False
        return not ("order" in self.enabled and t is not None and x is not None and x <= t)

    def canonical_body(self, sig):
        policy = dkim.CanonicalizationPolicy.from_c_value(sig.get(b"c", b"simple/simple"))
        return policy.canonicalize_body(self.body)

    def is_acceptable(self, sig, names):
        if "ascii" in self.enabled and any(max(value, default=0) > 127 for name, value in sig.items() if name not in (b"d", b"i", b"s")):
            return False
        if "sha1" in self.enabled and sig[b"a"] == b"rsa-sha1":
            return False
        if "signed from" in self.enabled and b"from" not in names:
            return False
        if "length" in self.enabled and b"l" in sig and int(sig[b"l"]) > len(self.canonical_body(sig)):
            return False
        return self.has_good_times(sig)

    def correct_field(self, field):
        """The field so that dkimpy reads in it what is there."""
        name, value = field
        if "letters" in self.enabled:
            value = re.sub(br"(?i)(\ba\s*=\s*)(rsa-sha256|ed25519-sha256)", lambda m: m.group(1) + m.group(2).lower(), value)
        if "query" in self.enabled:
            value = re.sub(br"(\bq\s*=\s*)(?:[^;]*:)?dns(?:/txt)?(?::[^;]*)?(?=;|\s*$)", br"\1dns/txt", value)
        if "padding" in self.enabled:
            value = re.sub(br"(?<![a-zA-Z0-9_])b(\s*=)([a-zA-Z0-9+/=\s]*)", self.pad, value)
        return [name, value]

    @staticmethod
    def pad(match):
        text = re.sub(br"[\s=]", b"", match.group(2))
        return b"b" + match.group(1) + text + b"=" * (-len(text) % 4)

    def verify_headerprep(self, idx=0):
        fields = [i for i, (name, _) in enumerate(self.headers) if name.lower() == b"dkim-signature"]
        self.place = fields[idx]
        original = self.headers[fields[idx]]
        self.headers[fields[idx]] = self.correct_field(original)
        try:
            sig, names, sigheaders = dkim.DKIM.verify_headerprep(self, idx)
        finally:
            self.headers[fields[idx]] = original
        sigheaders[idx] = original
        return sig, FixedList(names) if "from" in self.enabled else names, sigheaders

    def hash_headers(self, hasher, policy, headers, names, field, sig):
        """As dkim.hash_headers, which cuts too little from the signature's own field, and too much."""
        value = field[1]
        if "b first" in self.enabled:
            value = re.sub(br"((?:^|;)\s*b\s*=)[^;]*?(\r\n)?(?=;|$(?![\r\n]))", lambda m: m.group(1) + (m.group(2) or b""), value)
        else:
            value = dkim.RE_BTAG.sub(b"\\1", value)
        own = policy.canonicalize_headers([(field[0], value)])
        if "own" in self.enabled:
            headers = headers[:self.place] + headers[self.place + 1:]
        cut = (lambda text: re.sub(br"\r\n$", b"", text)) if "last blank" in self.enabled else bytes.rstrip
        for name, text in dkim.select_headers(headers, names) + [(name, cut(text)) for name, text in own]:
            hasher.update(name + b":" + text)

    # ---- the key ----

    def is_usable(self, tags, sig):
        known = dict(tags)
        kind = b"ed25519" if sig[b"a"].lower() == b"ed25519-sha256" else b"rsa"
        words = {name: [word.strip() for word in value.split(b":")] for name, value in tags}
        if "version" in self.enabled and b"v" in known and tags[0][0] != b"v":
            return False
        if "service" in self.enabled and not {b"*", b"email"} & set(words.get(b"s", [b"*"])):
            return False
        if "hash" in self.enabled and b"sha256" not in words.get(b"h", [b"sha256"]):
            return False
        if "key type" in self.enabled and known.get(b"k", b"rsa") != kind:
            return False
        subdomain = b"i" in sig and sig[b"i"].rpartition(b"@")[2].lower() != sig[b"d"].lower()
        if "strict" in self.enabled and subdomain and b"s" in words.get(b"t", []):
            return False
        p = re.sub(br"\s", b"", known.get(b"p", b""))
        return not ("key text" in self.enabled and not re.match(br"^[A-Za-z0-9+/]+=*$", p))

    def is_good_key(self, text, sig):
        p = re.sub(br"\s", b"", dict(tags_of(text) or []).get(b"p", b""))
        if sig[b"a"].lower() == b"ed25519-sha256":
            return True
        try:
            der = dkim.base64.b64decode(p + b"=" * (-len(p) % 4))
            if "key text" in self.enabled and len(der) > 3 and len(der) != self.der_length(der):
                return False
            return "exponent" not in self.enabled or dkim.crypto.parse_public_key(der)["publicExponent"].bit_length() <= 64
        except (dkim.binascii.Error, dkim.crypto.UnparsableKeyError, IndexError, KeyError, ValueError):
            return False

    @staticmethod
    def der_length(der):
        if der[1] < 128:
            return der[1] + 2
        count = der[1] & 127
        return int.from_bytes(der[2:2 + count], "big") + 2 + count

    def correct_record(self, text, sig):
        """The record as dkimpy reads it rightly, or None if it must not use it."""
        tags = tags_of(text)
        if tags is None:
            return None if "key tags" in self.enabled else text
        if not self.is_usable(tags, sig):
            return None
        known = dict(tags)
        if "service" in self.enabled:
            known.pop(b"s", None)
        if "key text" in self.enabled:
            p = re.sub(br"\s", b"", known.get(b"p", b""))
            known[b"p"] = p + b"=" * (-len(p) % 4)
        return b"; ".join(name + b"=" + value for name, value in known.items()) if "key tags" in self.enabled else text

    def key_text(self, sig):
        texts = self.records
        if b"!" in texts:
            raise dkim.DnsTimeoutError("no answer")
        corrected = [self.correct_record(text, sig) for text in texts]
        if "several" in self.enabled:
            usable = [text for text in corrected if text and dict(tags_of(text) or []).get(b"p")]
            corrected = usable if len(usable) == 1 else []
        return corrected[0] if corrected and corrected[0] and self.is_good_key(corrected[0], sig) else None

    # ---- both ----

    def verdict(self, idx, records_of):
        plain, dkim.hash_headers = dkim.hash_headers, self.hash_headers
        try:
            prep = self.verify_headerprep(idx)
            sig, names, sigheaders = prep
            self.records = records_of(sig[b"s"] + b"._domainkey." + sig[b"d"])
            return self.is_acceptable(sig, names) and bool(
                self.verify_sig(sig, names, sigheaders[idx], lambda name, timeout: self.key_text(sig)))
        finally:
            dkim.hash_headers = plain

"""Where libopendkim says something else than engine strict of the same signature, and why.

A difference is explained if, and only if, the signature is such that one of these departures applies. None of them makes a signature
pass that strict refuses, but for white space, an empty l= and an unknown q=, which the library does
not mind."""
import re

import dkim

DEPARTURES = {
    "order": "RFC 6376 6.1.3: the body's hash is compared first; the library checks the signature first. Both fail",
    "length of b": "b= has a length that no base64 has: for the library it is malformed, for us it does not match",
    "own": "RFC 6376 3.5: h= never means the signature's own field, but another DKIM-Signature; the library takes the lowest of all",
    "empty": "RFC 6376 3.5: l= needs a digit; the library takes none for 0",
    "query": "RFC 6376 3.5: a verifier must know one of the methods of q=; the library, which does not look keys up here, does not mind",
    "blanks": "RFC 6376 3.2: white space inside a value is not none; the library removes all of it",
    "domain": "d= is no domain of mail, or d=, s= or i= has other letters than host names have: one engine calls it malformed where the other finds another fault first",
    "author": "the library does not look at messages whose From it cannot read",
}

MALFORMED, MISMATCH, NO_DOMAIN = "signature is malformed", "signature does not match", "d= is no domain name"


def tag(field, name):
    match = re.search(br"(?:^|;)\s*" + name + br"\s*=([^;]*)", field)
    return match.group(1).strip() if match else None


def is_wrong_length(b):
    text = re.sub(br"\s", b"", b or b"")
    return len(text) % 4 != 0 or text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4) != text


def has_unknown_query(field):
    q = tag(field, b"q")
    return q is not None and b"dns/txt" not in [method.strip().lower() for method in q.split(b":")]


def has_blanks(field):
    if re.search(br"[^\s:]\s+[^\s:]", tag(field, b"h") or b""):
        return True
    return any(re.search(br"\S\s+\S", tag(field, name) or b"") for name in (b"i", b"l", b"t", b"x", b"v", b"a", b"c", b"q"))


def has_odd_domain(field):
    names = [tag(field, b"d") or b"", tag(field, b"s") or b"", (tag(field, b"i") or b"").rpartition(b"@")[2]]
    return any(re.search(br"[^A-Za-z0-9._-]", name) for name in names)


def has_odd_author(headers):
    authors = [value for name, value in headers if name.strip().lower() == b"from"]
    return not authors or not re.search(br"\S@\S", authors[0])


def departures(mine, other, headers, field):
    """The names of those that apply."""
    names = [name.strip().lower() for name in (tag(field, b"h") or b"").split(b":")]
    refused = mine[0] != "pass" and other[0] != "pass"
    return [name for name, applies in {
        "order": refused and mine[1] == "body has been altered" and other[1] == MISMATCH,
        "length of b": refused and other[1] == MALFORMED and is_wrong_length(tag(field, b"b")),
        "own": other[0] != "pass" and other[1] == MISMATCH and b"dkim-signature" in names,
        "empty": mine[1] == MALFORMED and tag(field, b"l") == b"",
        "query": mine[1] == MALFORMED and has_unknown_query(field),
        "blanks": mine[1] == MALFORMED and has_blanks(field),
        "domain": refused and MALFORMED in (mine[1], other[1]) and (has_odd_domain(field) or mine[1] == NO_DOMAIN),
        "author": other[0] != "pass" and has_odd_author(headers),
    }.items() if applies]


def plain(verdict):
    """One that could not be read is malformed, whether or not an engine lists it."""
    result, reason, extent = verdict
    return result, MALFORMED if reason == "unreadable" else reason, extent


def explain(mine, other, message, idx):
    """"": they say the same; None: there is no explanation."""
    mine, other = plain(mine), plain(other)
    if mine == other:
        return ""
    headers = dkim.rfc822_parse(message)[0]
    fields = [value for name, value in headers if name.lower() == b"dkim-signature"]
    found = departures(mine, other, headers, fields[idx])
    return found[0] if found else None

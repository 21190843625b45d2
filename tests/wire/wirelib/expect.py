"""Compares a line with what a dialogue expects of it."""
import re

from .dialogue import unescape


def printable(data):
    """Bytes as a dialogue would write them."""
    out = []
    for byte in data:
        if byte == 0x5C:
            out.append("\\\\")
        elif byte in (10, 13, 0, 9):
            out.append({10: "\\n", 13: "\\r", 0: "\\0", 9: "\\t"}[byte])
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append("\\x%02x" % byte)
    return "".join(out)


def line_matches(expected, line):
    """Exact bytes; '...' stands for anything; a leading '~' makes it a regular expression over the whole line."""
    if expected.startswith("~"):
        return re.fullmatch(expected[1:], line.decode("latin-1")) is not None
    parts = [re.escape(unescape(part)) for part in expected.split("...")]
    return re.fullmatch(b".*".join(parts), line, re.DOTALL) is not None


def reply_fault(line):
    """What is wrong with a line of ours to a client, whatever it says: bounded, printable, CRLF (RFC 5321 §4.5.3.1.5); or None."""
    if not line.endswith(b"\r\n"):
        return "a line must end with CRLF"
    if len(line) > (12288 if line.startswith(b"334 ") else 512):  # a challenge may be long (RFC 4954 §4)
        return "a reply line is too long"
    if any(byte < 32 or byte > 126 for byte in line[:-2]):
        return "raw bytes in a reply"
    if not re.match(rb"[2-5][0-9][0-9][ -]", line):
        return "not a reply line"
    return None


def code_matches(expected, code, enhanced):
    """expected: '250 2.1.0', '250', '4xx', alternatives with |; returns whether one of them fits."""
    for one in expected.split("|"):
        words = one.split()
        if words and words[0] != "closed" and re.fullmatch(words[0].replace("x", "[0-9]"), code):
            if len(words) == 1 or re.fullmatch(re.escape(words[1]).replace("x", "[0-9]+"), enhanced):
                return True
    return False

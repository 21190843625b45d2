"""Whether a log file is what it promises: lines that all parse, without a raw control byte."""
import json
import re

PAIR = rb'[^\s="\\\x7f-\xff]+=(?:"(?:[^"\\]|\\(?:["\\nrt]|u[0-9a-f]{4}|x[0-9a-f]{2}))*"|[^\s="\\]*)'
LOGFMT = re.compile(PAIR + rb"(?: " + PAIR + rb")*")
RAW = re.compile(rb"[\x00-\x1f\x7f]")


def is_json(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def is_good(line):
    if RAW.search(line):
        return False
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return is_json(line) if line.startswith(b"{") else bool(LOGFMT.fullmatch(line))


def check(path):
    """The number of lines, and the bad ones."""
    with open(path, "rb") as log:
        lines = log.read().split(b"\n")
    bad = [line for line in lines[:-1] if not is_good(line)]
    return len(lines) - 1, bad + [line for line in lines[-1:] if line]

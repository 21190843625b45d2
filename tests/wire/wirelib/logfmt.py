"""Reads log lines (logfmt) and finds those that match."""
import re

PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')


def parse(line):
    return {m[1]: re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3] for m in PAIR.finditer(line)}


def matches(pattern, record):
    """pattern: 'key=value key="other value" key=~regex key=*' ; all must hold. key=- : the key is absent."""
    for key, value in parse(pattern).items():
        if value == "-":
            if key in record:
                return False
        elif key not in record:
            return False
        elif value.startswith("~"):
            if not re.fullmatch(value[1:], record[key]):
                return False
        elif value != "*" and value != record[key]:
            return False
    return True

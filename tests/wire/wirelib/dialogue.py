"""Reads a dialogue file into a header and a list of steps. The language is described in tests/wire/README.md."""
import os
import re

VARIANTS = ("written", "pipelined", "bytewise")
DEFAULT_KEYWORDS = ["PIPELINING", "SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES"]
HEADER_KEYS = {"config", "zone", "keywords", "variants", "client", "backend-port", "backend-tls"}


class DialogueError(Exception):
    """The dialogue itself is wrong: says where."""


class Step:
    """One line of a dialogue: who (C, S, B, LOG, T, pause), number of the connection, what, and its argument."""

    def __init__(self, path, line, source, who, number, op, arg):
        self.path, self.line, self.source = path, line, source
        self.who, self.number, self.op, self.arg = who, number, op, arg

    def __repr__(self):
        return "%s:%d: %s" % (self.path, self.line, self.source)


class Dialogue:
    def __init__(self, path, name):
        self.path, self.name = path, name
        self.title = ""
        self.config, self.zone = "", ""
        self.keywords = list(DEFAULT_KEYWORDS)
        self.variants = list(VARIANTS)
        self.client = None
        self.backend_up = True
        self.backend_tls = False
        self.steps = []

    def group(self):
        """Dialogues with the same key can share one process."""
        return (self.config, self.zone, tuple(self.keywords), self.backend_up, self.backend_tls)


REPEAT = re.compile(r"\\\{(.+?)\*(\d+)\}")
ESCAPES = {"r": b"\r", "n": b"\n", "0": b"\0", "t": b"\t", "\\": b"\\", "s": b" "}


def unescape(text):
    """Bytes of a text with \\r \\n \\0 \\t \\s \\\\ \\xNN, and \\{ab*500} for many."""
    out, i = bytearray(), 0
    while i < len(text):
        if text[i] != "\\":
            out += text[i].encode()
            i += 1
        elif m := REPEAT.match(text, i):
            out += unescape(m[1]) * int(m[2])
            i = m.end()
        elif text[i + 1:i + 2] == "x" and re.fullmatch("[0-9a-fA-F]{2}", text[i + 2:i + 4]):
            out.append(int(text[i + 2:i + 4], 16))
            i += 4
        elif text[i + 1:i + 2] in ESCAPES:
            out += ESCAPES[text[i + 1]]
            i += 2
        else:
            raise DialogueError("unknown escape in %r" % text)
    return bytes(out)


STEP = re.compile(r"(C|S|B)(\d?)(:|=|\+|~|>|<|\*\d+:| )(?: ?(.*))?$")
EVENTS = {
    "C": r"(connect( \S+)?|connect-tls|tls|close|reset|half-close)$",
    "S": r"(closed|silent \d+ms)$",
    "B": r"(greets|accept|tls|close|reset|half-close|closed|ends|none|at \S+)$",
}
SIGNS = {"C": ":+~*", "S": ":=", "B": "><~"}


def parse_step(path, line, text):
    if m := re.fullmatch(r"(LOG|T)([:!]) (.*)", text):
        return Step(path, line, text, m[1], 1, m[2], m[3])
    if m := re.fullmatch(r"pause (\d+)ms", text):
        return Step(path, line, text, "pause", 1, "pause", int(m[1]))
    m = STEP.match(text)
    if not m:
        raise DialogueError("%s:%d: not a step: %s" % (path, line, text))
    who, number, op, arg = m[1], int(m[2] or 1), m[3], m[4] or ""
    if op == " ":
        if not re.match(EVENTS[who], arg):
            raise DialogueError("%s:%d: no such event: %s" % (path, line, text))
    elif op[0] not in SIGNS[who]:
        raise DialogueError("%s:%d: %s cannot stand behind %s" % (path, line, op, who))
    return Step(path, line, text, who, number, op, arg)


def read_header(dialogue, lines):
    """Lines up to '---': title, then 'key: value' or 'key:' with an indented block. Returns the index behind '---'."""
    key = None
    for i, line in enumerate(lines):
        if line == "---":
            return i + 1
        if key in ("config", "zone") and (line.startswith("    ") or not line):
            setattr(dialogue, key, getattr(dialogue, key) + line[4:] + "\n")
            continue
        key = None
        if not line:
            continue
        m = re.match(r"([a-z-]+):\s*(.*)$", line)
        if m and m[1] in HEADER_KEYS:
            key = m[1]
            set_header(dialogue, key, m[2])
        else:
            dialogue.title = (dialogue.title + " " + line.lstrip("# ")).strip()
    raise DialogueError("%s: no line '---' before the steps" % dialogue.path)


def set_header(dialogue, key, value):
    if key == "variants":
        dialogue.variants = value.split()
        for name in dialogue.variants:
            if name not in VARIANTS + ("split",):
                raise DialogueError("%s: unknown variant %s" % (dialogue.path, name))
    elif key == "keywords":
        dialogue.keywords = [k.strip() for k in value.split(",") if k.strip()]
    elif key == "client":
        dialogue.client = value
    elif key == "backend-port":
        if value != "closed":
            raise DialogueError("%s: backend-port can only be: closed" % dialogue.path)
        dialogue.backend_up = False
    elif key == "backend-tls":
        if value != "implicit":
            raise DialogueError("%s: backend-tls can only be: implicit" % dialogue.path)
        dialogue.backend_tls = True


def read_steps(path, display, lines, first, depth=0):
    steps = []
    for number, line in enumerate(lines[first:], first + 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("@"):
            if depth > 3:
                raise DialogueError("%s:%d: parts include each other" % (display, number))
            steps += read_part(path, line[1:].strip(), depth + 1)
        else:
            steps.append(parse_step(display, number, line))
    return steps


def read_part(path, name, depth):
    """A part is looked for beside the dialogue, then in parts/ beside its folder."""
    here = os.path.dirname(path)
    for folder in (here, os.path.join(here, "..", "parts"), os.path.join(here, "..", "..", "parts")):
        part = os.path.join(folder, name + ".part")
        if os.path.exists(part):
            with open(part, encoding="utf-8") as f:
                return read_steps(path, "@" + name, f.read().split("\n"), 0, depth)
    raise DialogueError("%s: no part named %s" % (path, name))


def read_dialogue(path, root):
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    name = os.path.relpath(path, root)
    dialogue = Dialogue(path, name)
    first = read_header(dialogue, lines)
    dialogue.steps = read_steps(path, name, lines, first)
    if not dialogue.title:
        raise DialogueError("%s: no title" % name)
    if any(s.who == "C" and "\\[" in str(s.arg) for s in dialogue.steps):
        dialogue.variants.append("split")
    return dialogue

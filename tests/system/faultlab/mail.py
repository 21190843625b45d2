"""Messages that can be recognised again: an identity in the envelope, and a digest of their bytes.

A message's content is what stands between DATA and the final dot, without dot stuffing; it is empty or ends with CRLF."""
import hashlib
import random
import uuid

BODIES = 64
LETTERS = b"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 =.,;:!?<>\"'\t\xc3\xa4\xe2\x82\xac\xff\x80"


class Message:
    """verdict: what our policy must do with it: '', 'reject' or 'tempfail'."""

    def __init__(self, identity, content, verdict="", wire=None):
        self.identity, self.content, self.verdict = identity, content, verdict
        self.digest = hashlib.sha256(content).hexdigest()
        self.wire = stuffed(content) if wire is None else wire


def stuffed(content):
    """With dots doubled and the final dot (RFC 5321 §4.5.2)."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def text_line(rng):
    kind = rng.random()
    if kind < 0.03:
        return b"." * rng.randint(1, 3)
    length = rng.choice((0, 20, 60, 76, 78, 200, 996)) if kind < 0.2 else 70
    return (b"." if kind > 0.97 else b"") + bytes(rng.choices(LETTERS, k=length))


def body(rng, size):
    lines, length = [], 0
    while length < size:
        lines.append(text_line(rng))
        length += len(lines[-1]) + 2
    return b"\r\n".join(lines) + b"\r\n"


def size_of(rng):
    """Most mail is small; a little of it goes through a spool file."""
    kind = rng.random()
    return rng.randint(200, 4000) if kind < 0.75 else rng.randint(4000, 30000) if kind < 0.98 else rng.randint(100_000, 400_000)


class Post:
    """An endless supply of messages, the same ones for the same seed. refused: the share that our policy must not let through."""

    def __init__(self, seed=1, refused=0.0, size=None):
        self.rng, self.refused = random.Random(seed), refused
        bodies = [body(self.rng, size or size_of(self.rng)) for _ in range(BODIES if not size else 4)]
        self.bodies = [(content, stuffed(content)) for content in bodies]

    def identity(self):
        return uuid.UUID(int=self.rng.getrandbits(128), version=4).hex

    def message(self, verdict=None):
        rng, identity = self.rng, self.identity()
        if verdict is None:
            verdict = rng.choice(("reject", "tempfail")) if rng.random() < self.refused else ""
        head = (f"From: Lab <lab@lab.example>\r\nTo: <alice@weir.example>\r\nSubject: message {identity}\r\n"
                f"Date: Mon, 06 Jul 2026 10:00:00 +0000\r\nMessage-ID: <{identity}@lab.example>\r\n"
                f"X-Lab: {verdict or 'take'}\r\n\r\n").encode()
        content, wire = rng.choice(self.bodies)
        return Message(identity, head + content, verdict, head + wire)


class Bulk(Post):
    """Large messages that share their body, in memory too. Their content is not kept: digest and wire are enough for the judge."""

    def __init__(self, seed, size):
        super().__init__(seed, size=100)
        part = body(self.rng, 100_000)
        self.content = part * (size // len(part))
        self.body_wire = stuffed(self.content)

    def message(self, verdict=None):
        identity = self.identity()
        head = f"From: <lab@lab.example>\r\nSubject: {identity}\r\n\r\n".encode()
        message = Message(identity, head + self.content, "", head + self.body_wire)
        message.content = b""
        return message

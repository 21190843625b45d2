"""Bars 14 and 15: sessions that are damaged at random, and what they leave in the log."""
import asyncio
import concurrent.futures
import multiprocessing
import os
import random
import re
import socket
import struct

from faultlab.client import insist
from faultlab.laboratory import KNOWN, Laboratory, Result
from faultlab.mail import Post
from faultlab.target import now, sanitized

PROCESSES = 3
GROWTH = 4 << 20  # of memory, for two workers
LINES = [b"EHLO client.lab.example", b"HELO x", b"EHLO [11.1.1.1]", b"MAIL FROM:<a@lab.example>", b"MAIL FROM:<> SIZE=1000 BODY=8BITMIME",
         b"MAIL FROM:<\"a b\"@lab.example> SMTPUTF8", b"RCPT TO:<alice@weir.example>", b"RCPT TO:<@a,@b:c@weir.example>", b"RCPT TO:<postmaster>",
         b"RSET", b"NOOP x", b"VRFY alice", b"HELP", b"EXPN list", b"XCLIENT ADDR=1.2.3.4", b"AUTH PLAIN AGEAYg==", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2",
         b"GET / HTTP/1.1", b"BDAT 5", b"BDAT 5 LAST", b"DATA", b"QUIT"]
MESSAGE = [b"From: <a@lab.example>", b"Subject: =?x?", b"X-Lab: reject", b"DKIM-Signature: v=1; a=rsa-sha256; d=x; s=y; b=; h=from", b"", b"text", b"..", b". x", b"."]
CHUNK = re.compile(rb"BDAT +(\d{1,9})( +LAST)?\s*", re.I)
UNSIZED = re.compile(rb"BDAT( .*|[ \t]*)", re.I | re.S)
HELLO = LINES[:1] + [LINES[3], LINES[6]]
BAD_BYTES = [b"\0", b"\r", b"\n", b"\x1b[31m", b"\xff", b"\xc3", b"\x7f", b"<", b">", b":", b" ", b"\"", b"=", b"A" * 3000, b"\xe2\x80\xae", b"%s%n"]


def mutate(rng, line):
    at = rng.randint(0, len(line))
    kind = rng.random()
    if kind < 0.4:
        return line[:at] + rng.choice(BAD_BYTES) + line[at:]
    if kind < 0.6:
        return line[:at] + line[at + rng.randint(1, 5):]
    if kind < 0.8:
        return bytes(byte ^ (1 << rng.randrange(8)) if rng.random() < 0.1 else byte for byte in line)
    return line[:at] + line[at:at + 20] * rng.randint(2, 20)


def mutated_session(rng):
    """Often enough a whole transaction, so that damage reaches messages, too."""
    lines = HELLO + [b"DATA"] + MESSAGE if rng.random() < 0.5 else rng.choices(LINES, k=rng.randint(2, 10))
    lines = [mutate(rng, line) if rng.random() < 0.15 else line for line in lines]
    if rng.random() < 0.2:
        lines.insert(rng.randrange(len(lines)), rng.choice(LINES))
    return b"".join(line + b"\r\n" for line in lines) + b"QUIT\r\n"


def message_end(sent, at):
    """Where the next command begins after the 354; -1: the message has no end."""
    last = sent.find(b"\r\n.\r\n", at - 2)
    return last + 5 if last >= 0 else -1


def account(sent, codes):
    """How many replies this session must have had, given what they say, and how many messages they say were taken: one for each line
    and for each message, none after a goodbye."""
    at = count = taken = 0
    while at >= 0 and (end := sent.find(b"\r\n", at)) >= 0:
        line, at = sent[at:end], end + 2
        code = codes[count] if count < len(codes) else 0
        chunk = CHUNK.fullmatch(line)
        if chunk and not code and at + int(chunk[1]) > len(sent):
            break  # the chunk never ended
        count += 1
        if chunk and code not in (500, 501):
            at += int(chunk[1])
            taken += bool(chunk[2]) and code == 250
        elif code == 354:
            at = message_end(sent, at)
            code = codes[count] if count < len(codes) else 0
            count += at >= 0
            taken += at >= 0 and code == 250
        if code in (221, 421, 0) or UNSIZED.fullmatch(line) and code in (500, 501, 552):
            break  # behind a chunk of unknown size nothing can be a command
    return count, taken


def codes_of(answer):
    """The codes of whole replies, the greeting left out; None if something is no reply."""
    lines = answer.split(b"\r\n")
    if lines.pop() or not all(re.fullmatch(rb"[245]\d\d[ -][\x20-\x7e]*|354[ ][\x20-\x7e]*|[245]\d\d", line) for line in lines):
        return None
    return [int(line[:3]) for line in lines if line[3:4] != b"-"][1:]


def converse(address, sent, source):
    with socket.create_connection(address, 30, (source, 0)) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # many sessions: no port shall wait
        answer = b""
        try:
            s.sendall(sent)
            s.shutdown(socket.SHUT_WR)
            while data := s.recv(65536):
                answer += data
        except ConnectionError:
            pass
        return answer


def play(address, seed, count):
    """The number of replies, of messages taken, and what was wrong."""
    rng, replies, taken, wrong = random.Random(seed), 0, 0, []
    for _ in range(count):
        sent = mutated_session(rng)
        answer = converse(address, sent, f"11.1.{10 + seed % 200}.{rng.randint(1, 250)}")
        codes = codes_of(answer)
        due, accepted = account(sent, codes or [])
        if codes is None or due != len(codes):
            wrong.append(f"{due} replies due: {sent!r} -> {answer!r}"[:1500])
        replies += len(codes or [])
        taken += accepted
    return replies, taken, wrong


class Volley:
    """Processes that play sessions. Made before the laboratory, lest they inherit its sockets."""

    def __init__(self):
        self.pool = concurrent.futures.ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("fork"))
        concurrent.futures.wait([self.pool.submit(os.getpid) for _ in range(PROCESSES)])
        self.replies, self.taken, self.wrong, self.seed = 0, 0, [], 0

    async def fire(self, address, count):
        loop = asyncio.get_running_loop()
        self.seed += PROCESSES
        parts = [loop.run_in_executor(self.pool, play, address, self.seed + n, count // PROCESSES) for n in range(PROCESSES)]
        for replies, taken, wrong in await asyncio.gather(*parts):
            self.replies += replies
            self.taken += taken
            self.wrong += wrong


def strangers(lab):
    """Messages at the backend that no ledger knows."""
    return sum("id" in record and not KNOWN.fullmatch(record["id"]) for record in lab.records)


async def bar14(scale):
    count = max(900, int(100_000 * scale))
    volley, lab = Volley(), Laboratory(strangers=True)
    async with lab:
        await volley.fire(lab.address, max(600, count // 10))
        began, memory, files, workers = now(), lab.mailweir.memory(), lab.mailweir.descriptors(), lab.mailweir.workers()
        await volley.fire(lab.address, count)
        seconds = now() - began
        await asyncio.sleep(2.5)  # what lingers is gone
        grown, more, same = lab.mailweir.memory() - memory, lab.mailweir.descriptors() - files, lab.mailweir.workers() == workers
        last = await insist(lab.address, Post(14).message(""), lab.ledger)
    arrived = strangers(lab)
    good = not volley.wrong and same and more <= 4 and (grown < GROWTH or sanitized()) and last.code == 250 and arrived == volley.taken
    return lab.result(f"{count} sessions in {seconds:.0f} s, {volley.replies} replies, {len(volley.wrong)} sessions with another number of them than of "
                      f"commands; {volley.taken} messages said to be taken, {arrived} at the backend; memory {grown / 1024:+.0f} KiB, descriptors {more:+d}",
                      good, "\n".join(volley.wrong[:4]) + f" same workers: {same}")


HOSTILE = [b"EHLO a\x1b[31mb", b"EHLO \xff\xfe", b"EHLO x=y\" z", b"MAIL FROM:<\"a\x07b\"@lab.example>", b"MAIL FROM:<a\xe2\x80\xaeb@lab.example> SMTPUTF8",
           b"RCPT TO:<\"\x1b]0;x\"@weir.example>", b"X\0Y", b"MAIL FROM:<a@lab.example> X=\"\\"]
FIELDS = [b"Subject: \x1b[2J\x07 level=error event=forged", b"From: \"a\x00\" <a@lab.example>", b"From: =?utf-8?q?=0a=1b?= <a\xff@lab.example>",
          b"X-Lab: \x01\xc2\x9b\xe2\x80\xa8\"", b"DKIM-Signature: v=1; a=rsa-sha256; d=\x1bx; s=\"y\\; h=from; bh=; b=",
          b"List-Id: \"quote\\ and = \tsign"]


def hostile_sessions():
    """Control bytes and log syntax in everything that the log or a header could repeat."""
    for line in HOSTILE:
        yield HELLO[0] + b"\r\n" + line + b"\r\nQUIT\r\n"
    for hello in HOSTILE[:3]:
        yield b"\r\n".join([hello, *HELLO[1:], b"DATA", *FIELDS, b"", b"x", b".", b"QUIT", b""])
    for field in FIELDS:
        yield b"\r\n".join([*HELLO, b"DATA", field, b"", b"x", b".", b"QUIT", b""])


async def hostile_log(form, scale):
    """The number of log lines, and the result."""
    volley, lab = Volley(), Laboratory(strangers=True, format=form, level="debug")
    async with lab:
        loop = asyncio.get_running_loop()
        for sent in hostile_sessions():
            await loop.run_in_executor(None, converse, lab.address, sent, "11.1.9.9")
        await volley.fire(lab.address, max(300, int(10000 * scale)))
        await insist(lab.address, Post(15).message(""), lab.ledger)
    broken = [record for record in lab.records if record.get("ours_broken")]
    return lab.log_lines, len(lab.log_bad), lab.result("", not broken and lab.log_lines > 100, broken[:3])


async def bar15(scale):
    plain = await hostile_log("logfmt", scale)
    json = await hostile_log("json", scale)
    return Result(f"{plain[0]} lines in logfmt and {json[0]} in JSON from hostile sessions, {plain[1] + json[1]} of them bad; no raw byte in our fields",
                  plain[2].good and json[2].good, plain[2].why + json[2].why)

"""A client that can stop at any step: it writes its attempts into the ledger, and can reset, close or half-close at any byte."""
import asyncio
import itertools
import socket
import struct
import time

PIECE = 256 * 1024
SOURCES = itertools.cycle(f"11.1.{1 + n % 20}.{1 + n // 20}" for n in range(1000))  # one network alone would meet the limits of sessions


class Reply:
    def __init__(self, code, text):
        self.code, self.text = code, text

    def __repr__(self):
        return f"{self.code} {self.text}"


GONE = Reply(0, "connection lost")


class Client:
    """Every operation on a dead connection gives the reply GONE."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.goodbye = None  # a 421

    @classmethod
    async def connect(cls, address, source=None):
        """None if nobody takes the connection."""
        try:
            reader, writer = await asyncio.open_connection(*address, local_addr=(source or next(SOURCES), 0))
        except OSError:
            return None
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(reader, writer)

    @classmethod
    async def greeted(cls, address, source=None, helo="client.lab.example"):
        """None unless the server has answered greeting and EHLO well."""
        client = await cls.connect(address, source)
        if client and (await client.reply()).code == 220 and (await client.command(f"EHLO {helo}")).code == 250:
            return client
        if client:
            client.close()
        return None

    @property
    def port(self):
        return self.writer.get_extra_info("sockname")[1]

    async def reply(self):
        try:
            line = await self.reader.readline()
            while line[3:4] == b"-":
                line = await self.reader.readline()
        except (OSError, ValueError):
            return GONE
        if not line.endswith(b"\r\n") or not line[:3].isdigit():
            return GONE
        reply = Reply(int(line[:3]), line[4:-2].decode("utf-8", "replace"))
        if reply.code == 421:
            self.goodbye = reply
        return reply

    async def send(self, data):
        """False if the connection is dead."""
        try:
            view = memoryview(data)
            for at in range(0, len(view), PIECE):
                self.writer.write(view[at:at + PIECE])
                await self.writer.drain()
            return not self.writer.is_closing()
        except OSError:
            return False

    async def command(self, line):
        return await self.reply() if await self.send(line.encode() + b"\r\n") else GONE

    async def envelope(self, attempt, script="", domain="lab.example", data=True):
        """MAIL, RCPT and DATA in one segment; the reply that decides: 354, or the first refusal."""
        name = f"{attempt.message.identity}.{attempt.number}" + (f".{script}" if script else "")
        verbs = [f"MAIL FROM:<{name}@{domain}>", "RCPT TO:<alice@weir.example>"] + ["DATA"] * data
        await self.send("".join(verb + "\r\n" for verb in verbs).encode())
        replies = [await self.reply() for _ in verbs]
        bad = next((reply for reply in replies if reply.code // 100 not in (2, 3)), None)
        return bad or replies[-1]

    async def deliver(self, message, ledger, script="", domain="lab.example"):
        """One attempt from MAIL to the last reply."""
        attempt = ledger.begin(message)
        reply = await self.envelope(attempt, script, domain)
        if reply.code == 354:
            reply = await self.content(attempt)
        attempt.code, attempt.text = reply.code, reply.text
        return attempt

    async def content(self, attempt):
        """The whole message with its dot, after 354. Its last byte is on its way only if all before it is."""
        wire = attempt.message.wire
        began = time.monotonic()
        attempt.dot_sent = len(wire) < PIECE or await self.send(wire[:-3])
        await self.send(wire if len(wire) < PIECE else wire[-3:])
        reply = await self.reply()
        attempt.seconds = time.monotonic() - began
        return reply

    def reset(self):
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def half_close(self):
        try:
            self.writer.write_eof()
        except OSError:
            pass

    def close(self):
        self.writer.close()

    async def quit(self):
        reply = await self.command("QUIT")
        self.close()
        return reply


async def insist(address, message, ledger, tries=20, pause=0.05):
    """Delivers it as a queue would: again, in a new session, until somebody answers for it. The last attempt, or None."""
    attempt = None
    for _ in range(tries):
        client = await Client.greeted(address)
        if client:
            attempt = await client.deliver(message, ledger)
            await client.quit()
            if attempt.code == 250 or attempt.code >= 500:
                return attempt
        await asyncio.sleep(pause)
    return attempt

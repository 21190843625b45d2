"""A little SMTP proxy with one sin of its choice, to prove that the judge sees it. 'honest' has none.

It passes a message on when it is complete, one connection for each, with no filters and no trace fields."""
import asyncio
import itertools

SINS = ("honest", "loss", "phantom", "trunc", "dup", "changed", "window")
EVERY = 7  # a sinner sins only now and then


async def read_content(reader):
    """The message with its dots as they came, and whether its end was seen."""
    content = b""
    while not (b"\r\n" + content).endswith(b"\r\n.\r\n"):
        line = await reader.readline()
        if not line:
            return content, False
        content += line
    return content, True


class BrokenProxy:
    def __init__(self, sin, backend, port=10026):
        self.sin, self.backend, self.address = sin, backend, ("127.0.0.1", port)
        self.turn, self.server, self.sessions = itertools.count(1), None, set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, *self.address, limit=1 << 24)

    def stop(self):
        self.server.close()
        for task in self.sessions:
            task.cancel()

    async def serve(self, reader, writer):
        self.sessions.add(asyncio.current_task())
        try:
            await self.session(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        writer.close()

    async def session(self, reader, writer):
        writer.write(b"220 broken.example\r\n")
        envelope = []
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"MAIL":
                envelope = []
            if verb in (b"MAIL", b"RCPT"):
                envelope.append(line)
            if verb == b"DATA":
                writer.write(b"354 Go ahead\r\n")
                content, complete = await read_content(reader)
                answer = await self.pass_on(envelope, content, complete)
                if not answer:
                    return
                writer.write(answer)
            elif verb == b"QUIT":
                writer.write(b"221 Bye\r\n")
                return
            else:
                writer.write(b"250 Ok\r\n")

    async def pass_on(self, envelope, content, complete):
        """What the client is told; nothing: the connection is closed."""
        sin = self.sin if next(self.turn) % EVERY == 0 else "honest"
        if not complete:
            if self.sin == "trunc":
                await self.give(envelope, content + b"\r\n.\r\n")
            return b""
        if sin == "changed":
            content = content.replace(b"\t", b" ", 1) if b"\t" in content else b"X-More: 1\r\n" + content
        if sin == "dup":
            await self.give(envelope, content)
        code = b"250" if sin == "loss" else await self.give(envelope, content)
        if sin == "phantom":
            return b"550 5.7.1 No\r\n"
        if sin == "window":
            return b"451 4.4.2 Not confirmed\r\n" if code != b"250" else b""
        return code + b" as the backend says\r\n"

    async def give(self, envelope, content):
        """The code of the backend's last reply."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.backend.port)
        await reader.readline()
        for line in envelope + [b"DATA\r\n"]:
            writer.write(line)
            await reader.readline()
        writer.write(content)
        code = (await reader.readline())[:3]
        writer.close()
        return code or b"451"

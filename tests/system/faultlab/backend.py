"""A scriptable backend: an SMTP server that takes messages for good, and dies, hangs or lies wherever it is told to.

What it shall do stands in the reverse-path, ID.ATTEMPT.STATE=HOW[=once]@..., so that thousands of sessions can differ; for the states
before MAIL it is armed beforehand. HOW is rst, fin, hang, 421, lie, or hold: wait until the test lets go."""
import asyncio
import hashlib
import re
import socket
import struct

STATES = ("connect", "ehlo", "xclient", "mail", "rcpt", "data", "body", "dot", "committed", "idle")
EARLY = STATES[:3]  # before the message is known
KEYWORDS = "PIPELINING SIZE 8BITMIME SMTPUTF8 ENHANCEDSTATUSCODES XCLIENT".split()
XCLIENT = "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME"
LIES = {"connect": b"354 Go ahead\r\n", "ehlo": b"354 Go ahead\r\n", "xclient": b"354 Go ahead\r\n", "mail": b"354 Go ahead\r\n",
        "rcpt": b"354 Go ahead\r\n", "data": b"250 2.0.0 Taken\r\n", "body": b"250 2.0.0 Taken\r\n", "dot": b"354 Go ahead\r\n",
        "committed": b"999 What\r\n", "idle": b"250 2.0.0 Taken\r\n"}
SCRIPTED = re.compile(r"[0-9a-f]{32}\.\d+(\.\w+=\w+(=once)?)*@")
OURS = re.compile(rb"(Received-SPF: |Received: from |Authentication-Results: mx\.weir\.example\b)", re.I)
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]|\r(?!\n)|(?<!\r)\n")


def own_fields(head):
    """The length of the trace fields that Mailweir put on top."""
    position = 0
    while OURS.match(head, position):
        end = re.compile(rb"\r\n(?![ \t])").search(head, position)
        if not end or b"Received:" == head[position:position + 9] and b"by mx.weir.example" not in head[position:end.start()]:
            break
        position = end.end()
    return position


class Content:
    """A message as it streams in: takes dot stuffing and our own fields off, and digests the rest."""
    HEAD = 16384

    def __init__(self):
        self.head, self.digest, self.length, self.broken = b"", hashlib.sha256(), 0, ""
        self.raw = []  # as received, if anybody wants it
        self.skip = 2  # the CRLF of the DATA command, which the end-of-data search needs

    def add(self, data):
        data, self.skip = data[self.skip:], max(0, self.skip - len(data))
        if self.head is None:
            self.take(data)
            return
        self.head += data
        if len(self.head) >= self.HEAD:
            self.finish()

    def finish(self):
        if self.head is None:
            return
        head, self.head = self.head, None
        cut = own_fields(head)
        if CONTROL.search(head, 0, cut):
            self.broken = "raw bytes in our own fields"
        self.take(head[cut:])

    def take(self, data):
        self.digest.update(data)
        self.length += len(data)


class Connection(asyncio.Protocol):
    def __init__(self, backend):
        self.backend = backend
        self.transport, self.input = None, b""
        self.waiting = self.hung = self.gone = False
        self.forget()

    def forget(self):
        self.sender, self.rcpts, self.content, self.carry = None, 0, None, b""

    # what happens to the connection

    def connection_made(self, transport):
        self.transport = transport
        self.backend.connections.add(self)
        self.backend.accepted += 1
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reach("connect", lambda: self.say("220 backend.example ESMTP"))

    def connection_lost(self, _):
        self.gone = True
        self.backend.connections.discard(self)

    def data_received(self, data):
        if self.hung:
            return
        self.input += data
        self.run()

    def say(self, text):
        if not self.gone:
            self.transport.write(text.encode() + b"\r\n")

    def die(self, how, state):
        self.backend.deaths[state, how] = self.backend.deaths.get((state, how), 0) + 1
        if how == "hang":
            self.hung = True
        elif how == "rst":
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            if how == "421":
                self.transport.write(b"421 4.3.2 The laboratory closes\r\n")
            elif how == "lie":
                self.transport.write(LIES[state])
            self.hung = True
            if how != "lie":
                self.transport.close()
        self.gone = self.gone or how in ("rst", "fin", "421")

    def reach(self, state, then):
        """then(), unless the script has something else to happen here."""
        how = self.backend.script(state, self.sender)
        if how == "hold":
            self.waiting = True
            self.backend.hold(self.sender, lambda: self.go_on(then))
        elif how:
            self.die(how, state)
        else:
            then()

    def go_on(self, then):
        self.waiting = False
        then()
        self.run()

    # SMTP

    def run(self):
        while not (self.waiting or self.hung or self.gone):
            if not (self.take_body() if self.content else self.take_line()):
                return

    def take_line(self):
        line, found, rest = self.input.partition(b"\r\n")
        if not found:
            return False
        self.input = rest
        verb, _, argument = line.partition(b" ")
        handler = getattr(self, "on_" + verb.decode("ascii", "replace").lower(), None)
        if handler:
            handler(argument)
        else:
            self.say("500 5.5.2 Unknown command")
        return True

    def on_ehlo(self, _):
        self.forget()
        self.reach("ehlo", lambda: self.say("\r\n".join(f"250-{word}" for word in ["backend.example"] + KEYWORDS[:-1]) + "\r\n250 " + XCLIENT))

    def on_xclient(self, _):
        self.reach("xclient", lambda: self.say("220 backend.example ESMTP"))

    def on_mail(self, argument):
        self.forget()
        self.sender = argument[len(b"FROM:<"):argument.index(b">")].decode("utf-8")
        self.reach("mail", lambda: self.say("250 2.1.0 Ok"))

    def on_rcpt(self, _):
        def accept():
            self.rcpts += 1
            self.say("250 2.1.5 Ok")
        self.reach("rcpt", accept)

    def on_data(self, _):
        def go():
            self.content, self.carry = Content(), b"\r\n"
            self.say("354 Go ahead")
        if not self.rcpts:
            self.say("554 5.5.1 No recipients")
        else:
            self.reach("data", go)

    def on_rset(self, _):
        self.forget()
        self.say("250 2.0.0 Ok")

    def on_noop(self, _):
        self.say("250 2.0.0 Ok")

    def on_quit(self, _):
        self.say("221 2.0.0 Bye")
        self.transport.close()
        self.gone = True

    def take_body(self):
        """The carry is what may be the beginning of the end; the CRLF of DATA itself is its first content."""
        data = self.carry + self.input
        end = data.find(b"\r\n.\r\n")
        if end >= 0:
            self.input, data = data[end + 5:], data[:end + 2]
        else:
            keep = next((n for n in (4, 3, 2, 1) if data.endswith(b"\r\n.\r\n"[:n])), 0)
            self.input, self.carry, data = b"", data[len(data) - keep:], data[:len(data) - keep]
        data = data.replace(b"\r\n.", b"\r\n")
        self.content.add(data)
        if self.backend.kept is not None:
            self.content.raw.append(data)
        if self.dies_in_body() or end < 0:
            return False
        self.content.finish()
        self.reach("dot", self.commit)
        return True

    def dies_in_body(self):
        begun = self.content.length + len(self.content.head or b"") > 1000
        how = self.backend.script("body", self.sender) if begun else None
        if how:
            self.die(how, "body")
        return how

    def commit(self):
        content, self.content, self.waiting = self.content, None, True
        number = self.backend.number()
        record = {"number": number, "id": ".".join(self.sender.split("@")[0].split(".")[:2]), "sha256": content.digest.hexdigest(),
                  "length": content.length, "rcpts": self.rcpts, "ours_broken": content.broken}
        if self.backend.kept is not None:
            self.backend.kept[record["id"]] = b"".join(content.raw)[2:]
        self.backend.journal.commit(record, lambda: self.committed(number))

    def committed(self, number):
        self.waiting = False
        sender = self.sender

        def answer():
            self.say("250 2.0.0 Taken")
            if not self.gone:
                self.backend.journal.note({"answered": number})
            self.forget()
            self.sender = sender
            self.reach("idle", self.forget)
        self.reach("committed", answer)
        self.run()


class Backend:
    def __init__(self, journal, port=10025):
        self.journal, self.port = journal, port
        self.connections, self.armed, self.fired, self.deaths = set(), {}, set(), {}
        self.holds, self.numbers, self.accepted = {}, 0, 0
        self.server, self.kept = None, None  # kept: a dictionary, if messages are wanted as they were received

    async def start(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Connection(self), "127.0.0.1", self.port, backlog=4096)

    def stop(self):
        self.server.close()
        for connection in list(self.connections):
            connection.transport.abort()

    def drop_idle(self):
        """Ends the connections in which nothing is going on."""
        for connection in list(self.connections):
            if connection.sender is None and not connection.waiting and not connection.input:
                connection.die("rst", "idle")

    def number(self):
        self.numbers += 1
        return self.numbers

    def arm(self, state, how, count=1):
        """The next connections that reach this state, one of those before MAIL."""
        self.armed.setdefault(state, []).extend([how] * count)

    def script(self, state, sender):
        if state in EARLY:
            waiting = self.armed.get(state)
            return waiting.pop() if waiting else None
        if not SCRIPTED.match(sender):
            return None
        for order in sender.split("@")[0].split(".")[2:]:
            where, how, *once = order.split("=")
            if where == state and (not once or (sender, order) not in self.fired):
                self.fired.add((sender, order))
                return how
        return None

    def held(self, sender):
        """Resolves, once the session of this reverse-path is held, to the function that lets it go."""
        return self.holds.setdefault(sender, asyncio.get_running_loop().create_future())

    def hold(self, sender, release):
        future = self.held(sender)
        if not future.done():
            future.set_result(release)

"""Plays one dialogue in one variant: the client and the scripted backend, step by step. Raises Failure at the first difference."""
import re
import socket
import time

from .dialogue import unescape
from .expect import code_matches, line_matches, printable, reply_fault
from .logfmt import matches, parse
from .tls import client_context
from .variants import step_bytes
from .wire import Closed, Timeout, Wire

TRACE_NAMES = (b"received:", b"authentication-results:")


class Failure(Exception):
    """The proxy did something else than the dialogue says."""


class Player:
    def __init__(self, server, dialogue, plan, cut):
        self.server, self.dialogue, self.plan, self.cut = server, dialogue, plan, cut
        self.clients, self.backends = {}, {}
        self.said = {}      # what each client has said in full
        self.trace = []     # unfolded trace fields of the message last read
        self.transcript = []

    # -- connections

    def client(self, number, address=None):
        if number not in self.clients:
            source = address or self.dialogue.client
            sock = socket.socket(socket.AF_INET6 if source and ":" in source else socket.AF_INET)
            sock.settimeout(self.server.timeout)
            if source:
                sock.bind((source, 0))
            try:
                sock.connect(self.server.address_for(source))
            except OSError as e:
                raise Failure("cannot connect: %s" % e) from None
            self.clients[number] = Wire(sock, self.server.timeout)
        return self.clients[number]

    def connect_tls(self):
        """To the listener with implicit TLS."""
        sock = socket.socket()
        sock.settimeout(self.server.timeout)
        sock.connect(("127.0.0.1", self.server.tls_port))
        wire = Wire(sock, self.server.timeout)
        wire.start_tls(client_context(), "mx.test.example")
        return wire

    def backend(self, number):
        while number not in self.backends:
            sock = self.server.accept(self.server.timeout)
            if not sock:
                raise Failure("no connection to the backend came")
            self.backends[len(self.backends) + 1] = self.server.backend_wire(sock)
        return self.backends[number]

    # -- steps

    def play(self):
        try:
            for i, step in enumerate(self.dialogue.steps):
                self.one(i, step)
            self.finish()
        finally:
            for wire in filter(None, list(self.clients.values()) + list(self.backends.values())):
                wire.close()

    def one(self, i, step):
        got = None
        try:
            got = getattr(self, "do_" + step.who.lower())(i, step)
        except Failure as e:
            self.transcript.append((step, "!!! " + str(e)))
            raise
        except Timeout as e:
            self.transcript.append((step, "!!! nothing came in time" if not e.args else "!!! " + str(e)))
            raise Failure("timeout") from None
        except Closed as e:
            self.transcript.append((step, "!!! the connection was " + e.how))
            raise Failure("connection " + e.how) from None
        self.transcript.append((step, got))

    def do_pause(self, _, step):
        time.sleep(step.arg / 1000)

    def do_c(self, i, step):
        if step.op == " ":
            return self.client_event(step)
        wire, data = self.client(step.number), step_bytes(step)
        self.said[step.number] = self.said.get(step.number, b"") + data
        segments = self.plan.get(i, [])
        for n, segment in enumerate(segments):
            if n:
                time.sleep(0.002)  # so that the pieces are read apart
            wire.send(segment, self.cut)
        return "" if segments else "(sent before, or with the next line)"

    def client_event(self, step):
        words = step.arg.split()
        if words[0] == "connect-tls":
            self.clients[step.number] = self.connect_tls()
            return
        wire = self.client(step.number, words[1] if len(words) > 1 else None)
        if words[0] == "tls":
            wire.start_tls(client_context(), "mx.test.example")
        elif words[0] != "connect":
            getattr(wire, words[0].replace("-", "_"))()
        if words[0] in ("close", "reset"):
            del self.clients[step.number]

    def do_s(self, _, step):
        wire = self.client(step.number)
        if step.op == "=":
            return self.expect_reply(wire, step.arg)
        if step.op == " " and step.arg == "closed":
            rest = wire.read_end()
            if rest:
                raise Failure("before the close came: " + printable(rest[:300]))
            return "closed"
        if step.op == " ":
            if not wire.quiet(int(re.search(r"\d+", step.arg)[0]) / 1000):
                raise Failure("something came: " + printable(wire.buffer[:300]))
            return "silent"
        line = wire.read_line()
        self.check_reply_line(line)
        return self.compare(step.arg, line)

    def check_reply_line(self, line):
        fault = reply_fault(line)
        if fault:
            raise Failure("%s: %s" % (fault, printable(line)))

    def compare(self, expected, line):
        if not line.endswith(b"\r\n"):
            raise Failure("bare LF: " + printable(line))
        if not line_matches(expected, line[:-2]):
            raise Failure(printable(line[:-2]))
        return printable(line[:-2])

    def expect_reply(self, wire, expected):
        """A whole reply, of any number of lines, with one of these codes."""
        first = None
        try:
            while True:
                line = wire.read_line()
                self.check_reply_line(line)
                first = first or line
                if line[:3] != first[:3]:
                    raise Failure("two codes in one reply: %s, %s" % (printable(first), printable(line)))
                if line[3:4] == b" ":
                    break
        except Closed:
            if "closed" in expected and not wire.buffer:
                return "closed"
            raise
        text = line[:-2].decode("latin-1")
        enhanced = re.match(r"... ([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)", text)
        if not code_matches(expected, text[:3], enhanced[1] if enhanced else ""):
            raise Failure(printable(line[:-2]))
        return printable(line[:-2])

    # -- backend

    def do_b(self, _, step):
        if step.op == " ":
            return self.backend_event(step)
        wire = self.backend(step.number)
        if step.op == "<":
            return self.backend_receives(wire, step)
        data = unescape(step.arg)
        wire.send(data if step.op == "~" else data + b"\r\n", self.cut)
        return ""

    def backend_receives(self, wire, step):
        if step.arg == "{message}":
            return self.expect_message(wire, step.number)
        if step.arg == "{trace}":
            self.read_trace(wire)
            return printable(b" | ".join(self.trace))[:200]
        return self.compare(step.arg, wire.read_line())

    def backend_event(self, step):
        if step.arg == "none":
            if self.backends or self.server.accept(0):
                raise Failure("there was a connection to the backend")
            return "none"
        wire = self.backend(step.number)
        if step.arg.startswith("at "):
            return self.compare(step.arg[3:], wire.sock.getsockname()[0].encode() + b"\r\n")
        if step.arg == "greets":
            return self.backend_greets(wire)
        if step.arg == "tls":
            wire.start_tls(self.server.tls, server_side=True)
        elif step.arg in ("close", "reset"):
            getattr(wire, step.arg)()
            del self.backends[step.number]
            self.backends[step.number] = None
        elif step.arg == "half-close":
            wire.half_close()
        elif step.arg == "closed":
            rest = wire.read_end()
            if rest:
                raise Failure("before the close came: " + printable(rest[:300]))
        elif step.arg == "ends":
            self.backend_ends(wire)
        return ""

    def backend_greets(self, wire):
        wire.send(b"220 backend.example ESMTP\r\n", self.cut)
        line = wire.read_line()
        if not re.fullmatch(rb"EHLO [a-z0-9.-]+\r\n", line):
            raise Failure("expected EHLO, came: " + printable(line))
        wire.send(self.server.keyword_lines(), self.cut)
        return printable(line[:-2])

    def backend_ends(self, wire):
        """The proxy leaves: RSET and QUIT are in order, anything else is not."""
        try:
            while True:
                line = wire.read_line()
                if line not in (b"RSET\r\n", b"QUIT\r\n"):
                    raise Failure("unexpected at the backend: " + printable(line))
                wire.send(b"250 2.0.0 Ok\r\n" if line[0:1] == b"R" else b"221 2.0.0 Bye\r\n")
        except Closed:
            if wire.buffer:
                raise Failure("unexpected at the backend: " + printable(wire.buffer[:300])) from None

    # -- messages

    def read_trace(self, wire):
        """Takes at most one Received and one Authentication-Results off the top, unfolded into self.trace."""
        self.trace, names = [], list(TRACE_NAMES)
        while True:
            line = wire.read_line()
            name = next((n for n in names if line.lower().startswith(n)), None)
            if name:
                names.remove(name)
                self.trace.append(line[:-2])
            elif line[:1] in b" \t" and self.trace:
                self.trace[-1] += line[:-2]
            else:
                wire.buffer = line + wire.buffer
                return

    def expect_message(self, wire, number):
        """Our trace fields, then the client's last message, byte for byte, final dot included."""
        sent = last_message(self.said.get(number) or self.said.get(1, b""))
        got = wire.read_until(b"\r\n.\r\n")
        wire.buffer = got + wire.buffer
        self.read_trace(wire)
        got, wire.buffer = wire.buffer[:len(sent)], wire.buffer[len(sent):]
        if got != sent:
            at = next((i for i, pair in enumerate(zip(got, sent)) if pair[0] != pair[1]), min(len(got), len(sent)))
            raise Failure("message differs at byte %d: ...%s" % (at, printable(got[max(0, at - 40):at + 40])))
        return "(%d bytes, trace: %s)" % (len(sent), printable(b" | ".join(self.trace))[:160])

    def do_t(self, _, step):
        found = [t for t in self.trace if line_matches(step.arg, t)]
        if bool(found) != (step.op == ":"):
            raise Failure(printable(b" | ".join(self.trace)))
        return printable(found[0]) if found else "none"

    # -- log

    def do_log(self, _, step):
        deadline = time.monotonic() + self.server.timeout
        while True:
            lines = self.server.log_lines()
            found = [line for line in lines if matches(step.arg, parse(line))]
            if found or step.op == "!":
                break
            if time.monotonic() > deadline:
                raise Failure("not in the log:\n" + "\n".join(lines[-8:]))
            time.sleep(0.005)
        if bool(found) != (step.op == ":"):
            raise Failure("in the log: " + found[0])
        return found[0] if found else "none"

    # -- end

    def finish(self):
        """Nothing may be left over: no reply, no command at the backend, no connection that nobody expected."""
        end = self.dialogue.steps[-1]
        for number, wire in self.clients.items():
            if not wire.ended:
                self.left_over(end, "client %d got" % number, wire)
        for number, wire in self.backends.items():
            if wire:
                self.guard(end, lambda w=wire: self.backend_ends(w))
        sock = self.server.accept(0)
        if sock:
            sock.close()
            self.fail(end, "unexpected connection to the backend")

    def left_over(self, step, who, wire):
        try:
            wire.half_close()
            rest = wire.read_end()
        except (OSError, Timeout):
            rest = wire.buffer
        if rest and not re.fullmatch(rb"(421[ -][^\n]*\r\n)+", rest):
            self.fail(step, "%s, unexpected: %s" % (who, printable(rest[:300])))

    def guard(self, step, check):
        try:
            check()
        except Failure as e:
            self.fail(step, str(e))
        except (Timeout, Closed) as e:
            self.fail(step, "backend connection was not ended (%s)" % e)

    def fail(self, step, text):
        self.transcript.append((step, "!!! at the end: " + text))
        raise Failure(text)


def last_message(said):
    """From the last DATA that has one to its final dot, as it went over the wire."""
    for start in reversed([m.end() for m in re.finditer(rb"(?:\A|\n)DATA\r\n", said, re.IGNORECASE)]):
        text = said[start:]
        end = (b"\r\n" + text).find(b"\r\n.\r\n")
        if end >= 0:
            return text[:end + 3]
    raise Failure("the client has not sent a whole message")

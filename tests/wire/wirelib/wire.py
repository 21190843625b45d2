"""Sockets with a buffer, a deadline and a way to cut what is sent into pieces."""
import os
import socket
import struct
import time

from .tls import TlsSocket


class Closed(Exception):
    """The other side closed or reset the connection."""

    def __init__(self, how):
        super().__init__(how)
        self.how = how


class Timeout(Exception):
    """Nothing came in time."""


def pieces(data, cut):
    """How to send data: in one piece, or byte by byte. Long data is cut byte by byte at both ends only."""
    if not cut:
        return [data]
    if len(data) <= 4096:
        return [data[i:i + 1] for i in range(len(data))]
    head, middle, tail = data[:256], data[256:-256], data[-256:]
    return pieces(head, True) + [middle[i:i + 1009] for i in range(0, len(middle), 1009)] + pieces(tail, True)


class Wire:
    """One connection, seen from the test."""

    def __init__(self, sock, timeout):
        self.sock, self.timeout = sock, timeout
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.ended = None

    def send(self, data, cut=False):
        self.sock.settimeout(self.timeout)
        try:
            for piece in pieces(data, cut):
                self.sock.sendall(piece)
                if cut:
                    os.sched_yield()
        except socket.timeout:
            raise Timeout("could not send: the other side does not read") from None
        except OSError as e:
            raise Closed("cannot send: " + e.strerror) from None

    def fill(self, deadline):
        """Reads more into the buffer; raises Closed or Timeout."""
        if self.ended:
            raise Closed(self.ended)
        left = deadline - time.monotonic()
        if left <= 0:
            raise Timeout()
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(1 << 18)
        except socket.timeout:
            raise Timeout() from None
        except OSError:
            self.ended = "reset"
            raise Closed("reset") from None
        if not data:
            self.ended = "closed"
            raise Closed("closed")
        self.buffer += data

    def read_until(self, mark):
        """Bytes up to and with mark."""
        deadline, start = time.monotonic() + self.timeout, 0
        while True:
            at = self.buffer.find(mark, start)
            if at >= 0:
                taken, self.buffer = self.buffer[:at + len(mark)], self.buffer[at + len(mark):]
                return taken
            start = max(0, len(self.buffer) - len(mark) + 1)
            self.fill(deadline)

    def read_line(self):
        return self.read_until(b"\n")

    def read_end(self):
        """Waits for the end of the connection and returns what came before it."""
        deadline = time.monotonic() + self.timeout
        try:
            while True:
                self.fill(deadline)
        except Closed:
            data, self.buffer = self.buffer, b""
            return data

    def quiet(self, seconds):
        """True if nothing arrives for so long."""
        if self.buffer:
            return False
        try:
            self.fill(time.monotonic() + seconds)
        except Timeout:
            return True
        except Closed:
            pass
        return False

    def start_tls(self, context, name=None, server_side=False):
        """A TLS handshake; from then on everything goes through it. What came in the clear behind the last line is an error."""
        if self.buffer:
            raise Closed("not at the end of its clear text: %r" % self.buffer[:200])
        self.sock.settimeout(self.timeout)
        try:
            self.sock = TlsSocket(self.sock, context, name, server_side)
        except socket.timeout:
            raise Timeout("in the TLS handshake") from None
        except OSError as e:
            raise Closed("lost in the TLS handshake: %s" % e) from None

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

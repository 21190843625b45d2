"""One running proxy with its configuration, its log, and the listening socket of its backend."""
import itertools
import os
import signal
import socket
import subprocess
import time

from .config import add_candidate, merge, substitute
from .tls import server_context
from .wire import Closed, Timeout, Wire


CANDIDATES = itertools.count(20000)  # below the ports that the system gives to clients, which come and go


def free_port(host):
    """A port that nobody uses, and that no other call returns."""
    while True:
        with socket.socket() as s:
            try:
                port = next(CANDIDATES)
                s.bind((host, port))
                return port
            except OSError:
                continue


class ServerError(Exception):
    """The proxy did not start, or ended badly."""


class Server:
    def __init__(self, program, directory, base_config, candidate, group, resolver_port, timeout, certificate, in_namespace):
        self.program, self.directory, self.timeout = program, directory, timeout
        snippet, self.zone, self.keywords, self.backend_up, self.backend_tls = group
        self.tls = server_context(certificate)
        self.listener = socket.create_server(("", 0), backlog=64)  # 127.0.0.2 is a second server
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)  # so that a few megabytes do not vanish in buffers
        self.port = free_port("127.0.0.1")
        self.tls_port = free_port("127.0.0.1")
        self.public = "11.1.2.1" if in_namespace else "127.0.0.1"
        self.values = {
            "port": self.port, "tls_port": self.tls_port, "certificate": certificate, "public": self.public, "dir": directory,
            "resolver": "127.0.0.1@%d" % resolver_port, "zone": os.path.join(directory, "zone"),
            "log": os.path.join(directory, "log"),
        }
        port = self.backend_port()
        self.values.update({"backend": "127.0.0.1:%d" % port, "backend2": "127.0.0.2:%d" % port, "backend_port": port})
        self.zone = substitute(self.zone, self.values)
        config = merge(base_config, snippet) if snippet.strip() else base_config
        self.config = substitute(add_candidate(config, candidate) if candidate else config, self.values)
        self.process, self.log_offset = None, 0

    def backend_port(self):
        """The port of the scripted backend; or one that nobody listens on."""
        if self.backend_up:
            return self.listener.getsockname()[1]
        return free_port("127.0.0.1")

    def address_for(self, source):
        if source and ":" in source:
            return ("2001:db8:1::1", self.port)
        return (self.public, self.port) if source and source.startswith("11.") else ("127.0.0.1", self.port)

    # -- life

    def start(self):
        os.makedirs(os.path.join(self.directory, "state"), exist_ok=True)
        os.chmod(os.path.join(self.directory, "state"), 0o777)
        for name, text in (("config.yaml", self.config), ("zone", self.zone), ("log", "")):
            path = os.path.join(self.directory, name)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod(path, 0o666)
        with open(os.path.join(self.directory, "stderr"), "ab") as stderr:
            self.process = subprocess.Popen([self.program, "run", "-c", os.path.join(self.directory, "config.yaml")],
                                            stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)
        if self.backend_up:
            self.answer_probe()
        self.wait_until_greeting()

    def answer_probe(self):
        """The first connection to the backend is the health probe: it learns the keywords."""
        sock = self.accept(self.timeout)
        if not sock:
            raise ServerError("no health probe came to the backend" + self.last_words())
        self.play_probe(self.backend_wire(sock))

    def play_probe(self, wire):
        try:
            wire.send(b"220 backend.example ESMTP\r\n")
            while True:
                line = wire.read_line()
                wire.send(self.keyword_lines() if line.upper().startswith(b"EHLO") else b"220 2.0.0 Ok\r\n")
                if line == b"STARTTLS\r\n":
                    wire.start_tls(self.tls, server_side=True)
        except (Closed, Timeout):
            wire.close()

    def keyword_lines(self):
        lines = ["backend.example"] + list(self.keywords)
        return "".join("250%s%s\r\n" % ("-" if i < len(lines) - 1 else " ", line) for i, line in enumerate(lines)).encode()

    def wait_until_greeting(self):
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerError("the proxy ended at its start, exit code %d%s" % (self.process.returncode, self.last_words()))
            while sock := self.accept(0):  # a second backend is probed, too
                self.play_probe(self.backend_wire(sock))
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    s.settimeout(1.5)
                    if s.recv(3) in (b"220", b"421"):
                        return
            except OSError:
                time.sleep(0.01)
        raise ServerError("the proxy does not greet" + self.last_words())

    def stop(self):
        """Ends the proxy; raises ServerError if it did not go in peace."""
        self.listener.close()
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(self.timeout + 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServerError("SIGTERM did not end the proxy" + self.last_words()) from None
        self.process = None
        if code != 0 or self.complaints():
            raise ServerError("exit code %d%s" % (code, self.last_words()))

    def alive(self):
        return self.process and self.process.poll() is None and not self.complaints()

    def complaints(self):
        """What a sanitizer or valgrind said."""
        with open(os.path.join(self.directory, "stderr"), errors="replace") as f:
            text = f.read()
        return any(mark in text for mark in ("Sanitizer", "runtime error:", "ERROR SUMMARY: 1"))

    def last_words(self):
        words = ""
        for name in ("stderr", "log"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path, errors="replace") as f:
                    words += "".join("\n  %s: %s" % (name, line.rstrip()) for line in f.readlines()[-40:])
        return words

    # -- for a player

    def backend_wire(self, sock):
        """A connection to the backend, under TLS if it is a backend of implicit TLS."""
        wire = Wire(sock, self.timeout)
        if self.backend_tls:
            wire.start_tls(self.tls, server_side=True)
        return wire

    def accept(self, seconds):
        self.listener.settimeout(seconds or 0.0)
        try:
            return self.listener.accept()[0]
        except (socket.timeout, BlockingIOError):
            return None

    def begin(self):
        """Before each dialogue: wait until the proxy greets (after a failure it probes the backend first), and forget the log so far."""
        if not self.backend_up:
            return
        deadline = time.monotonic() + self.timeout
        while not self.greets():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise ServerError("the proxy does not greet any more" + self.last_words())
            if sock := self.accept(0.1):
                self.play_probe(self.backend_wire(sock))
        self.log_offset = os.path.getsize(self.values["log"])

    def greets(self):
        """A session of nothing but a greeting, over before this returns."""
        while sock := self.accept(0):
            self.play_probe(self.backend_wire(sock))
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                s.settimeout(self.timeout)
                greeting = s.recv(512)
                s.sendall(b"QUIT\r\n")
                while s.recv(512):
                    pass
                return greeting.startswith(b"220")
        except OSError:
            return False

    def log_lines(self):
        with open(self.values["log"], errors="replace") as f:
            f.seek(self.log_offset)
            return [line for line in f.read().split("\n") if line]

"""Mailweir itself, as a user runs it: a configuration file, `mailweir run -c FILE`, a log in logfmt."""
import os
import re
import signal

from lab import space
from lab.server import Server, wait_for

BINARY = os.environ.get("MAILWEIR_BIN") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../build/release/mailweir")
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples")
HOSTNAME = "mx.weir.example"
ADDRESS = "11.1.0.1"
PORT = 25

CONFIG = """
hostname: {hostname}
user: mailweir
workers: {workers}
drain: 20s
listeners: ["{address}:{port}"]
backends:
  main:
    address: "{backend}"
    connect_timeout: 5s
    probe_interval: 1s
dns:
  servers: [{resolver}]
  timeout: {dns_timeout}
{dns}
state: {{directory: "{root}/state"}}
status: {{file: "{root}/status"}}
spool: {{directory: "{root}/spool"{spool}}}
log: {{to: "{root}/mailweir.log", level: debug}}
{more}
"""
PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')


def parse(line):
    """One log line in logfmt as a dictionary."""
    return {key: re.sub(r"\\(.)", r"\1", quoted) if not bare else bare for key, quoted, bare in PAIR.findall(line)}


class Mailweir(Server):
    def __init__(self, backend, more="", dns="", spool="", workers=1, resolver='"127.0.0.1"', dns_timeout="3s"):
        self.root = space.directory(f"{space.ROOT}/mailweir")
        self.config = f"{self.root}/mailweir.yaml"
        self.logfile = f"{self.root}/mailweir.log"
        for name in ("state", "spool"):
            space.directory(f"{self.root}/{name}", "mailweir")
        self.values = {"hostname": HOSTNAME, "address": ADDRESS, "port": PORT, "root": self.root, "workers": workers, "resolver": resolver,
                       "dns_timeout": dns_timeout,
                       "backend": backend if isinstance(backend, str) else f"{backend.address}:{backend.port}",
                       "spool": spool, "dns": dns, "more": more}
        self.configure()
        if os.path.exists(self.logfile):
            os.unlink(self.logfile)
        super().__init__("mailweir", [BINARY, "run", "-c", self.config], f"{self.root}/output", ADDRESS, PORT)

    def configure(self, **changes):
        self.values.update(changes)
        self.write(CONFIG.format(**self.values))

    def write(self, text):
        space.write(self.config, text)

    def write_example(self, backend):
        """The configuration of examples/BACKEND, with directories and log in the lab and the lab's name server."""
        with open(f"{EXAMPLES}/{backend}/mailweir.yaml", encoding="utf-8") as file:
            text = file.read()
        for ours, labs in (("/var/lib/mailweir", f"{self.root}/state"), ("/var/spool/mailweir", f"{self.root}/spool"),
                           ("to: syslog", f"to: {self.logfile}")):
            text = text.replace(ours, labs)
        self.write(text + 'dns: {servers: ["127.0.0.1"]}\n')

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, number=signal.SIGTERM):
        code = super().stop(number)
        with open(self.log, encoding="utf-8", errors="replace") as output:
            text = output.read()
        if "Sanitizer" in text or "runtime error" in text:
            raise AssertionError(f"a sanitizer complains:\n{text}")
        return code

    def tail(self, lines=40):
        return super().tail(lines) + self.log_text()[-6000:]

    def log_text(self):
        if not os.path.exists(self.logfile):
            return ""
        with open(self.logfile, encoding="utf-8") as log:
            return log.read()

    def records(self, **wanted):
        """The log lines in which these keys have these values; '*' stands for any value."""
        lines = (parse(line) for line in self.log_text().splitlines())
        return [line for line in lines if all(key in line and value in ("*", line[key]) for key, value in wanted.items())]

    def wait_record(self, **wanted):
        return wait_for(lambda: self.records(**wanted), f"a log line with {wanted}; the log:\n{self.tail()}")[-1]

    def children(self):
        """Process ids of the workers and of whatever else the master has started."""
        return children(self.process.pid)

    @staticmethod
    def sanitized():
        """Whether the program was built with sanitizers, which the sandbox would stop."""
        with open(BINARY, "rb") as file:
            return b"__asan_init" in file.read()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def status(pid):
    """/proc/PID/status as a dictionary."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return {key: value.strip() for key, value in (line.split(":", 1) for line in file)}

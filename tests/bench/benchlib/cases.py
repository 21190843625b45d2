"""The servers to compare: the sink itself, Mailweir without filters before it, and Mailweir with all of them."""
import os
import shutil
import signal
import socket
import subprocess
import time

from . import processes

CONFIG = """hostname: mx.test.example
workers: %(workers)d
listeners: ["%(address)s:%(port)d"]
backends:
  main:
    address: "127.0.0.1:%(sink)d"
dns:
  servers: ["127.0.0.1@%(resolver)d"]
  zone_file: "%(directory)s/zone"
user: nobody
state:
  directory: "%(directory)s/state-%(name)s"
status:
  file: "%(directory)s/status-%(name)s"
spool:
  directory: "%(directory)s"
log:
  to: "%(directory)s/%(name)s.log"
filters:
%(filters)s
"""
VERDICTS = (" spf=pass", " dkim=pass", " dmarc=pass")
NO_FILTERS = """  spf: {enabled: false}
  dkim: {enabled: false}
  dmarc: {enabled: false}
  rate_limit: {enabled: false}"""
ALL_FILTERS = """  spf: {enabled: true}
  dkim: {enabled: true}
  dmarc: {enabled: true}
  rate_limit:
    limits:
      per_client: {key: client.ip, rate: 10000000/1m}
      per_sender: {key: sender, rate: 10000000/1m}"""


class CaseError(Exception):
    """A server did not start, or did not do its work."""


class Case:
    """One server under load. name, title; port and process once started."""

    def __init__(self, name, title, address, port):
        self.name, self.title, self.address, self.port = name, title, address, port
        self.process = None

    def wait(self):
        for _ in range(500):
            if self.process.poll() is not None:
                raise CaseError("%s ended at its start: %s" % (self.title, self.complaint()))
            try:
                with socket.create_connection((self.address, self.port), 1) as s:
                    s.settimeout(5)
                    if s.recv(3) == b"220":
                        return
            except OSError:
                time.sleep(0.02)
        raise CaseError("%s does not answer: %s" % (self.title, self.complaint()))

    def complaint(self):
        return "no more is known"

    def check(self, delivered):
        """Raises CaseError if the work was not done; delivered: messages since the last check."""

    def cpu(self):
        return processes.cpu(self.process.pid)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()


class Sink(Case):
    """Postfix's smtp-sink: takes everything and throws it away."""

    def start(self):
        program = shutil.which("smtp-sink", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            raise CaseError("smtp-sink is missing: install postfix")
        user = ["-u", "nobody"] if os.geteuid() == 0 and os.path.exists("/var/spool/postfix") else []
        self.process = subprocess.Popen([program] + user + ["-m", "5000", "0.0.0.0:%d" % self.port, "1024"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()


class Mailweir(Case):
    """Mailweir with one set of filters; values: the rest of its configuration."""

    def __init__(self, name, title, address, port, program, filters, values):
        super().__init__(name, title, address, port)
        directory = values["directory"]
        self.program, self.filters = program, filters == ALL_FILTERS
        self.log = os.path.join(directory, name + ".log")
        self.offset = 0
        os.makedirs(os.path.join(directory, "state-" + name))
        os.chmod(os.path.join(directory, "state-" + name), 0o777)
        self.config = os.path.join(directory, name + ".yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG % dict(values, name=name, address=address, port=port, filters=filters))

    def start(self):
        with open(self.log + ".stderr", "w") as stderr:
            self.process = subprocess.Popen([self.program, "run", "-c", self.config],
                                            stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)
        self.wait()

    def complaint(self):
        with open(self.log + ".stderr", errors="replace") as f:
            return f.read()[-2000:]

    def check(self, delivered):
        """A filter that silently skips its work would look fast: every message must have its verdicts in the log."""
        if not self.filters:
            return
        with open(self.log, errors="replace") as f:
            f.seek(self.offset)
            text = f.read()
            self.offset = f.tell()
        good = sum("stage=data" in line and all(v in line for v in VERDICTS) for line in text.split("\n"))
        if good < delivered:
            raise CaseError("only %d of %d messages have spf, dkim and dmarc pass in the log" % (good, delivered))

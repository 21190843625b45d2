"""Mailweir under test: its configuration, its processes, what they hold."""
import asyncio
import os
import resource
import signal
import subprocess
import time

from faultlab import loglines
from lab import space

BINARY = os.environ.get("MAILWEIR_BIN") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../build/release/mailweir")
ADDRESS = ("11.1.0.1", 25)

CONFIG = """hostname: mx.weir.example
user: mailweir
workers: {workers}
drain: {drain}
listeners: ["11.1.0.1:25"]
tls: {{certificates: ["{root}/certificate.pem"]}}
backends:
  main: {{address: "127.0.0.1:10025", connect_timeout: 5s, reply_timeout: {reply}, data_timeout: {reply}, probe_interval: {probe}}}
dns: {{servers: ["127.0.0.1@{resolver}"], zone_file: "{root}/zone", timeout: 3s}}
limits: {{{limits}}}
state: {{directory: "{state}"}}
status: {{file: "{root}/status"}}
spool: {{directory: "{spool}"{spool_more}}}
log: {{to: "{root}/mailweir.log", level: {level}, format: {format}}}
policies:
  inbound:
    data:
      - {{rule: no, when: {{header.X-Lab: reject}}, do: reject}}
      - {{rule: later, when: {{header.X-Lab: tempfail}}, do: tempfail}}
"""
DEFAULTS = {"workers": 2, "drain": "20s", "reply": "30s", "probe": "1h", "limits": "sessions: 30000, transactions: 0", "spool_more": "",
            "level": "info", "format": "logfmt"}


def sanitized():
    """Whether the program was built with sanitizers: slower, larger, and without the sandbox."""
    with open(BINARY, "rb") as file:
        return b"__asan_init" in file.read()


def make_certificate(path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=mx.weir.example", "-keyout", path + ".key", "-out", path + ".crt"], check=True, capture_output=True)
    with open(path + ".key", encoding="ascii") as key, open(path + ".crt", encoding="ascii") as certificate:
        space.write(path, key.read() + certificate.read())


class Mailweir:
    """zone: more static DNS answers; files: the limit on descriptors; others as in DEFAULTS."""

    def __init__(self, resolver, zone="", files=None, **values):
        self.root = space.directory(f"{space.ROOT}/mailweir", "mailweir")
        self.values = dict(DEFAULTS, root=self.root, resolver=resolver, state=space.directory(f"{self.root}/state", "mailweir"),
                           spool=space.directory(f"{self.root}/spool", "mailweir"))
        self.values.update(values)
        self.config, self.log, self.output = (f"{self.root}/mailweir.{kind}" for kind in ("yaml", "log", "output"))
        self.files, self.process = files, None
        if os.path.exists(self.log):
            os.unlink(self.log)
        make_certificate(f"{self.root}/certificate.pem")
        space.write(f"{self.root}/zone", 'lab.example. TXT "v=spf1 ip4:11.1.0.0/16 -all"\nclient.lab.example. A 11.1.1.1\n' + zone)
        self.configure()

    def configure(self, **values):
        self.values.update(values)
        space.write(self.config, CONFIG.format(**self.values))

    def limit_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))

    async def start(self):
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen([BINARY, "run", "-c", self.config], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            preexec_fn=self.limit_files if self.files else None)
        await self.wait_ready()

    async def wait_ready(self):
        """Until a greeting comes."""
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError(f"mailweir ended at its start:\n{self.complaint()}")
            try:
                reader, writer = await asyncio.open_connection(*ADDRESS)
                greeting = await asyncio.wait_for(reader.read(3), 5)
                writer.close()
                if greeting == b"220":
                    return
            except (OSError, asyncio.TimeoutError):
                pass
            await asyncio.sleep(0.05)
        raise RuntimeError(f"mailweir does not answer:\n{self.complaint()}")

    def complaint(self):
        texts = []
        for path in (self.output, self.log):
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts.append(file.read()[-3000:])
        return "\n".join(texts)

    def signal(self, number):
        self.process.send_signal(number)

    async def stop(self):
        """Waits for the drain; returns what the sanitizers or a bad end have to say."""
        if self.process is None:
            return ""
        self.signal(signal.SIGTERM)
        for _ in range(600):
            if self.process.poll() is not None:
                break
            await asyncio.sleep(0.05)
        else:
            self.process.kill()
        code, self.process = self.process.wait(), None
        with open(self.output, encoding="utf-8", errors="replace") as file:
            text = file.read()
        crashed = [line for line in self.lines("worker.gone") if "signal=9" not in line and "signal=" in line]
        if code or crashed or "Sanitizer" in text or "runtime error" in text:
            return f"ended with {code}; {crashed[:3]}\n{text[-3000:]}"
        return ""

    def lines(self, event):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return [line for line in log if f"event={event} " in line or f"event={event}\n" in line]

    def check_log(self):
        return loglines.check(self.log) if os.path.exists(self.log) else (0, [])

    # processes

    def workers(self):
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]

    def worker_of(self, port):
        """The worker that holds the connection from this port."""
        inode = next((f[9] for f in tcp_table() if int(f[1][-4:], 16) == ADDRESS[1] and int(f[2][-4:], 16) == port), None)
        return next((pid for pid in self.workers() if inode and holds(pid, f"socket:[{inode}]")), None)

    def memory(self):
        """Bytes of all workers, shared pages divided."""
        return sum(pss(pid) for pid in self.workers())

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.workers())

    def cpu(self):
        """Seconds that the workers have computed."""
        return sum(cpu(pid) for pid in self.workers())


def tcp_table():
    with open("/proc/net/tcp", encoding="ascii") as table:
        return [line.split() for line in table.readlines()[1:]]


def holds(pid, name):
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            if os.readlink(f"/proc/{pid}/fd/{number}") == name:
                return True
        except OSError:
            continue
    return False


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024


def cpu(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def now():
    return time.monotonic()

"""A server process: started, waited for, stopped by its process id."""
import os
import signal
import socket
import subprocess
import time

PATIENCE = 20.0  # seconds; only ever used up by a failing test


def wait_for(condition, what, patience=PATIENCE):
    """Waits until condition() is true and returns its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(0.01)


def port_open(address, port):
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


class Server:
    """One process in the foreground; its output goes to a file."""

    def __init__(self, name, command, log, address, port, env=None):
        self.name, self.command, self.log = name, command, log
        self.address, self.port = address, port
        self.env = dict(os.environ, **(env or {}))
        self.process = None

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env)
        wait_for(self.ready, f"{self.name} on {self.address}:{self.port}; its log:\n{self.tail()}")
        return self

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
        return port_open(self.address, self.port)

    def stop(self, number=signal.SIGTERM):
        """Ends the process and returns its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not stop:\n{self.tail()}") from None
        self.process = None
        return code

    def tail(self, lines=40):
        if not os.path.exists(self.log):
            return "(no log)"
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])

"""Runs the whole command again in namespaces of its own: free ports, public-looking client addresses, and no process left behind."""
import os
import subprocess
import sys

MARK = "MAILWEIR_WIRE_NAMESPACE"
ROUTES = (["ip", "link", "set", "lo", "up"],
          ["ip", "route", "add", "local", "11.1.0.0/16", "dev", "lo"],
          ["ip", "-6", "addr", "add", "2001:db8:1::1/128", "dev", "lo", "nodad"],
          ["ip", "-6", "addr", "add", "2001:db8:1::25/128", "dev", "lo", "nodad"])


def unshare_command():
    base = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return base if os.geteuid() == 0 else base + ["--user", "--map-current-user", "--keep-caps"]


def works():
    try:
        return subprocess.run(unshare_command() + ["ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    except OSError:
        return False


def enter():
    """True inside; re-executes the command to get there. False if the system does not allow it."""
    if os.environ.get(MARK) == "1":
        for command in ROUTES:
            subprocess.run(command, check=command[1] != "-6", capture_output=command[1] == "-6")
        return True
    if not works():
        return False
    os.environ[MARK] = "1"
    command = unshare_command() + [sys.executable] + sys.argv
    os.execvp(command[0], command)

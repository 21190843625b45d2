"""Namespaces of our own: a private network, a private /etc and /run, and processes that die with us."""
import os
import pwd
import subprocess
import sys

MARK = "MAILWEIR_LAB"
ROOT = "/run/lab"  # on the private tmpfs
SKIPPED = 77
USERS = {"mailweir": 901, "vmail": 902, "postfix": 903, "postdrop": 904, "Debian-exim": 905, "nsd": 906}


def inside():
    return os.environ.get(MARK) == "inside"


def enter(command):
    """Runs this program again inside the namespaces; does not return."""
    become = []
    if os.geteuid() != 0:
        become = ["sudo", "-n", "--preserve-env=MAILWEIR_BIN," + MARK]
        if subprocess.run(become[:2] + ["true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            print("system tests need root (private Postfix and Exim, network namespaces): skipped", file=sys.stderr)
            sys.exit(SKIPPED)
    os.environ[MARK] = "inside"
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
    os.execvp((become + unshare)[0], become + unshare + ["/usr/bin/python3"] + command)


def prepare():
    """Makes the private world: addresses, /run, /etc with the users the servers need."""
    sh("ip link set lo up")
    sh("ip route add local 11.1.0.0/16 dev lo")
    sh("mount -t tmpfs -o mode=755 lab /run")
    sh("cp -a /etc /run/etc && mount --bind /run/etc /etc")
    os.makedirs("/run/lab")
    add_users()
    write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    write("/etc/hosts", "127.0.0.1 localhost\n")


def add_users():
    known = {entry.pw_name for entry in pwd.getpwall()}
    with open("/etc/group", encoding="ascii") as groups:
        known_groups = {line.split(":")[0] for line in groups}
    for name, number in USERS.items():
        if name not in known_groups:
            append("/etc/group", f"{name}:x:{number}:\n")
        if name not in known:
            append("/etc/passwd", f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n")


def sh(command):
    subprocess.run(command, shell=True, check=True)


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, mode)


def append(path, text):
    with open(path, "a", encoding="utf-8") as out:
        out.write(text)


def directory(path, owner=None, mode=0o755):
    """Makes a directory (and those above it) and returns its path."""
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    if owner:
        entry = pwd.getpwnam(owner)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return path

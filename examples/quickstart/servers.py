"""Starts and stops the quickstart's Postfix and Mailweir. Everything they write is in one directory."""
import base64
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PORT = int(os.environ.get("MAILWEIR_PORT") or 2525)
BACKEND = int(os.environ.get("POSTFIX_PORT") or 20025)
DIR = f"/run/mailweir-quickstart-{PORT}"  # one for each port, so that several can run beside each other
PROGRAM = os.environ.get("MAILWEIR_BIN") or f"{TOP}/build/release/mailweir"
KEY = f"{DIR}/dkim.key"
INBOX = f"{DIR}/mail/alice/new"
LOG = f"{DIR}/mailweir.log"


def own_address():
    """An address of this machine that is not loopback: SPF takes no interest in loopback."""
    shown = subprocess.run(["ip", "-4", "-o", "address", "show"], stdout=subprocess.PIPE, text=True, check=True).stdout
    addresses = [line.split()[3].split("/")[0] for line in shown.splitlines()]
    return next(address for address in addresses if not address.startswith("127."))


def start():
    for port in (PORT, BACKEND):
        if listens(port):
            sys.exit(f"port {port} of 127.0.0.1 is in use; choose others with MAILWEIR_PORT and POSTFIX_PORT")
    make_files()
    start_postfix()
    mailweir = [PROGRAM, "run", "-c", f"{DIR}/mailweir.yaml"]
    with open(f"{DIR}/output", "ab") as output:
        process = subprocess.Popen(mailweir, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    with open(f"{DIR}/mailweir.pid", "w", encoding="ascii") as file:
        file.write(f"{process.pid}\n")
    wait_for_port(PORT)


def start_postfix():
    master = f"{prefix()}/usr/lib/postfix/sbin/master"
    libraries = dict(os.environ, LD_LIBRARY_PATH=f"{prefix()}/usr/lib/postfix")
    with open(f"{DIR}/output", "ab") as output:  # -w: goes on in the background once it is ready
        subprocess.run([master, "-c", f"{DIR}/postfix", "-w"], check=True, env=libraries, stdin=subprocess.DEVNULL, stdout=output,
                       stderr=output)
    wait_for_port(BACKEND)


def stop():
    """Stops what runs, by the process ids noted at its start, and removes all files. Says whether anything was there."""
    if not os.path.isdir(DIR):
        return False
    for name, pid_file in (("mailweir", f"{DIR}/mailweir.pid"), ("master", f"{DIR}/queue/pid/master.pid")):
        if os.path.exists(pid_file):
            with open(pid_file, encoding="ascii") as file:
                end(name, int(file.read()))
    shutil.rmtree(DIR)
    return True


def stop_command():
    return f"{'' if PORT == 2525 else f'MAILWEIR_PORT={PORT} '}{HERE}/stop"


def end(name, pid):
    """Ends the process if it is still the one we started."""
    for number in [signal.SIGTERM] * 100 + [signal.SIGKILL]:
        if not lives(name, pid):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        time.sleep(0.1)


def lives(name, pid):
    """Whether the process is there under that name; one that only waits to be reaped (state Z) is not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            comm, state = file.read().split("(", 1)[1].rsplit(")", 1)
    except FileNotFoundError:
        return False
    return comm == name and state.split()[0] != "Z"


def prefix():
    """Where Postfix is: installed, or unpacked beside the sources by tools/install."""
    beside = f"{TOP}/build/lab/postfix"
    return beside if os.path.exists(f"{beside}/usr/sbin/postfix") else ""


def make_files():
    os.mkdir(DIR, 0o755)
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", KEY, "2048"], check=True, stderr=subprocess.DEVNULL)
    public = subprocess.run(["openssl", "rsa", "-in", KEY, "-pubout", "-outform", "DER"], check=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL).stdout
    record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
    nobody = pwd.getpwnam("nobody")
    uid = int(os.environ.get("SUDO_UID") or 0) or nobody.pw_uid
    gid = int(os.environ.get("SUDO_GID") or 0) or nobody.pw_gid
    values = {"DIR": DIR, "PORT": PORT, "BACKEND": BACKEND, "PREFIX": prefix(), "UID": uid, "GID": gid, "CLIENT": own_address(),
              "KEY": f'"{record[:250]}" "{record[250:]}"'}
    postfix = pwd.getpwnam("postfix")
    make_directory("postfix", 0, 0)
    make_directory("queue", 0, 0)
    make_directory("queue/pid", 0, 0)
    for name in "incoming active deferred bounce defer flush hold corrupt trace saved private maildrop public".split():
        make_directory(f"queue/{name}", postfix.pw_uid, 0, 0o755 if name == "public" else 0o700)
    make_directory("data", postfix.pw_uid, postfix.pw_gid)
    make_directory("mail", uid, gid)
    make_directory("state", nobody.pw_uid, nobody.pw_gid)
    make_directory("spool", nobody.pw_uid, nobody.pw_gid)
    fill_in("mailweir.yaml", "mailweir.yaml", values)
    fill_in("zone", "zone", values)
    fill_in("postfix-main.cf", "postfix/main.cf", values)
    fill_in("postfix-master.cf", "postfix/master.cf", values)


def make_directory(name, uid, gid, mode=0o755):
    path = f"{DIR}/{name}"
    os.mkdir(path)
    os.chmod(path, mode)
    os.chown(path, uid, gid)


def fill_in(template, target, values):
    with open(f"{HERE}/{template}", encoding="utf-8") as file:
        text = file.read()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    with open(f"{DIR}/{target}", "w", encoding="utf-8") as file:
        file.write(text)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def wait_for_port(port):
    for _ in range(200):
        if listens(port):
            return
        time.sleep(0.05)
    for name in ("output", "mailweir.log", "postfix.log"):
        if os.path.exists(f"{DIR}/{name}"):
            with open(f"{DIR}/{name}", encoding="utf-8", errors="replace") as file:
                print(f"--- {name}\n{file.read()[-2000:]}", file=sys.stderr)
    sys.exit(f"nothing listens on port {port}")


if __name__ == "__main__":
    if sys.argv[1:] != ["stop"]:
        sys.exit("usage: servers.py stop")
    print("stopped" if stop() else "nothing is running")

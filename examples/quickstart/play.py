"""Plays the messages through Mailweir and prints what became of each."""
import os
import re
import socket
import sys
import time

import messages
import servers

PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
COLUMNS = ("message", "spf", "dkim", "dmarc", "rule", "reply", "delivered")
WIDTHS = (35, 4, 4, 5, 17, 51, 9)


class Session:
    """A client that sends bytes as they are."""

    def __init__(self, source):
        self.socket = socket.create_connection(("127.0.0.1", servers.PORT), timeout=30, source_address=(source, 0))
        self.replies = self.socket.makefile("rb")
        self.reply()

    def reply(self):
        line = self.replies.readline()
        while line[3:4] == b"-":
            line = self.replies.readline()
        return line.decode("ascii", "replace").strip()

    def command(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def send(self, scene):
        """The whole message; returns the reply that settled it."""
        lines = ("EHLO client.example", f"MAIL FROM:<{scene.sender}>", f"RCPT TO:<{scene.recipient}>", "DATA")
        for line in lines:
            reply = self.command(line)
            if reply[:1] not in ("2", "3"):
                return reply
        self.socket.sendall(scene.content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.reply()


def decision(position):
    """What Mailweir's log says about the message, behind position."""
    with open(servers.LOG, encoding="utf-8") as log:
        log.seek(position)
        lines = [{key: quoted or bare for key, quoted, bare in PAIR.findall(line)} for line in log]
    decisions = [line for line in lines if line.get("event") == "decision"]
    return decisions[-1] if decisions else {}


def delivered(before):
    """Whether a new message came in; gives Postfix the time to put it there."""
    for _ in range(100):
        if inbox() > before:
            return "yes"
        if not any(os.listdir(f"{servers.DIR}/queue/{name}") for name in ("incoming", "active")):
            break
        time.sleep(0.02)
    return "yes" if inbox() > before else "no"


def inbox():
    return len(os.listdir(servers.INBOX)) if os.path.isdir(servers.INBOX) else 0


def play(scene, source):
    before, position = inbox(), os.path.getsize(servers.LOG)
    session = Session(source)
    reply = session.send(scene)
    session.command("QUIT")
    facts = decision(position)
    found = [facts.get(name, "-") for name in ("spf", "dkim", "dmarc")]
    return [scene.title, *found, decided_by(facts), reply, delivered(before)]


def decided_by(facts):
    """The policy's rule; without one, who else said no."""
    if "rule" in facts:
        return facts["rule"]
    if facts.get("action") == "accept":
        return "-"
    return "Postfix's answer" if "backend.reply" in facts else "SMTP's own rules"


def show(cells):
    print("  ".join(str(cell)[:width].ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip(), flush=True)


def invite(source):
    sudo = "sudo " if "SUDO_UID" in os.environ else ""
    inside = f"{sudo}nsenter --net=/proc/{pid()}/ns/net " if "--own-network" in sys.argv else ""
    swaks = f"{inside}swaks --server 127.0.0.1:{servers.PORT} --local-interface {source} --to {messages.TO}"
    print(f"""
Mailweir is running on 127.0.0.1:{servers.PORT}. Try it yourself:

  {swaks} --from anne@good.example
  {swaks} --from ceo@bank.example  # a forgery

Mail       {servers.INBOX}
Log        {servers.LOG}
Settings   {servers.DIR}/mailweir.yaml
Stop       {servers.stop_command()}""")


def pid():
    with open(f"{servers.DIR}/mailweir.pid", encoding="ascii") as file:
        return file.read().strip()


def main():
    if servers.stop():
        print(f"== Stopped the one that was running on port {servers.PORT}", flush=True)
    print("== Starting Postfix and Mailweir", flush=True)
    servers.start()
    source = servers.own_address()
    print("== Playing mail\n")
    show(COLUMNS)
    show(["-" * width for width in WIDTHS])
    for scene in messages.scenes():
        show(play(scene, source))
    if "--once" not in sys.argv:
        invite(source)


def run():
    try:
        main()
    finally:
        if "--once" in sys.argv:
            servers.stop()


if __name__ == "__main__":
    run()

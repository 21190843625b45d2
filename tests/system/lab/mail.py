"""Messages, and signatures made by other people's code: OpenDKIM's tools and dkimpy."""
import base64
import itertools
import os
import re
import subprocess

import dkim
from nacl.signing import SigningKey

from lab import space

numbers = itertools.count(1)


def message(sender="anne@good.example", recipient="alice@weir.example", subject="Greetings", body=b"Hello.\r\n", extra=b""):
    """A message with CRLF line ends."""
    number = next(numbers)
    head = (f"From: Anne <{sender}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\n"
            f"Date: Mon, 06 Jul 2026 10:00:{number % 60:02d} +0000\r\nMessage-ID: <{number}@{sender.rsplit('@', maxsplit=1)[-1]}>\r\n")
    return head.encode() + extra + b"\r\n" + body


class RsaKey:
    """Made by opendkim-genkey; signs with OpenDKIM's library through opendkim-testmsg, or with dkimpy."""

    def __init__(self, domain, selector="rsa"):
        self.domain, self.selector = domain, selector
        self.directory = space.directory(f"{space.ROOT}/keys")
        subprocess.run(["opendkim-genkey", "-b", "2048", "-d", domain, "-s", f"{selector}.{domain}", "-D", self.directory], check=True)
        self.path = f"{self.directory}/{selector}.{domain}.private"

    def record(self):
        der = subprocess.run(["openssl", "rsa", "-in", self.path, "-pubout", "-outform", "DER"], check=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout
        return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()

    def sign_opendkim(self, content):
        """OpenDKIM itself, in its test mode, prints the field it would insert."""
        settings, mail = f"{self.directory}/opendkim.conf", f"{self.directory}/message"
        space.write(settings, f"Mode s\nDomain {self.domain}\nSelector {self.selector}\nKeyFile {self.path}\nSyslog no\n"
                              "Canonicalization relaxed/simple\nRequireSafeKeys no\nOversignHeaders From\n")
        with open(mail, "wb") as file:
            file.write(content)
        output = subprocess.run(["/usr/sbin/opendkim", "-x", settings, "-vvv", "-t", mail], check=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout
        value = re.search(rb"hname='DKIM-Signature' hvalue='([^']*)'", output).group(1)
        return b"DKIM-Signature: " + value.replace(b"\n", b"\r\n") + b"\r\n" + content

    def sign_sha1(self, content):
        """rsa-sha1, as OpenDKIM's opendkim-testmsg still makes it: RFC 8301 forbids to accept it."""
        command = ["opendkim-testmsg", "-C", "-d", self.domain, "-s", self.selector, "-k", self.path, "-t", self.directory]
        return subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout

    def sign_dkimpy(self, content):
        with open(self.path, "rb") as key:
            return sign(content, self, key.read(), b"rsa-sha256")


class Ed25519Key:
    """RFC 8463; signs with dkimpy."""

    def __init__(self, domain, selector="ed"):
        self.domain, self.selector = domain, selector
        self.key = SigningKey.generate()

    def record(self):
        return "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(self.key.verify_key)).decode()

    def sign_dkimpy(self, content):
        return sign(content, self, base64.b64encode(bytes(self.key)), b"ed25519-sha256")


def sign(content, key, private, algorithm):
    field = dkim.sign(content, key.selector.encode(), key.domain.encode(), private, canonicalize=(b"relaxed", b"relaxed"),
                      signature_algorithm=algorithm, include_headers=[b"from", b"to", b"subject", b"date", b"message-id"])
    return field + content


def junk(size):
    """Text of that size that does not repeat, in lines with CRLF."""
    text = base64.b64encode(os.urandom(size))
    lines = b"\r\n".join(text[at:at + 76] for at in range(0, len(text), 76))
    return lines[:size - 2] + b"\r\n"

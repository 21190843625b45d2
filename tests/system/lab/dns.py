"""A real name server (NSD) with zones of our own: a signed root, signed, unsigned and broken zones below it."""
import glob
import os
import subprocess

import dns.exception
import dns.message
import dns.query

from lab import space
from lab.server import Server

CONFIG = """
server:
    ip-address: 127.0.0.1@53
    hide-version: yes
    zonesdir: {root}
    username: nsd
    pidfile: ""
    zonelistfile: {root}/state/zone.list
    xfrdfile: {root}/state/xfrd.state
    xfrdir: {root}/state
    database: ""
    server-count: 1
remote-control:
    control-enable: no
"""
HEAD = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"


def texts(text):
    """A TXT record's data: character-strings of at most 255 bytes."""
    return " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255))


class NameServer(Server):
    """zones: name without final dot -> records. Zones named in signed get signatures and a DS in the root; those named in bogus
    are changed after signing."""

    def __init__(self, zones, signed=(), bogus=()):
        self.root = space.directory(f"{space.ROOT}/dns")
        space.directory(f"{self.root}/state", "nsd")
        self.trust_anchor = f"{self.root}/root.key"
        delegations = []
        for name, records in zones.items():
            self.write_zone(name, records)
            delegations.append(f"{name}. NS ns.{name}.\nns.{name}. A 127.0.0.1\n")
            if name in signed or name in bogus:
                delegations.append(self.sign(name))
        for name in bogus:
            self.spoil(name)
        self.write_zone("", "".join(delegations))
        self.sign("")
        self.write_config(zones)
        super().__init__("nsd", ["nsd", "-d", "-c", f"{self.root}/nsd.conf"], f"{self.root}/nsd.log", "127.0.0.1", 53)

    def file(self, name):
        return f"{self.root}/{name or 'root'}.zone"

    def write_zone(self, name, records):
        space.write(self.file(name), f"$ORIGIN {name}.\n" + HEAD + records + "\n")

    def sign(self, name):
        """Signs a zone in place and returns its DS record."""
        base = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", name + "."], cwd=self.root, check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()
        subprocess.run(["ldns-signzone", "-f", self.file(name), "-o", name + ".", self.file(name), base], cwd=self.root, check=True)
        if name == "":
            os.rename(f"{self.root}/{base}.key", self.trust_anchor)
            return ""
        with open(glob.glob(f"{self.root}/{base}.ds")[0], encoding="ascii") as file:
            return file.read()

    def spoil(self, name):
        """Changes what was signed, so that no signature fits."""
        with open(self.file(name), encoding="ascii") as file:
            text = file.read()
        space.write(self.file(name), text.replace("v=spf1", "v=spf1 ").replace("v=DKIM1", "v=DKIM1 ").replace("v=DMARC1", "v=DMARC1 "))

    def write_config(self, zones):
        parts = [CONFIG.format(root=self.root)]
        for name in ["", *zones]:
            parts.append(f'zone:\n    name: "{name}."\n    zonefile: "{self.file(name)}"\n')
        space.write(f"{self.root}/nsd.conf", "\n".join(parts))

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nsd ended:\n{self.tail()}")
        try:
            return dns.query.udp(dns.message.make_query(".", "SOA"), "127.0.0.1", timeout=0.2).answer
        except (OSError, dns.exception.Timeout):
            return False

"""testssl.sh's verdict on our TLS: no finding of severity HIGH or above, by STARTTLS and from the first byte on."""
import json
import subprocess
import unittest

from lab import space
from lab.certificates import Authority
from lab.mailweir import ADDRESS, HOSTNAME, Mailweir
from lab.postfix import Postfix
from lab.zones import World

IMPLICIT = 465
CHECKS = ("-p", "-s", "-U", "-P", "--fs")
UNRELATED = ("scanTime", "engine_problem")


class Scan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.postfix = Postfix().start()
        cls.addClassCleanup(cls.postfix.stop)
        pair = Authority(f"{space.ROOT}/ca").issue(HOSTNAME)
        cls.mailweir = Mailweir(cls.postfix, more=f"policies: {{inbound: {{}}}}\ntls: {{certificates: [{pair}]}}\n", workers=2)
        with open(cls.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        cls.mailweir.write(text.replace(f'["{ADDRESS}:25"]', f'["{ADDRESS}:25", {{address: "{ADDRESS}:{IMPLICIT}", tls: implicit}}]'))
        cls.mailweir.start()
        cls.addClassCleanup(cls.mailweir.stop)

    def scan(self, port, *how):
        found = f"{space.ROOT}/testssl-{port}.json"
        done = subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--connect-timeout", "10",
                               "--openssl-timeout", "10", *CHECKS, *how, "--jsonfile", found, f"{ADDRESS}:{port}"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False, cwd=space.ROOT)
        with open(found, encoding="utf-8") as file:
            findings = json.load(file)
        self.assertGreater(len(findings), 30, done.stdout.decode("utf-8", "replace")[-3000:])
        return {f["id"]: (f["severity"], f["finding"]) for f in findings if f["id"] not in UNRELATED}

    def check(self, findings):
        bad = {name: what for name, what in findings.items() if what[0] in ("HIGH", "CRITICAL", "FATAL")}
        self.assertEqual(bad, {})
        self.assertEqual([findings[name][0] for name in ("TLS1_2", "TLS1_3", "SSLv2", "SSLv3", "heartbleed", "CCS", "ROBOT")], ["OK"] * 7)

    def test_starttls(self):
        self.check(self.scan(25, "--starttls", "smtp"))

    def test_tls_from_the_first_byte_on(self):
        self.check(self.scan(IMPLICIT))

"""TLS on both legs, with real clients and a real Postfix behind."""
import os
import re
import smtplib
import ssl
import subprocess
import unittest

from lab import space
from lab.certificates import Authority
from lab.client import Client, send
from lab.mail import message
from lab.mailweir import ADDRESS, HOSTNAME, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

IMPLICIT = 465
TLS = """
policies: {{inbound: {{}}}}
tls:
  certificates: ["{mx}", "{other}"]
  client_certificate: ask
  client_ca: "{ca}"
"""
SECURE = """
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {certificate}
smtpd_tls_received_header = yes
smtpd_tls_auth_only = yes
"""


class SecurePostfix(Postfix):
    services = "tlsmgr unix - - n 1000 1 tlsmgr\n"

    def __init__(self, certificate):
        self.certificate = certificate
        super().__init__()

    def configure(self):
        self.settings += SECURE.format(certificate=self.certificate)
        super().configure()


def setUpModule():
    global authority, certificates
    World(unittest.addModuleCleanup)
    authority = Authority(f"{space.ROOT}/ca")
    certificates = {name: authority.issue(f"{name}.weir.example") for name in ("mx", "other", "backend", "client")}


def s_client(*arguments, port=25, text=b"QUIT\n"):
    """What openssl s_client prints."""
    start = ["-starttls", "smtp"] if port == 25 else []
    command = ["openssl", "s_client", "-connect", f"{ADDRESS}:{port}", "-CAfile", authority.certificate, "-crlf", "-ign_eof", *start, *arguments]
    return subprocess.run(command, input=text, capture_output=True, timeout=10, check=False).stdout.decode("utf-8", "replace")


class Front(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postfix = Postfix().start()
        cls.addClassCleanup(cls.postfix.stop)

    def setUp(self):
        self.mailweir = Mailweir(self.postfix, workers=2)
        self.write(certificates["mx"])
        self.mailweir.start()
        self.addCleanup(lambda: self.mailweir.stop())
        wait_for(lambda: len(self.mailweir.records(event="backend.up")) == 2, "two workers that have met the backend")
        self.alice = self.postfix.boxes["alice"]

    def write(self, mx):
        self.mailweir.configure(more=TLS.format(mx=mx, other=certificates["other"], ca=authority.certificate))
        with open(self.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        both = f'listeners: ["{ADDRESS}:25", {{address: "{ADDRESS}:{IMPLICIT}", tls: implicit}}]'
        self.mailweir.write(text.replace(f'listeners: ["{ADDRESS}:25"]', both))

    def test_starttls_and_implicit_tls_show_a_certificate_for_the_name_that_is_asked_for(self):
        for port in (25, IMPLICIT):
            for name, shown in (("mx", "mx"), ("other", "other"), ("stranger", "mx")):
                with self.subTest(port=port, name=name):
                    seen = s_client("-servername", f"{name}.weir.example", "-verify_hostname", f"{shown}.weir.example", port=port)
                    self.assertIn("Verify return code: 0 (ok)", seen)
                    self.assertIn(f"CN = {shown}.weir.example", seen)
                    self.assertRegex(seen, r"New, TLSv1\.3, Cipher is TLS_")

    def test_tls_1_2_is_the_floor(self):
        self.assertIn("Protocol  : TLSv1.2", s_client("-tls1_2"))
        for old in ("-tls1", "-tls1_1"):
            self.assertIn("Cipher is (NONE)", s_client(old, "-cipher", "DEFAULT@SECLEVEL=0"))

    def test_a_session_is_resumed_whichever_worker_gets_it(self):
        for version in ("-tls1_2", "-tls1_3"):
            ticket = f"{space.ROOT}/ticket{version}"
            s_client(version, "-sess_out", ticket, text=b"NOOP\nQUIT\n")
            seen = [s_client(version, "-sess_in", ticket) for _ in range(8)]
            self.assertEqual([bool(re.search(r"^Reused, TLSv1\.[23]", text, re.M)) for text in seen], [True] * 8, version)
        workers = {record["pid"] for record in self.mailweir.records(event="session.lost")} | {
            line.split("pid=")[1].split()[0] for line in self.mailweir.log_text().splitlines() if "pid=" in line}
        self.assertGreaterEqual(len(workers), 2)

    def test_mail_of_real_clients_arrives_and_its_trace_tells_of_tls(self):
        context = ssl.create_default_context(cafile=authority.certificate)
        context.check_hostname = False
        content = message()
        with smtplib.SMTP(ADDRESS, 25, "client.example", source_address=("11.1.1.1", 0), timeout=30) as client:
            client.starttls(context=context)
            client.sendmail("anne@good.example", ["alice@weir.example"], content)
        with smtplib.SMTP_SSL(ADDRESS, IMPLICIT, "client.example", context=context, source_address=("11.1.1.1", 0), timeout=30) as client:
            client.sendmail("anne@good.example", ["alice@weir.example"], content)
        for _ in range(2):
            mail = self.alice.take()
            self.assertEqual(mail.original(HOSTNAME), content)
            received = mail.added(HOSTNAME)[0]
            self.assertIn(b"with ESMTPS id", received)
            self.assertRegex(received, rb"\(using TLSv1\.3 TLS_[A-Z0-9_]+\)")
        self.mailweir.wait_record(event="decision", stage="data", **{"tls.version": "TLSv1.3", "tls.client": "none"})

    def test_swaks_delivers_over_tls(self):
        done = subprocess.run(["swaks", "--server", ADDRESS, "--local-interface", "11.1.1.1", "--tls", "--from", "anne@good.example",
                               "--to", "alice@weir.example", "--helo", "client.example", "--suppress-data"],
                              capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())
        self.assertIn("with ESMTPS", self.alice.take().added(HOSTNAME)[0].decode())

    def test_a_large_message_crosses_unharmed(self):
        context = ssl.create_default_context(cafile=authority.certificate)
        context.check_hostname = False
        content = message(body=os.urandom(3_000_000).hex().encode().replace(b"0a", b"\r\n"))
        with smtplib.SMTP_SSL(ADDRESS, IMPLICIT, "client.example", context=context, source_address=("11.1.1.1", 0), timeout=60) as client:
            client.sendmail("anne@good.example", ["alice@weir.example"], content)
        self.assertEqual(self.alice.take().original(HOSTNAME), content + (b"" if content.endswith(b"\r\n") else b"\r\n"))

    def test_a_clients_certificate_becomes_facts(self):
        s_client("-cert", certificates["client"], "-key", certificates["client"],
                 text=b"EHLO client.example\nMAIL FROM:<anne@good.example>\nRCPT TO:<nosuch@weir.example>\nQUIT\n", port=IMPLICIT)
        record = self.mailweir.wait_record(event="decision", stage="rcpt", **{"tls.client": "verified"})
        self.assertRegex(record["tls.fingerprint"], "^[0-9a-f]{64}$")

    def test_a_new_certificate_is_used_after_a_reload_and_a_bad_one_changes_nothing(self):
        path = authority.issue("changing.weir.example")
        self.write(path)
        self.mailweir.reload()
        self.mailweir.wait_record(event="config.loaded")
        first = self.serial()
        authority.issue("changing.weir.example")
        self.mailweir.reload()
        wait_for(lambda: len(self.mailweir.records(event="config.loaded")) == 2, "the second reload")
        second = self.serial()
        self.assertNotEqual(first, second)
        space.write(path, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        self.mailweir.reload()
        self.mailweir.wait_record(event="config.refused")
        self.assertTrue(any("changing" in record.get("text", "") for record in self.mailweir.records(event="config")))
        self.assertEqual(self.serial(), second)

    def serial(self):
        shown = s_client("-servername", "changing.weir.example", "-showcerts")
        return re.search(r"-----BEGIN CERTIFICATE-----.*?-----END", shown, re.S)[0]


class Behind(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postfix = SecurePostfix(certificates["backend"]).start()
        cls.addClassCleanup(cls.postfix.stop)

    def start(self, options):
        self.mailweir = Mailweir(self.postfix, more="policies: {inbound: {}}\n")
        with open(self.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        self.mailweir.write(text.replace("    probe_interval: 1s\n", f"    probe_interval: 1s\n{options}"))
        self.mailweir.start()
        self.addCleanup(lambda: self.mailweir.stop())

    def test_a_verified_backend_gets_the_mail_under_tls_and_knows_the_client(self):
        self.start(f'    tls: verify\n    tls_name: backend.weir.example\n    tls_ca: "{authority.certificate}"\n')
        self.mailweir.wait_record(event="backend.up")
        content = message()
        self.assertEqual(send(ADDRESS, content).code, 250)
        mail = self.postfix.boxes["alice"].take()
        self.assertEqual(mail.original(HOSTNAME), content)
        self.assertIn(b"using TLSv1.3", mail.content.split(b"Authentication-Results")[0])
        self.assertIn("client=unknown[11.1.1.1]", self.postfix.mail_log())

    def test_a_backend_with_a_certificate_for_another_name_gets_nothing(self):
        self.start(f'    tls: verify\n    tls_name: another.weir.example\n    tls_ca: "{authority.certificate}"\n')
        self.mailweir.wait_record(event="backend.down")
        with Client(ADDRESS, helo=None) as client:
            self.assertEqual(client.greeting.code, 421)
        self.assertIn("ostname", self.mailweir.records(event="backend.down")[0]["reason"])

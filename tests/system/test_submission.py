"""Submission: real clients log in through Mailweir at a real Postfix with Dovecot, and their mail is signed."""
import base64
import hashlib
import hmac
import os
import re
import signal
import smtplib
import ssl
import subprocess
import unittest

import dkim

from lab import space
from lab.certificates import Authority
from lab.client import Client
from lab.dovecot import Dovecot, token
from lab.mail import Ed25519Key, RsaKey, message
from lab.mailweir import ADDRESS, BINARY, Mailweir, children
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

SUBMISSION, IMPLICIT, CLEAR, SIGNED = 587, 465, 1587, 2587
USER, PASSWORD = "anne@weir.example", "Xyzzy-correct horse battery staple, and more of it so that the end is far from the beginning-42"
SASL = """
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
broken_sasl_auth_clients = yes
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, check_client_access inline:{ 11.1.7.7=permit, 11.1.8.8=permit }, reject
mynetworks = 11.9.9.9/32
"""
SETTINGS = """
tls: {{certificates: ["{certificate}"]}}
limits: {{errors: 3}}
filters:
  rate_limit: {{limits: {{guesses: {{rate: 2/1h, key: client.ip, unit: auth_failures}}}}}}
signing:
  keys:
    - {{domain: weir.example, selector: rsa, key: "{rsa}", algorithm: rsa-sha256}}
    - {{domain: weir.example, selector: ed, key: "{ed}"}}
  networks: [11.1.7.0/24]
policies:
  inbound:
    mail:
      - {{rule: guessing, when: {{rate.guesses: over, auth.user: absent}}, do: tempfail, reply: "451 4.7.1 Too many wrong passwords"}}
    data:
      - {{rule: privacy, do: remove_header, names: [X-Mailer]}}
      - {{rule: mark, when: {{header.X-Mark: present}}, do: subject_tag, text: "[MARK]"}}
      - {{rule: label, when: {{auth.user: present}}, do: tag, header: {{X-User: "{{auth.user}} by {{auth.mechanism}}"}}}}
"""
LISTENERS = """listeners:
  - {{address: "{address}:25"}}
  - {{address: "{address}:587", auth: tls, tls: require}}
  - {{address: "{address}:465", auth: tls, tls: implicit}}
  - {{address: "{address}:1587", auth: always}}
  - {{address: "{address}:2587", sign: true}}
"""


class SaslPostfix(Postfix):
    def configure(self):
        self.settings += SASL
        super().configure()


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def setUpModule():
    global authority, postfix, dovecot, mailweir, keys, context
    World(unittest.addModuleCleanup)
    authority = Authority(f"{space.ROOT}/ca")
    context = ssl.create_default_context(cafile=authority.certificate)
    context.check_hostname = False
    postfix = SaslPostfix()
    dovecot = Dovecot(f"{postfix.root}/queue/private/auth", {USER: PASSWORD}).start()
    unittest.addModuleCleanup(dovecot.stop)
    postfix.start()
    unittest.addModuleCleanup(postfix.stop)
    keys = {"rsa": RsaKey("weir.example"), "ed": Ed25519Key("weir.example")}
    mailweir = Mailweir(postfix, more=SETTINGS.format(certificate=authority.issue("mx.weir.example"), rsa=keys["rsa"].path,
                                                      ed=write_key(keys["ed"])))
    with open(mailweir.config, encoding="utf-8") as file:
        text = file.read()
    mailweir.write(text.replace(f'listeners: ["{ADDRESS}:25"]\n', LISTENERS.format(address=ADDRESS)))
    mailweir.start()
    unittest.addModuleCleanup(mailweir.stop)
    mailweir.wait_record(event="backend.up")


def write_key(key):
    """As PKCS #8 (RFC 8410)."""
    der = bytes.fromhex("302e020100300506032b657004220420") + bytes(key.key)
    path = f"{space.ROOT}/ed.pem"
    space.write(path, f"-----BEGIN PRIVATE KEY-----\n{b64(der)}\n-----END PRIVATE KEY-----\n", 0o600)
    return path


def secrets():
    """All forms in which the password travels in some mechanism, or a token."""
    return [PASSWORD, b64(PASSWORD), b64(f"\0{USER}\0{PASSWORD}"), "eyJ"]


def take():
    return postfix.boxes["alice"].take()


def swaks(mechanism, *more, password=PASSWORD, port=SUBMISSION):
    start = "--tls-on-connect" if port == IMPLICIT else "--tls"
    command = ["swaks", "--server", f"{ADDRESS}:{port}", start, "--local-interface", "11.1.1.2", "--helo", "client.example", "--from", USER,
               "--to", "alice@weir.example", "--auth", mechanism, "--auth-user", USER, "--auth-password", password, "--header-From", USER, *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def msmtp(mechanism, password=PASSWORD):
    path = f"{space.ROOT}/msmtprc"
    space.write(path, f"account default\nhost {ADDRESS}\nport {SUBMISSION}\ntls on\ntls_starttls on\ntls_trust_file {authority.certificate}\n"
                      f"tls_host_override mx.weir.example\nsource_ip 11.1.1.3\ndomain client.example\nfrom {USER}\nauth {mechanism}\nuser {USER}\n"
                      f'password "{password}"\n', 0o600)
    return subprocess.run(["msmtp", "-C", path, "alice@weir.example"], input=message(sender=USER).replace(b"\r\n", b"\n"), capture_output=True,
                          timeout=60, check=False)


def scram_sha_256(client, password):
    """The exchange of RFC 7677 by hand, with a check that the server knows the password, too."""
    nonce = b64(os.urandom(12)).replace("=", "")
    bare = f"n={USER},r={nonce}"
    challenge = client.command(f"AUTH SCRAM-SHA-256 {b64('n,,' + bare)}")
    first = base64.b64decode(challenge.text).decode()
    values = dict(part.split("=", 1) for part in first.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(values["s"]), int(values["i"]))
    final = f"c=biws,r={values['r']}"
    text = ",".join((bare, first, final)).encode()
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, hmac.digest(hashlib.sha256(client_key).digest(), text, "sha256")))
    reply = client.command(b64(f"{final},p={b64(proof)}"))
    if reply.code == 334:
        server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), text, "sha256")
        assert base64.b64decode(reply.text).decode() == "v=" + b64(server)
        reply = client.command("")
    return reply


def verify_dkimpy(content, domain="weir.example"):
    """What dkimpy says of each signature, by selector."""
    found = {}
    checker = dkim.DKIM(content)
    for index in range(content.lower().count(b"dkim-signature:")):
        good = checker.verify(index, dnsfunc=lambda name, timeout=5: keys[name.decode().split(".")[0]].record().encode())
        found[checker.selector.decode()] = good
    return found


def verify_ours(content):
    zone = f"{space.ROOT}/keys.zone"
    lines = []
    for key in keys.values():
        text = key.record()
        lines.append(f"{key.selector}._domainkey.weir.example. TXT " + " ".join(f'"{text[at:at + 200]}"' for at in range(0, len(text), 200)))
    space.write(zone, "\n".join(lines) + "\n")
    return subprocess.run([BINARY, "lookup", "dkim", "--zone", zone], input=content, capture_output=True, timeout=30, check=True).stdout.decode()


class Login(unittest.TestCase):
    def check_arrived(self, mechanism):
        """The last message came under our user's name, at Postfix and here."""
        mail = take()
        self.assertIn(f"X-User: {USER} by {mechanism}\r\n".encode(), mail.content)
        self.assertIn(f"(Authenticated sender: {USER})".encode(), mail.content)
        self.assertRegex(mail.content, rb"by mx\.weir\.example \(Mailweir\) with ESMTPSA id")
        record = mailweir.wait_record(event="decision", stage="data", action="accept", **{"auth.mechanism": mechanism})
        self.assertEqual((record["auth.user"], record["signed"]), (USER, "weir.example/rsa, weir.example/ed"))

    def test_swaks_logs_in_with_plain_login_and_cram_md5(self):
        for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
            with self.subTest(mechanism):
                result = swaks(mechanism)
                self.assertEqual(result.returncode, 0, result.stdout)
                self.check_arrived(mechanism.lower())
        result = swaks("PLAIN", port=IMPLICIT)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.check_arrived("plain")

    def test_msmtp_logs_in_with_scram_and_tokens(self):
        for mechanism, password in (("plain", PASSWORD), ("scram-sha-1", PASSWORD), ("scram-sha-256", PASSWORD), ("cram-md5", PASSWORD),
                                    ("xoauth2", token(USER)), ("oauthbearer", token(USER))):
            with self.subTest(mechanism):
                result = msmtp(mechanism, password)
                self.assertEqual(result.returncode, 0, result.stderr + dovecot.tail().encode())
                self.check_arrived(mechanism)

    def test_smtplib_logs_in(self):
        for mechanism in ("auth_plain", "auth_login", "auth_cram_md5"):
            with self.subTest(mechanism), smtplib.SMTP(ADDRESS, SUBMISSION, "client.example", source_address=("11.1.1.4", 0), timeout=30) as client:
                client.starttls(context=context)
                client.ehlo()
                client.user, client.password = USER, PASSWORD
                client.auth(mechanism[5:].replace("_", "-").upper(), getattr(client, mechanism))
                client.sendmail(USER, ["alice@weir.example"], message(sender=USER))
                self.check_arrived(mechanism[5:].replace("_", "-"))

    def test_scram_proves_the_server_to_the_client_through_us(self):
        with Client(ADDRESS, CLEAR, source="11.1.1.5") as client:
            self.assertIn("AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER", client.features.text)
            self.assertEqual(scram_sha_256(client, PASSWORD).code, 235)

    def test_wrong_passwords_and_tokens_are_refused_by_the_backend(self):
        for attempt in (lambda c: c.command(f"AUTH PLAIN {b64(f'{chr(0)}{USER}{chr(0)}wrong')}"), lambda c: scram_sha_256(c, "wrong")):
            with Client(ADDRESS, CLEAR, source="11.1.2.1") as client:
                self.assertEqual(attempt(client).code, 535)
        with Client(ADDRESS, CLEAR, source="11.1.2.1") as client:
            self.assertEqual(client.command(f"MAIL FROM:<{USER}>").code, 451)
        mailweir.wait_record(event="session.auth", result="failure", code="535")

    def test_who_has_not_logged_in_may_not_relay(self):
        with Client(ADDRESS, CLEAR, source="11.1.1.6") as client:
            self.assertEqual([reply.code for reply in client.mail(USER, "alice@weir.example")], [250, 554])

    def test_a_guesser_is_shown_the_door(self):
        with Client(ADDRESS, CLEAR, source="11.1.2.2") as client:
            codes = [client.command(f"AUTH PLAIN {b64(f'{chr(0)}{USER}{chr(0)}{guess}')}").code for guess in range(6)]
        self.assertEqual(codes, [535] * 4 + [421, 0])

    def test_a_lost_backend_connection_is_made_anew_in_the_users_name(self):
        with Client(ADDRESS, CLEAR, source="11.1.1.7") as client:
            self.assertEqual(client.command(f"AUTH PLAIN {b64(f'{chr(0)}{USER}{chr(0)}{PASSWORD}')}").code, 235)
            for pid in smtpd_processes():
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not subprocess.run(["ss", "-Htn", "dport", "=", ":10025"], capture_output=True, check=True).stdout.strip(),
                     "Mailweir to notice")
            before = len(re.findall(r"sasl_username=anne@weir.example", postfix.mail_log()))
            replies = client.mail(USER, "alice@weir.example")
            self.assertEqual([reply.code for reply in replies], [250, 250], replies)
            self.assertEqual(client.content(message(sender=USER)).code, 250)
            take()
            wait_for(lambda: len(re.findall(r"sasl_username=anne@weir.example", postfix.mail_log())) > before, "Postfix to name the user")

    def test_no_secret_is_logged(self):
        self.assertEqual(swaks("LOGIN").returncode, 0)
        self.assertEqual(msmtp("xoauth2", token(USER)).returncode, 0)
        take(), take()
        with open(mailweir.log, encoding="utf-8", errors="replace") as output:
            text = mailweir.log_text() + output.read()
        self.assertIn(USER, text)
        for secret in secrets():
            self.assertNotIn(secret, text)

    @unittest.skipIf(Mailweir.sanitized(), "sanitizers keep what was freed")
    def test_no_secret_stays_in_memory(self):
        """While the session that logged in is still there."""
        with smtplib.SMTP(ADDRESS, SUBMISSION, "client.example", source_address=("11.1.1.8", 0), timeout=30) as client, \
                Client(ADDRESS, CLEAR, source="11.1.1.8") as plain:
            client.starttls(context=context)
            client.ehlo()
            client.login(USER, PASSWORD)
            plain.send(f"AUTH PLAIN {b64(chr(0) + USER + chr(0) + PASSWORD)[:20]}".encode())
            wait_for(lambda: True, "a moment")
            plain.send(b64(chr(0) + USER + chr(0) + PASSWORD)[20:].encode() + b"\r\n")
            self.assertEqual(plain.reply().code, 235)
            memory = b"".join(memory_of(pid) for pid in mailweir.children())
        self.assertIn(USER.encode(), memory)
        for secret in secrets()[:3]:
            for at in range(0, len(secret) - 15, 8):
                self.assertNotIn(secret[at:at + 16].encode(), memory, "a part of a secret, too")


def smtpd_processes():
    """Those of our Postfix that speak with Mailweir now."""
    found = []
    for pid in children(postfix.process.pid):
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            if file.read().strip() == "smtpd":
                found.append(pid)
    return found


def memory_of(pid):
    """All that a process may write to."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


class Signing(unittest.TestCase):
    def submit(self, content, sender=USER, source="11.1.1.9", login=True, port=CLEAR):
        with Client(ADDRESS, port, source=source) as client:
            if login:
                self.assertEqual(client.command(f"AUTH PLAIN {b64(f'{chr(0)}{USER}{chr(0)}{PASSWORD}')}").code, 235)
            client.mail(sender, "alice@weir.example")
            reply = client.content(content)
            self.assertEqual(reply.code, 250, reply)
        return take().from_proxy()

    def check_good(self, content):
        self.assertEqual(verify_dkimpy(content), {"rsa": True, "ed": True})
        seen = verify_ours(content)
        self.assertRegex(seen, r"dkim\s*[:=]?\s*pass")
        self.assertEqual(len(re.findall(r"dkim=pass", seen)), 2, seen)

    def test_both_signatures_stand_on_top_and_verify(self):
        content = self.submit(message(sender=USER))
        self.assertEqual(re.findall(rb"^[^:\s]+", content)[:1], [b"DKIM-Signature"])
        self.check_good(content)

    def test_they_cover_the_message_as_the_policy_has_changed_it(self):
        content = self.submit(message(sender=USER, extra=b"X-Mailer: mine\r\nX-Mark: yes\r\nAuthentication-Results: mx.weir.example; dkim=pass\r\n"))
        self.assertIn(b"Subject: [MARK] Greetings\r\n", content)
        self.assertNotIn(b"X-Mailer", content)
        self.check_good(content)

    def test_odd_bodies_and_large_ones(self):
        for body in (b"", b".\r\n..\r\n.x\r\n", b"a  b \t\r\n\r\n\r\n", "Grüße\r\n".encode(), b"x" * 5000 + b"\r\n", b"0123456789abcdef\r\n" * 200_000):
            with self.subTest(length=len(body)):
                self.check_good(self.submit(message(sender=USER, body=body)))

    def test_a_subdomain_is_signed_by_the_domain_above_it(self):
        self.check_good(self.submit(message(sender="anne@sub.weir.example"), sender="anne@sub.weir.example"))

    def test_listeners_and_networks_are_signed_for_without_a_login_and_nobody_else(self):
        self.check_good(self.submit(message(sender=USER), source="11.1.7.7", login=False))
        self.check_good(self.submit(message(sender=USER), source="11.1.8.8", login=False, port=SIGNED))
        self.assertNotIn(b"DKIM-Signature", self.submit(message(sender=USER), source="11.1.8.8", login=False))

    def test_other_authors_are_not_signed_and_the_log_says_why(self):
        content = self.submit(message(sender="anne@good.example"))
        self.assertNotIn(b"DKIM-Signature", content)
        mailweir.wait_record(event="decision", unsigned="there is no key for the author's domain")
        two = self.submit(message(sender=USER, extra=b"From: other@weir.example\r\n"))
        self.assertNotIn(b"DKIM-Signature", two)
        mailweir.wait_record(event="decision", unsigned="the message has no single author")

    def test_a_forged_field_behind_us_breaks_them(self):
        content = self.submit(message(sender=USER))
        for field in (b"From: evil@weir.example\r\n", b"Subject: other\r\n", b"Reply-To: evil@example.net\r\n"):
            self.assertNotIn(True, verify_dkimpy(field + content).values(), field)


if __name__ == "__main__":
    unittest.main()

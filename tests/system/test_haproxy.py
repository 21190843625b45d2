"""A real HAProxy in front, in TCP mode with PROXY version 2: the client's own address arrives, in the clear and under TLS."""
import select
import smtplib
import socket
import ssl
import unittest

from lab import haproxy, space
from lab.certificates import Authority
from lab.client import Client, send
from lab.mail import message
from lab.mailweir import ADDRESS, HOSTNAME, Mailweir
from lab.postfix import Postfix
from lab.zones import World

IMPLICIT = 465


class BehindHAProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        World(cls.addClassCleanup)
        cls.postfix = Postfix().start()
        cls.addClassCleanup(cls.postfix.stop)
        cls.authority = Authority(f"{space.ROOT}/ca")
        pair = cls.authority.issue(HOSTNAME)
        cls.mailweir = Mailweir(cls.postfix, more=f"policies: {{inbound: {{}}}}\ntls: {{certificates: [{pair}]}}\n")
        behind = f"proxy_from: [{haproxy.ADDRESS}], limits: {{per_address: 2}}"
        with open(cls.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        cls.mailweir.write(text.replace(f'["{ADDRESS}:25"]', f'[{{address: "{ADDRESS}:25", {behind}}}, '
                                                             f'{{address: "{ADDRESS}:{IMPLICIT}", tls: implicit, {behind}}}]'))
        cls.mailweir.start()
        cls.addClassCleanup(cls.mailweir.stop)
        cls.haproxy = haproxy.HAProxy(ADDRESS, (25, IMPLICIT)).start()
        cls.addClassCleanup(cls.haproxy.stop)

    def test_the_clients_address_and_port_are_facts_and_reach_the_backend(self):
        content = message()
        with Client(haproxy.ADDRESS, source="11.1.1.7") as client:
            port = str(client.socket.getsockname()[1])
            client.mail("anne@good.example", "alice@weir.example")
            self.assertEqual(client.content(content).code, 250)
        mail = self.postfix.boxes["alice"].take()
        self.assertEqual(mail.original(HOSTNAME), content)
        self.mailweir.wait_record(event="decision", stage="data", **{"client.ip": "11.1.1.7", "client.port": port})
        self.assertIn("[11.1.1.7]", self.postfix.mail_log())

    def test_the_same_where_tls_comes_first(self):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.check_hostname = False
        with smtplib.SMTP_SSL(haproxy.ADDRESS, IMPLICIT, "client.example", context=context, source_address=("11.1.1.8", 0),
                              timeout=30) as client:
            client.sendmail("anne@good.example", ["alice@weir.example"], message())
        self.postfix.boxes["alice"].take()
        self.mailweir.wait_record(event="decision", stage="data", **{"client.ip": "11.1.1.8", "tls.version": "TLSv1.3"})

    def test_limits_are_those_of_the_client_not_of_haproxy(self):
        with Client(haproxy.ADDRESS, source="11.1.1.9") as one, Client(haproxy.ADDRESS, source="11.1.1.9") as two:
            self.assertEqual((one.greeting.code, two.greeting.code), (220, 220))
            with Client(haproxy.ADDRESS, source="11.1.1.9") as three:
                self.assertEqual(three.greeting.code, 421)
            self.assertEqual(send(haproxy.ADDRESS, message(), source="11.1.1.10").code, 250)
        self.postfix.boxes["alice"].take()

    def test_where_tls_comes_first_who_is_over_the_limit_is_closed_before_the_handshake(self):
        held = [socket.create_connection((haproxy.ADDRESS, IMPLICIT), timeout=10, source_address=("11.1.1.12", 0)) for _ in range(3)]
        self.mailweir.wait_record(event="session.refused", **{"client.ip": "11.1.1.12"})
        closed = [selectable for selectable in held if selectable in select.select(held, [], [], 5)[0]]
        self.assertEqual([one.recv(100) for one in closed], [b""])
        for one in held:
            one.close()

    def test_who_does_not_come_through_it_cannot_claim_to_be_another(self):
        with Client(ADDRESS, source="11.1.1.11") as client:
            self.assertEqual(client.command("PROXY TCP4 192.0.2.77 192.0.2.25 4711 25").code, 500)

"""A name server that says whatever a test tells it to, over UDP and TCP, and remembers what it was asked.

HostileServer stands where the resolver of the site stands (dns.servers), so that every query Mailweir causes arrives here. HostileWorld
stands for every name server of the world, the root's included, when Mailweir asks around by itself."""
import socket
import struct
import threading

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from lab import space
from lab.dns import texts

ADDRESS, PORT = "127.0.0.1", 53
IP_PKTINFO = 8  # linux/in.h
SILENCE = object()  # what a handler returns to say nothing at all
TTL = 60


class Question:
    def __init__(self, wire, tcp, server=ADDRESS):
        self.wire, self.tcp = wire, tcp
        self.server = server  # the address that was asked
        self.refers = False
        self.message = dns.message.from_wire(wire)
        question = self.message.question[0]
        self.name = question.name.to_text(omit_final_dot=True).lower()
        self.type = dns.rdatatype.to_text(question.rdtype)
        self.room = 65535 if tcp else max(512, self.message.payload)

    def reply(self, rcode=dns.rcode.NOERROR):
        answer = dns.message.make_response(self.message, recursion_available=True)
        answer.set_rcode(rcode)
        return answer

    def answer(self, *records):
        """records: type and data of each, at the name asked for."""
        answer = self.reply()
        for kind, data in records:
            answer.answer.append(dns.rrset.from_text(self.message.question[0].name, TTL, "IN", kind, data))
        return answer

    def refer(self, zone, servers, addresses=()):
        """Sends the asker on to the name servers of a zone; addresses: those of servers that are told at once."""
        self.refers = True
        answer = self.reply()
        answer.authority.append(dns.rrset.from_text_list(zone + ".", TTL, "IN", "NS", [server + "." for server in servers]))
        for server, address in addresses:
            answer.additional.append(dns.rrset.from_text(server + ".", TTL, "IN", "A", address))
        return answer

    def raw(self, answers, name=None, ident=None, rcode=0):
        """Answers that no library would write: pairs of owner (None: the question's, compressed) and type + data as bytes."""
        head, end = self.wire[:12], 12
        while self.wire[end]:
            end += self.wire[end] + 1
        question = self.wire[12:end + 5] if name is None else wire_name(name) + self.wire[end + 1:end + 5]
        number = head[:2] if ident is None else struct.pack("!H", ident)
        parts = [number, struct.pack("!BBHHHH", 0x81, 0x80 | rcode, 1, len(answers), 0, 0), question]
        for owner, kind, data in answers:
            owner = b"\xc0\x0c" if owner is None else owner
            parts += [owner, struct.pack("!HHIH", dns.rdatatype.from_text(kind), 1, TTL, len(data)), data]
        return b"".join(parts)


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def other_ident(question):
    return struct.unpack("!H", question.wire[:2])[0] ^ 0x5555


class HostileServer:
    """Static records by name and type, and handlers for whole zones: functions from a question to a message, bytes or SILENCE; what
    a handler returns None for is looked up among the records."""
    authoritative = False
    listens = ADDRESS

    def __init__(self):
        self.records, self.handlers, self.log, self.errors = {}, {}, [], []
        self.lock = threading.Lock()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.threads = [threading.Thread(target=loop, daemon=True) for loop in (self.serve_udp, self.serve_tcp)]
        self.stopping = False

    def start(self):
        self.udp.bind((self.listens, PORT))
        self.udp.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self.tcp.bind((self.listens, PORT))
        self.tcp.listen(64)
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping = True
        self.udp.sendto(b"", (ADDRESS, PORT))
        socket.create_connection((ADDRESS, PORT)).close()
        for thread in self.threads:
            thread.join()
        self.udp.close()
        self.tcp.close()

    def add(self, name, kind, *data):
        self.records.setdefault((name, kind), []).extend(data)

    def text(self, name, *contents):
        """TXT records, each in character-strings of 255 bytes."""
        self.add(name, "TXT", *map(texts, contents))

    def zone(self, suffix, handler):
        self.handlers[suffix] = handler

    def asked(self):
        """The different names and types asked for so far: repetitions do not count."""
        with self.lock:
            return set(self.log)

    def handler_of(self, name):
        while name:
            if name in self.handlers:
                return self.handlers[name]
            name = name.partition(".")[2]
        return None

    def respond(self, wire, tcp, server):
        """The reply as bytes, or SILENCE."""
        question = Question(wire, tcp, server)
        with self.lock:
            self.log.append((question.name, question.type))
        handler = self.handler_of(question.name)
        answer = handler(question) if handler else None
        if answer is None:
            answer = self.look_up(question)
        if answer is SILENCE or isinstance(answer, bytes):
            return answer
        if self.authoritative and not question.refers:
            answer.flags |= dns.flags.AA
        wire = answer.to_wire(max_size=65535)
        if len(wire) <= question.room:
            return wire
        short = question.reply()
        short.flags |= dns.flags.TC
        return short.to_wire()

    def look_up(self, question):
        name = question.name
        kinds = {kind: data for (owner, kind), data in self.records.items() if owner == name}
        if "CNAME" in kinds:
            return question.answer(*(("CNAME", data) for data in kinds["CNAME"]))
        if question.type in kinds:
            answer = question.reply()
            answer.answer.append(dns.rrset.from_text_list(name + ".", TTL, "IN", question.type, kinds[question.type]))
            return answer
        below = any(owner == name or owner.endswith("." + name) for owner, _ in self.records)
        answer = question.reply(dns.rcode.NOERROR if below else dns.rcode.NXDOMAIN)
        answer.authority.append(dns.rrset.from_text(".", TTL, "IN", "SOA", "ns. hostmaster. 1 3600 600 86400 60"))
        return answer

    def serve_udp(self):
        while True:
            wire, control, _, client = self.udp.recvmsg(65535, 64)
            if self.stopping:
                return
            threading.Thread(target=self.answer_udp, args=(wire, client, control[0][2][8:12]), daemon=True).start()

    def answer_udp(self, wire, client, server):
        """The answer comes from the address that was asked."""
        answer = self.safely(wire, False, socket.inet_ntoa(server))
        if answer is not SILENCE and not self.stopping:
            self.udp.sendmsg([answer], [(socket.IPPROTO_IP, IP_PKTINFO, bytes(4) + server + bytes(4))], 0, client)

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            if self.stopping:
                connection.close()
                return
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection):
        with connection, connection.makefile("rwb") as stream:
            while True:
                head = stream.read(2)
                wire = stream.read(struct.unpack("!H", head)[0]) if len(head) == 2 else b""
                answer = self.safely(wire, True, connection.getsockname()[0]) if wire else SILENCE
                if answer is SILENCE:
                    return
                stream.write(struct.pack("!H", len(answer)) + answer)
                stream.flush()

    def safely(self, wire, tcp, server):
        """A mistake in a handler is kept for the test to complain of."""
        try:
            return self.respond(wire, tcp, server)
        except (dns.exception.DNSException, ValueError, struct.error) as error:
            self.errors.append(repr(error))
            return SILENCE


class HostileWorld(HostileServer):
    """Whatever address is asked: this server. It speaks with authority for all names but those that a handler refers elsewhere."""
    authoritative = True
    listens = "0.0.0.0"

    def start(self):
        space.sh("ip route add local 0.0.0.0/0 dev lo")
        self.zone("root-servers.net", lambda question: question.answer(("A", "198.41.0.4")) if question.type == "A" else question.reply())
        self.zone(".", self.root)
        return super().start()

    @staticmethod
    def root(question):
        answer = question.answer(("NS", "a.root-servers.net."))
        answer.additional.append(dns.rrset.from_text("a.root-servers.net.", TTL, "IN", "A", "198.41.0.4"))
        return answer

"""A tiny DNS server for names that the zone file does not have: NXDOMAIN, but SERVFAIL below servfail.example and silence below
silent.example. So no test ever asks the real DNS."""
import socket
import threading


def question_name(packet):
    labels, i = [], 12
    while i < len(packet) and packet[i]:
        labels.append(packet[i + 1:i + 1 + packet[i]].decode("latin-1").lower())
        i += packet[i] + 1
    return ".".join(labels), i + 5


def answer(packet):
    """The reply to one query, or None for silence."""
    if len(packet) < 17:
        return None
    name, end = question_name(packet)
    if name.endswith("silent.example"):
        return None
    rcode = 2 if name.endswith("servfail.example") else 3
    header = packet[:2] + bytes([0x80 | (packet[2] & 0x79), 0x80 | rcode]) + b"\0\1\0\0\0\0\0\0"
    return header + packet[12:end]


class Resolver:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
                reply = answer(packet)
                if reply:
                    self.socket.sendto(reply, peer)
            except OSError:
                return
            except IndexError:
                continue

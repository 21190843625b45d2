"""An SMTP client that sends exactly the bytes it is told to, from any address."""
import socket


class Reply:
    def __init__(self, code, lines):
        self.code, self.lines = code, lines

    @property
    def text(self):
        return "\n".join(self.lines)

    def __repr__(self):
        return f"{self.code} {self.text}"


class Client:
    def __init__(self, address, port=25, source="11.1.1.1", helo="client.example", timeout=30):
        self.socket = socket.create_connection((address, port), timeout=timeout, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")
        self.greeting = self.reply()
        if helo and self.greeting.code == 220:
            self.features = self.command("EHLO " + helo)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()

    def close(self):
        self.input.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def reply(self):
        """The next reply; code 0 when the server has closed."""
        lines = []
        while True:
            line = self.input.readline()
            if not line.endswith(b"\r\n"):
                return Reply(0, lines)
            lines.append(line[4:-2].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                return Reply(int(line[:3]), lines)

    def command(self, line):
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def mail(self, sender, *recipients, parameters=""):
        """MAIL and one RCPT each; returns their replies."""
        replies = [self.command(f"MAIL FROM:<{sender}>{parameters}")]
        return replies + [self.command(f"RCPT TO:<{rcpt}>") for rcpt in recipients]

    def content(self, message):
        """DATA, the message (CRLF line ends) and the final dot; returns the last reply."""
        reply = self.command("DATA")
        if reply.code != 354:
            return reply
        self.send(stuff(message) + b".\r\n")
        return self.reply()


def stuff(message):
    """Dot-stuffing (RFC 5321 4.5.2)."""
    if message.startswith(b"."):
        message = b"." + message
    return message.replace(b"\r\n.", b"\r\n..")


def send(address, message, sender="anne@good.example", recipients=("alice@weir.example",), port=25, **client):
    """One message in a session of its own; returns the reply that settled it."""
    with Client(address, port, **client) as session:
        for reply in session.mail(sender, *recipients):
            if reply.code != 250:
                return reply
        reply = session.content(message)
        session.command("QUIT")
        return reply

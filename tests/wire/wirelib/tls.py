"""TLS over a socket of the test's: either side, with an end that can be closed alone."""
import os
import socket
import ssl
import subprocess


def make_certificate(directory, name="mx.test.example"):
    """A self-signed certificate with its key in one file, and its path."""
    path = os.path.join(directory, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", path + ".key", "-out", path + ".crt"],
                   check=True, capture_output=True)
    with open(path, "w", encoding="utf-8") as out:
        for part in (".key", ".crt"):
            with open(path + part, encoding="utf-8") as f:
                out.write(f.read())
    os.chmod(path, 0o644)
    return path


def client_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class TlsSocket:
    """As much of a socket as a Wire uses, under TLS. The handshake is made here."""

    def __init__(self, sock, context, name=None, server_side=False):
        self.sock, self.incoming, self.outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server_side, server_hostname=name)
        self.step(self.tls.do_handshake)

    def step(self, operation):
        """Runs it until it is done; feeds TLS from the socket meanwhile."""
        while True:
            try:
                result = operation()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(1 << 16)
                if data:
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()

    def flush(self):
        if data := self.outgoing.read():
            self.sock.sendall(data)

    def sendall(self, data):
        self.tls.write(data)
        self.flush()

    def recv(self, size):
        try:
            return self.step(lambda: self.tls.read(size))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as e:
            raise OSError(str(e)) from None

    def shutdown(self, _):
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.flush()
        self.sock.shutdown(socket.SHUT_WR)

    def settimeout(self, seconds):
        self.sock.settimeout(seconds)

    def setsockopt(self, *option):
        self.sock.setsockopt(*option)

    def close(self):
        self.sock.close()

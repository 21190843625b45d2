"""Certificates for a test: self-signed, or of an authority made for the occasion."""
import os
import subprocess

from lab import space

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **options)


class Authority:
    """Signs certificates; its own is in `certificate`."""

    def __init__(self, directory):
        self.directory = space.directory(directory)
        self.certificate, self.key = f"{directory}/ca.pem", f"{directory}/ca.key"
        openssl("req", "-x509", *KEY, "-days", "2", "-subj", "/CN=Lab", "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, path=None):
        """A PEM file with a key, and a certificate for the name; its path."""
        path = path or f"{self.directory}/{name}.pem"
        request, signed, extension = path + ".csr", path + ".crt", path + ".ext"
        space.write(extension, f"subjectAltName=DNS:{name}\n")
        openssl("req", *KEY, "-subj", f"/CN={name}", "-keyout", path + ".key", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                "-extfile", extension, "-out", signed)
        with open(path + ".new", "w", encoding="utf-8") as out:
            for part in (path + ".key", signed):
                with open(part, encoding="utf-8") as file:
                    out.write(file.read())
        os.replace(path + ".new", path)
        return path

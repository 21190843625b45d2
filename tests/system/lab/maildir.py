"""Reads what a backend delivered, and takes off what the backend and Mailweir put on."""
import hashlib
import os

from lab.server import wait_for


def fields_of(message):
    """Splits a message into its header fields (each with its line ends) and the rest, which begins with the empty line."""
    fields, position = [], 0
    while position < len(message):
        end = message.find(b"\r\n", position)
        line = message[position:end + 2] if end >= 0 else message[position:]
        if line in (b"\r\n", b""):
            break
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line
        elif b":" in line:
            fields.append(line)
        else:
            break
        position += len(line)
    return fields, message[position:]


def name_of(field):
    return field.split(b":", 1)[0].strip().lower().decode("ascii", "replace")


def digest(message):
    return hashlib.sha256(message).hexdigest()


class Delivered:
    """One delivered message, with CRLF line ends as on the wire."""

    def __init__(self, content, backend):
        self.content = content.replace(b"\n", b"\r\n")
        self.fields, self.rest = fields_of(self.content)
        self.backend = backend

    def of_backend(self):
        """How many of the first fields the backend added."""
        count, received = 0, 0
        for field in self.fields:
            if name_of(field) == "received" and received < self.backend.own_received:
                received += 1
            elif name_of(field) not in self.backend.own_fields:
                break
            count += 1
        return count

    def from_proxy(self):
        """The message as it came from Mailweir: without the backend's fields."""
        return b"".join(self.fields[self.of_backend():]) + self.rest

    def added(self, hostname):
        """The fields that Mailweir put on top: its Authentication-Results and its Received, in order."""
        found = []
        for field in self.fields[self.of_backend():]:
            by_us = b"by " + hostname.encode() in field if name_of(field) == "received" else hostname.encode() in field
            if name_of(field) not in ("received", "authentication-results") or not by_us or len(found) == 2:
                break
            found.append(field)
        return found

    def original(self, hostname):
        """The message without anything that was added on its way."""
        return self.from_proxy()[sum(map(len, self.added(hostname))):]

    def results(self, hostname):
        """Our Authentication-Results, unfolded, or an empty text."""
        for field in self.added(hostname):
            if name_of(field) == "authentication-results":
                return " ".join(field.decode("utf-8", "replace").split())
        return ""

    def named(self, name):
        return [field for field in self.fields if name_of(field) == name.lower()]


class Maildir:
    def __init__(self, path, backend):
        self.path, self.backend = path, backend

    def files(self):
        new = os.path.join(self.path, "new")
        return sorted(os.path.join(new, name) for name in os.listdir(new)) if os.path.isdir(new) else []

    def take(self):
        """Waits for one message, reads and removes it."""
        path = wait_for(self.files, f"a message in {self.path}")[0]
        with open(path, "rb") as file:
            content = file.read()
        os.unlink(path)
        return Delivered(content, self.backend)

    def assert_empty(self):
        """Nothing is there and nothing is on its way."""
        self.backend.wait_idle()
        assert not self.files(), f"there is mail in {self.path}"

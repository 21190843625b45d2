"""The messages of the quickstart: good mail, forgeries and mischief, each with what it is and how it is sent."""
import dkim

import servers

TO = "alice@weir.example"


class Scene:
    """One message: title, envelope sender, recipient, and the raw bytes after DATA (with CRLF, without the final dot)."""

    def __init__(self, title, sender, content, recipient=TO):
        self.title, self.sender, self.content, self.recipient = title, sender, content, recipient


def letter(sender, subject, body="Hello Alice.\r\n"):
    return (f"From: <{sender}>\r\nTo: <{TO}>\r\nSubject: {subject}\r\nDate: Mon, 06 Jul 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{subject.replace(' ', '.')}@{sender.split('@')[1]}>\r\n\r\n{body}").encode()


def signed(content, domain):
    with open(servers.KEY, "rb") as key:
        return dkim.sign(content, b"rsa", domain.encode(), key.read(), canonicalize=(b"relaxed", b"relaxed")) + content


def scenes():
    good = "anne@good.example"
    yield Scene("signed, from where it should come", good, signed(letter(good, "lunch"), "good.example"))
    yield Scene("no SPF, DKIM or DMARC at all", "bo@club.example", letter("bo@club.example", "meeting"))
    yield Scene("the bank's letter, forwarded", "list@club.example",
                signed(letter("news@bank.example", "statement"), "bank.example"))
    yield Scene("forged: the bank, unsigned", "ceo@bank.example", letter("ceo@bank.example", "urgent"))
    yield Scene("forged: the bank's letter, changed", "list@club.example",
                signed(letter("news@bank.example", "offer"), "bank.example").replace(b"Hello Alice.", b"Send money."))
    yield Scene("forged: the shop, against its SPF", "sales@shop.example", letter("sales@shop.example", "sale"))
    yield Scene("recipient unknown to Postfix", good, letter(good, "hello"), recipient="nosuch@weir.example")
    yield Scene("smuggling: a second one after LF.LF", "bo@club.example",
                letter("bo@club.example", "trick", "Nothing to see.\n.\nMAIL FROM:<ceo@bank.example>\r\nRCPT TO:<alice@weir.example>\r\n"))
    for number in range(1, 5):
        yield Scene(f"newsletter {number} of 4 at once", "news@club.example", letter("news@club.example", f"issue {number}"))

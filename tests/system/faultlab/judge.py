"""Joins what clients were told with what the backend took, message by message and attempt by attempt.

The words are those of docs/reliability.md. An attempt's code is the reply to the final dot, or the reply that ended it before; 0: the
connection died first."""
import collections
import hashlib

ZEROS = ("LOSS", "PHANTOM", "TRUNC", "DUP-bug", "CHANGED")


class Attempt:
    def __init__(self, message, number):
        self.message, self.number = message, number
        self.code, self.text = 0, ""
        self.dot_sent, self.seconds = False, 0.0  # between the message and the reply


class Ledger:
    """The clients' side: every attempt at every message."""

    def __init__(self):
        self.attempts = []
        self.counts = collections.Counter()

    def begin(self, message):
        self.counts[message.identity] += 1
        attempt = Attempt(message, self.counts[message.identity])
        self.attempts.append(attempt)
        return attempt

    def delivered(self):
        return sum(attempt.code == 250 for attempt in self.attempts)


class Verdict:
    def __init__(self):
        self.counts = collections.Counter({word: 0 for word in ZEROS + ("DUP-window",)})
        self.evidence = []

    def find(self, word, what):
        self.counts[word] += 1
        if word in ZEROS and len(self.evidence) < 20:
            self.evidence.append(f"{word}: {what}")

    def clean(self):
        return not any(self.counts[word] for word in ZEROS)

    def __str__(self):
        return " ".join(f"{word}={self.counts[word]}" for word in ZEROS + ("DUP-window",))


def is_prefix(message, record):
    """Whether the backend has the beginning of the message only; a server may have ended the last line."""
    length = record["length"]
    starts = (message.content[:length], message.content[:max(0, length - 2)] + b"\r\n")
    return length < len(message.content) and record["sha256"] in (hashlib.sha256(start).hexdigest() for start in starts)


def judge_bytes(verdict, attempt, record):
    if record["sha256"] == attempt.message.digest and not record["ours_broken"]:
        return True
    word = "TRUNC" if is_prefix(attempt.message, record) else "CHANGED"
    verdict.find(word, f"{record['id']}: {record['length']} of {len(attempt.message.content)} bytes {record['ours_broken']}")
    return False


def judge_attempt(verdict, attempt, records, patience):
    intact = [record for record in records if judge_bytes(verdict, attempt, record)]
    name = f"{attempt.message.identity}.{attempt.number} ({attempt.code} {attempt.text})"
    for _ in records[1:]:
        verdict.find("DUP-bug", f"{name}: taken {len(records)} times")
    if attempt.code == 250 and not intact:
        verdict.find("LOSS", name)
    if attempt.code == 250 or not records:
        return
    told = attempt.code and (attempt.code >= 500 or (records[0]["answered"] and attempt.seconds < patience))
    if told or not attempt.dot_sent:
        verdict.find("PHANTOM", f"{name}: the backend has it")
    else:
        verdict.find("DUP-window", name)


def judge(ledger, journal, patience=float("inf")):
    """journal: the backend's records. Those with 'id' are messages taken; those with 'answered' tell which of them got their 250.
    patience: the seconds after which a backend that has not answered has failed, whatever it says later."""
    verdict, taken = Verdict(), collections.defaultdict(list)
    answered = {record["answered"] for record in journal if "answered" in record}
    for record in journal:
        if "id" in record:
            taken[record["id"]].append(dict(record, answered=record["number"] in answered))
    for attempt in ledger.attempts:
        judge_attempt(verdict, attempt, taken.pop(f"{attempt.message.identity}.{attempt.number}", []), patience)
    for name in taken:
        verdict.find("PHANTOM", f"{name}: nobody sent it")
    return verdict

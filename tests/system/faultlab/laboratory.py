"""One experiment: a resolver, a scripted backend, Mailweir between them, and the judge at its end."""
import os
import re
import shutil
import tempfile

from faultlab.backend import Backend
from faultlab.journal import Journal
from faultlab.judge import Ledger, judge
from faultlab.target import ADDRESS, Mailweir
from wirelib.resolver import Resolver


class Result:
    """figure: what was measured, in words; good: whether the bar holds; why: evidence if not."""

    def __init__(self, figure, good, why=""):
        self.figure, self.good, self.why = figure, bool(good), str(why)


KNOWN = re.compile(r"[0-9a-f]{32}\.\d+")  # an attempt in a ledger


class Laboratory:
    """strangers: whether messages come that are in no ledger; patience: as in judge(); values: those of target.Mailweir."""

    def __init__(self, strangers=False, patience=float("inf"), **values):
        self.strangers, self.patience = strangers, patience
        self.directory = tempfile.mkdtemp(prefix="faultlab-")  # on a real disk: the journal's fdatasync shall mean something
        self.journal = Journal(os.path.join(self.directory, "journal"))
        self.backend, self.ledger = Backend(self.journal), Ledger()
        self.mailweir = Mailweir(Resolver().port, **values)
        self.records = []  # of the journal, once it is over
        self.address, self.trouble, self.log_lines, self.log_bad = ADDRESS, "", 0, []

    async def __aenter__(self):
        await self.backend.start()
        await self.mailweir.start()
        return self

    async def __aexit__(self, kind, *_):
        if kind:
            print(self.mailweir.complaint())
        self.trouble = await self.mailweir.stop()
        self.backend.stop()
        self.log_lines, self.log_bad = self.mailweir.check_log()
        self.records = self.journal.records()
        self.journal.close()
        shutil.rmtree(self.directory)

    def verdict(self):
        return judge(self.ledger, [r for r in self.records if not self.strangers or KNOWN.fullmatch(r.get("id", "")) or "answered" in r], self.patience)

    def result(self, figure, good=True, why=""):
        """The bar's own finding together with the zeros, the log's lines and how the processes ended. To be asked after the end."""
        verdict = self.verdict()
        whole = good and verdict.clean() and not self.trouble and not self.log_bad
        evidence = [why, *verdict.evidence, self.trouble, *map(repr, self.log_bad[:3])] if not whole else []
        result = Result(f"{figure}; {verdict}", whole, "\n".join(filter(None, map(str, evidence))))
        result.log_lines = self.log_lines
        return result

"""The quickstart, run as a newcomer runs it, and the table it prints."""
import os
import subprocess
import unittest

from lab.mailweir import BINARY

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
EXPECTED = """
signed, from where it should come   | pass pass pass | -                | 250 2.0.0 | yes
no SPF, DKIM or DMARC at all        | none none none | -                | 250 2.0.0 | yes
the bank's letter, forwarded        | none pass pass | -                | 250 2.0.0 | yes
forged: the bank, unsigned          | fail none fail | dmarc says reject | 550 5.7.1 | no
forged: the bank's letter, changed  | none fail fail | dmarc says reject | 550 5.7.1 | no
forged: the shop, against its SPF   | fail - -       | spf says no      | 550 5.7.23 | no
recipient unknown to Postfix        | pass - -       | Postfix's answer | 550 5.1.1 | no
smuggling: a second one after LF.LF | none - -       | SMTP's own rules | 554 5.6.0 | no
newsletter 1 of 4 at once           | none none none | -                | 250 2.0.0 | yes
newsletter 2 of 4 at once           | none none none | -                | 250 2.0.0 | yes
newsletter 3 of 4 at once           | none none none | -                | 250 2.0.0 | yes
newsletter 4 of 4 at once           | none - -       | too many at once | 451 4.7.1 | no
"""


def expected():
    """Title, checks, rule, the start of the reply, delivered; of each message."""
    return [[cell.strip() for cell in line.split("|")] for line in EXPECTED.strip().splitlines()]


def table(output):
    """The same of what was printed. The row of dashes tells where the columns are."""
    lines = output.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("----"))
    widths = [len(dashes) for dashes in lines[at].split()]
    for line in lines[at + 1:]:
        cells, start = [], 0
        for width in widths:
            cells.append(line[start:start + width].strip())
            start += width + 2
        yield [cells[0], " ".join(cells[1:4]), cells[4], " ".join(cells[5].split()[:2]), cells[6]]


class Quickstart(unittest.TestCase):
    def run_once(self):
        return subprocess.run([f"{TOP}/examples/quickstart/run", "--once"], env=dict(os.environ, MAILWEIR_BIN=os.path.abspath(BINARY)),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def test_every_message_of_the_quickstart_meets_the_verdict_that_readme_promises(self):
        done = self.run_once()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(list(table(done.stdout)), expected())
        self.assertFalse([name for name in os.listdir("/run") if "quickstart" in name], "files are left behind")

"""Which bar is shown by what."""
import re

from faultlab.bars import crowds, deaths, kills, letters, mutations, processes, proof, scarcity, traffic


class Bar:
    def __init__(self, title, run):
        self.title, self.run = title, run
        self.command = None


class Elsewhere:
    """A bar that other tests of the repository show. pattern: what its command prints for each number of tests done; needs: a file
    without which it cannot run."""

    def __init__(self, title, command, pattern, unit, needs="."):
        self.title, self.command, self.pattern, self.unit, self.needs = title, command, pattern, unit, needs

    def figure(self, output):
        found = [int(number) for match in re.findall(self.pattern, output) for number in ([match] if isinstance(match, str) else match) if number]
        return f"{sum(found)} {self.unit}" if found else "no figure"


BARS = {
    "judge": Bar("the judge sees each sin of a broken proxy", proof.proof),
    "1": Bar("20,000 messages in 50 sessions, a tenth of them refused by our policy", traffic.bar1),
    "2": Bar("kill -9 of workers in each of 12 states, under other mail", kills.bar2),
    "3": Bar("the backend dies or lies in each of 10 states", deaths.bar3),
    "4": Bar("the client ends its connection at every KB of DATA", deaths.bar4),
    "5": Bar("10,000 idle sessions", crowds.bar5),
    "6": Bar("100 messages of 25 MB at once", crowds.bar6),
    "7": Bar("2,000 clients that send a byte a second", crowds.bar7),
    "8a": Bar("descriptors run out", scarcity.bar8_descriptors),
    "8b": Bar("the spool's disk is full", scarcity.bar8_disk),
    "8c": Bar("the state store is damaged or gone", scarcity.bar8_state),
    "14": Bar("100,000 mutated sessions", mutations.bar14),
    "15": Bar("log lines and trace fields under hostile bytes", mutations.bar15),
    "16": Bar("reload, drain and restart under 200 messages/s", traffic.bar16),
    "17": Bar("what workers may do", processes.bar17),
    "letters": Bar("odd but legal messages, and signatures on them", letters.letters),
}
WIRE = 'tests/wire/run --mailweir "$MAILWEIR_BIN" '
WIRE_DONE, SYSTEM_DONE = r"wire: (\d+) dialogues", r"Ran (\d+) tests?"

ELSEWHERE = {
    "9": Elsewhere("end-of-data variants at every split, at Postfix, Exim and a sink that takes bare LF",
                   f"{WIRE}tests/wire/data/smuggling tests/wire/chunking tests/wire/data/every-split.wire && tests/system/run test_smuggling",
                   f"{WIRE_DONE}|{SYSTEM_DONE}", "dialogues and tests"),
    "10": Elsewhere("STARTTLS injection on both legs; PROXY and XCLIENT from strangers", f"{WIRE}tests/wire/tls tests/wire/proxy", WIRE_DONE, "dialogues"),
    "11": Elsewhere("what one message can cost in DNS", "tests/system/run test_hostile_dns && tests/system/run test_hostile_recursion", SYSTEM_DONE, "tests"),
    "12": Elsewhere("forged Authentication-Results", f"{WIRE}tests/wire/trace", WIRE_DONE, "dialogues"),
    "13": Elsewhere("fuzzers under ASan and UBSan", "ctest --test-dir build/fuzz -L fuzz", r"out of (\d+)", "fuzzers", "build/fuzz/CTestTestfile.cmake"),
}

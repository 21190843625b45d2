"""Which bar is shown by what."""
import re

from faultlab.bars import crowds, deaths, kills, traffic


class Bar:
    def __init__(self, title, run):
        self.title, self.run = title, run
        self.command = None


class Elsewhere:
    """A bar that other tests of the repository show."""

    def __init__(self, title, command, pattern, unit):
        self.title, self.command, self.pattern, self.unit = title, command, pattern, unit

    def figure(self, output):
        found = [int(number) for number in re.findall(self.pattern, output)]
        return f"{sum(found)} {self.unit}" if found else "no figure"


BARS = {
    "1": Bar("20,000 messages in 50 sessions, a tenth of them refused by our policy", traffic.bar1),
    "2": Bar("kill -9 of workers in each of 12 states, under other mail", kills.bar2),
    "3": Bar("the backend dies or lies in each of 10 states", deaths.bar3),
    "4": Bar("the client ends its connection at every KB of DATA", deaths.bar4),
    "5": Bar("10,000 idle sessions", crowds.bar5),
    "6": Bar("100 messages of 25 MB at once", crowds.bar6),
    "7": Bar("2,000 clients that send a byte a second", crowds.bar7),
    "16": Bar("reload, drain and restart under 200 messages/s", traffic.bar16),
}
ELSEWHERE = {}

"""Counts and a candidate policy: what is counted survives crashes and reloads; what a candidate would do lands in log and report."""
import json
import os
import signal
import subprocess
import unittest

from lab.client import Client, send
from lab.mail import message
from lab.mailweir import ADDRESS, BINARY, Mailweir
from lab.postfix import Postfix
from lab.server import wait_for
from lab.zones import World

POLICY = """
policies:
  inbound:
    candidate: strict
    rcpt:
      - rule: watched
        mode: shadow
        when: {rcpt.local: alice}
        do: tempfail
      - rule: nobody
        when: {rcpt.local: nobody}
        do: reject
        reply: "550 5.1.1 No such user"
  strict:
    rcpt:
      - rule: closed
        when: {rcpt.domain: weir.example}
        do: reject
        reply: "550 5.7.1 Closed"
"""


def setUpModule():
    global postfix
    World(unittest.addModuleCleanup)
    postfix = Postfix().start()
    unittest.addModuleCleanup(postfix.stop)


class Shadow(unittest.TestCase):
    def setUp(self):
        self.mailweir = Mailweir(postfix, more=POLICY, workers=1).start()
        self.addCleanup(lambda: self.mailweir.stop())
        self.mailweir.wait_record(event="backend.up")

    def run_command(self, *words):
        done = subprocess.run([BINARY, *words, "-c", self.mailweir.config], stdout=subprocess.PIPE, check=True, timeout=30)
        return json.loads(done.stdout)

    def status(self):
        return self.run_command("status", "--json")

    def rule(self, name):
        return self.status()["policies"]["inbound"]["rcpt"]["rules"][name]

    def refuse(self):
        with Client(ADDRESS) as client:
            client.command("MAIL FROM:<anne@good.example>")
            self.assertEqual(client.command("RCPT TO:<nobody@weir.example>").code, 550)

    def test_a_candidate_that_refuses_all_changes_nothing_and_is_reported(self):
        self.assertEqual(send(ADDRESS, message()).code, 250)
        postfix.boxes["alice"].take()
        report = self.run_command("shadow", "report", "--json")
        case = report["candidate"][0]
        self.assertEqual((case["stage"], case["live"]["action"], case["other"]["action"], case["other"]["rule"], case["count"]),
                         ("rcpt", "accept", "reject", "closed", 1))
        self.assertEqual(case["examples"][0]["facts"], {"rcpt.domain": "weir.example"})
        self.assertEqual(report["shadow"][0]["would"], {"action": "tempfail", "rule": "watched"})
        session = case["examples"][0]["session"]
        explained = self.run_command("explain", "--session-log", self.mailweir.logfile, "--session", session, "--json")
        self.assertEqual([entry["verdict"] for entry in explained["decisions"]], ["same", "same"])
        status = self.status()
        self.assertEqual(status["policies"]["inbound"]["rcpt"]["candidate"], {"policy": "strict", "differs": 1, "other_rule": 0})
        self.assertEqual(status["totals"]["messages_accepted"], 1)
        self.assertEqual(self.rule("watched"), {"matched": 0, "shadow": 1})

    def test_counts_survive_a_worker_that_is_killed(self):
        self.refuse()
        self.assertEqual(self.rule("nobody")["matched"], 1)
        before = self.status()["workers"][0]["process"]
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: self.status()["workers"][0]["process"] not in (None, before), "another worker")
        wait_for(lambda: len(self.mailweir.records(event="backend.up")) == 2, "a worker that serves")
        self.refuse()
        self.assertEqual(self.rule("nobody")["matched"], 2)

    def test_counts_go_on_over_a_reload_and_with_sessions_that_drain(self):
        self.refuse()
        draining = Client(ADDRESS)
        self.addCleanup(draining.close)
        draining.command("MAIL FROM:<anne@good.example>")
        self.mailweir.configure(more=POLICY.replace("watched", "looked at"))
        self.mailweir.reload()
        self.mailweir.wait_record(event="config.loaded")
        self.assertEqual(self.rule("nobody")["matched"], 1)
        self.assertEqual(self.rule("looked at"), {"matched": 0, "shadow": 0})
        self.assertEqual(draining.command("RCPT TO:<nobody@weir.example>").code, 550)
        wait_for(lambda: self.rule("nobody")["matched"] == 2, "the count of a worker that drains")
        draining.command("QUIT")
        wait_for(lambda: self.status()["totals"]["sessions_open"] == 0, "no open session")
        self.refuse()
        wait_for(lambda: self.rule("nobody")["matched"] == 3, "all counts together")

    def test_the_file_is_readable_by_the_service_only_and_goes_with_it(self):
        path = f"{self.mailweir.root}/status"
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        self.mailweir.stop()
        self.assertFalse(os.path.exists(path))
        self.assertEqual([name for name in os.listdir(self.mailweir.root) if name.startswith("status")], [])

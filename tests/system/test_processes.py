"""Master and workers: privileges, restart, reload, drain."""
import os
import signal
import unittest

from lab.client import Client, send
from lab.mail import message
from lab.mailweir import ADDRESS, HOSTNAME, PORT, Mailweir, status
from lab.postfix import Postfix
from lab.server import port_open, wait_for
from lab.zones import World

ACCEPT_ALL = "policies: {inbound: {}}\n"
REFUSE_ALL = """
policies:
  inbound:
    rcpt:
      - rule: closed
        when: {rcpt.domain: weir.example}
        do: reject
        reply: "550 5.7.1 Closed for repairs"
"""


def setUpModule():
    global postfix
    World(unittest.addModuleCleanup)
    postfix = Postfix().start()
    unittest.addModuleCleanup(postfix.stop)


class Processes(unittest.TestCase):
    def setUp(self):
        self.mailweir = Mailweir(postfix, more=ACCEPT_ALL, workers=2).start()
        self.addCleanup(lambda: self.mailweir.stop())
        wait_for(lambda: len(self.mailweir.records(event="backend.up")) == 2, "two workers that have met the backend")

    def deliver(self):
        content = message()
        reply = send(ADDRESS, content)
        self.assertEqual(reply.code, 250, reply)
        self.assertEqual(postfix.boxes["alice"].take().original(HOSTNAME), content)

    def finish(self, client):
        """Completes a transaction that is open before its recipient."""
        self.assertEqual(client.command("RCPT TO:<alice@weir.example>").code, 250)
        self.assertEqual(client.content(message()).code, 250)
        postfix.boxes["alice"].take()

    def test_workers_are_not_root_although_port_25_is_bound(self):
        self.deliver()
        workers = self.mailweir.children()
        self.assertGreaterEqual(len(workers), 2)
        for pid in workers:
            facts = status(pid)
            self.assertNotIn("0", facts["Uid"].split())
            self.assertNotIn("0", facts["Gid"].split())
            self.assertEqual(facts["NoNewPrivs"], "1")
            self.assertEqual(int(facts["CapEff"], 16), 0)

    def test_a_killed_worker_is_replaced_and_the_log_says_so(self):
        before = self.mailweir.children()
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: len(self.mailweir.children()) >= len(before) and before[0] not in self.mailweir.children(), "a new worker")
        for _ in range(4):
            self.deliver()
        wait_for(lambda: str(before[0]) in self.mailweir.log_text(), "the dead worker in the log")

    def test_a_bad_file_changes_nothing_and_the_log_says_why(self):
        before = self.mailweir.children()
        with open(self.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        self.mailweir.write(text.replace("hostname:", "hostnam:"))
        self.mailweir.reload()
        wait_for(lambda: "hostnam" in self.mailweir.log_text(), "the error in the log")
        self.deliver()
        self.assertEqual(self.mailweir.children(), before)

    def test_a_good_file_is_used_by_new_sessions_while_old_ones_finish(self):
        with Client(ADDRESS) as old:
            self.assertEqual(old.command("MAIL FROM:<anne@good.example>").code, 250)
            self.mailweir.configure(more=REFUSE_ALL)
            self.mailweir.reload()
            wait_for(refuses, "the new policy")
            self.finish(old)
        wait_for(lambda: len(self.mailweir.children()) == 2, "the old workers to leave")

    def test_sigterm_lets_open_sessions_finish_and_takes_no_new_ones(self):
        with Client(ADDRESS) as client:
            self.assertEqual(client.command("MAIL FROM:<anne@good.example>").code, 250)
            self.mailweir.process.send_signal(signal.SIGTERM)
            wait_for(lambda: len(self.mailweir.records(event="worker.drain")) == 2, "both workers to drain")
            self.assertFalse(port_open(ADDRESS, PORT), "the port still takes connections, which nobody will serve")
            self.finish(client)
        self.assertEqual(self.mailweir.process.wait(20), 0)


def refuses():
    """Whether a recipient is refused now; nothing is sent. A draining worker may say 421 and close in the midst."""
    try:
        with Client(ADDRESS) as client:
            return client.mail("anne@good.example", "alice@weir.example")[-1].code == 550
    except OSError:
        return False

"""Master and workers: privileges, restart, reload, drain."""
import contextlib
import os
import pwd
import signal
import socket
import unittest

from lab import space
from lab.client import Client, send
from lab.mail import message
from lab.manager import ServiceManager
from lab.mailweir import ADDRESS, HOSTNAME, PORT, Mailweir, children, status
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


ONE_MORE = "11.1.0.1:2526"
ALIVE = "lives.example. A 192.0.2.1\n"
DEADLY = "lives.example. A 192.0.2.1\ndies.example. A 999.0.2.1\n"  # good in form; only the DNS library sees that the data are not


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

    def zone(self, text):
        """Writes a zone file; returns what names it in the configuration."""
        space.write(f"{self.mailweir.root}/zone", text)
        return f'  zone_file: "{self.mailweir.root}/zone"'

    def change(self, text, count):
        """Takes over another configuration, as the count-th reload."""
        self.mailweir.write(text)
        self.mailweir.reload()
        wait_for(lambda: len(self.mailweir.records(event="config.loaded")) == count, f"reload {count}")

    def refused(self, count=1):
        """Waits until this many reloads have been refused and returns the last one's record."""
        return wait_for(lambda: self.mailweir.records(event="config.refused")[count - 1:], f"refusal {count}")[-1]

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
            if not self.mailweir.sanitized():
                self.assertEqual(facts["Seccomp"], "2")

    def test_sockets_and_readiness_are_agreed_with_a_service_manager(self):
        """As an ordinary user from the start: the manager opens port 25, and hears of start, reload and end."""
        self.mailweir.stop()
        with ServiceManager(self.mailweir, ADDRESS, PORT) as manager:
            self.assertEqual(manager.next(), {"READY": "1"})
            for pid in [manager.pid] + children(manager.pid):
                self.assertNotIn("0", status(pid)["Uid"].split())
            self.deliver()
            os.kill(manager.pid, signal.SIGHUP)
            self.assertEqual(manager.next()["RELOADING"], "1")
            self.assertEqual(manager.next(), {"READY": "1"})
            self.deliver()
            os.kill(manager.pid, signal.SIGTERM)
            self.assertEqual(manager.next(), {"STOPPING": "1"})
            self.assertEqual(manager.wait(), 0)
            self.assertTrue(manager.socket_lives(), "the manager's socket was shut down")

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

    def test_a_list_file_that_vanished_refuses_the_reload_and_the_old_list_goes_on(self):
        listed = f"{self.mailweir.root}/closed.txt"
        space.write(listed, "weir.example\n")
        policy = REFUSE_ALL.replace("rcpt.domain: weir.example", "rcpt.domain: {in: closed}")
        self.mailweir.configure(more=f'lists: {{closed: {{file: "{listed}"}}}}\n{policy}')
        self.mailweir.reload()
        wait_for(refuses, "the list")
        os.unlink(listed)
        before = self.mailweir.children()
        self.mailweir.reload()
        self.refused()
        self.assertTrue(self.mailweir.records(event="config", file=self.mailweir.config))
        self.assertIn(f'cannot read "{listed}": No such file', self.mailweir.log_text().replace('\\"', '"'))
        self.assertLessEqual(set(self.mailweir.children()), set(before))  # workers of before the first reload may have gone
        wait_for(refuses, "the old list to refuse")  # a worker of before the first reload may still be in the way

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

    def test_workers_that_die_at_their_start_never_replace_those_that_serve(self):
        before = self.mailweir.children()
        self.mailweir.configure(dns=self.zone(DEADLY))
        self.mailweir.reload()
        self.assertIn("ended with status 1", self.refused()["reason"])
        wait_for(lambda: self.mailweir.children() == before, "the new workers to be gone, and only them")
        self.deliver()
        self.assertFalse(self.mailweir.records(event="worker.drain"))
        self.mailweir.configure(dns=self.zone(ALIVE), more=REFUSE_ALL)
        self.mailweir.reload()
        self.mailweir.wait_record(event="config.loaded")
        wait_for(refuses, "the corrected configuration")

    def test_a_zone_file_with_a_bad_line_is_refused_before_any_worker_starts(self):
        before = self.mailweir.children()
        self.mailweir.configure(dns=self.zone("lives.example. A 192.0.2.1\nhere is nonsense\n"))
        self.mailweir.reload()
        self.refused()
        self.assertTrue(self.mailweir.records(event="config", file=f"{self.mailweir.root}/zone", line="2"))
        self.assertEqual(self.mailweir.children(), before)
        self.deliver()

    def test_a_zone_file_that_only_root_can_read_is_refused(self):
        self.mailweir.configure(dns=self.zone(ALIVE))
        os.chmod(f"{self.mailweir.root}/zone", 0o600)
        self.mailweir.reload()
        self.refused()
        self.assertIn("cannot be read by the user mailweir", self.mailweir.log_text())
        self.deliver()

    def test_at_the_first_start_dying_workers_are_started_again_until_a_reload_helps(self):
        self.mailweir.stop()
        os.unlink(self.mailweir.logfile)
        self.mailweir.configure(dns=self.zone(DEADLY))
        self.mailweir.start()
        wait_for(lambda: len(self.mailweir.records(event="worker.gone", status="1")) > 2, "more than one attempt")
        self.mailweir.configure(dns=self.zone(ALIVE))
        self.mailweir.reload()
        self.mailweir.wait_record(event="config.loaded")
        self.deliver()

    def test_a_reload_may_name_another_log_file_and_a_refused_one_does_not(self):
        with open(self.mailweir.config, encoding="utf-8") as file:
            text = file.read()
        other = f"{self.mailweir.root}/other.log"
        self.mailweir.write(text.replace("mailweir.log", "no-such-directory/log"))
        self.mailweir.reload()
        self.refused()
        self.mailweir.wait_record(event="master.error", what="log")
        self.mailweir.write(text.replace("mailweir.log", "other.log"))
        self.mailweir.reload()
        wait_for(lambda: os.path.exists(other) and "event=config.loaded" in read(other), "the reload in the new log")
        self.deliver()
        wait_for(lambda: "event=decision" in read(other), "a decision in the new log")

    def test_a_reload_whose_workers_never_listen_gives_way_to_the_next_one(self):
        before = self.mailweir.children()
        silent = self.silent_backend()
        backend = self.mailweir.values["backend"]
        self.mailweir.configure(backend=silent)
        self.mailweir.reload()
        wait_for(lambda: len(self.mailweir.children()) == 4, "the new workers beside the old ones")
        self.deliver()
        self.assertFalse(self.mailweir.records(event="config.loaded"))
        self.mailweir.configure(backend=backend, more=REFUSE_ALL)
        self.mailweir.reload()
        self.assertIn("another reload", self.refused()["reason"])
        wait_for(refuses, "the second configuration")
        wait_for(lambda: len(self.mailweir.children()) == 2, "all other workers to leave")
        self.assertFalse(set(before) & set(self.mailweir.children()))

    def test_sigterm_during_a_reload_ends_old_and_new_workers(self):
        self.mailweir.configure(backend=self.silent_backend())
        self.mailweir.reload()
        wait_for(lambda: len(self.mailweir.children()) == 4, "the new workers beside the old ones")
        self.mailweir.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.mailweir.process.wait(20), 0)

    def silent_backend(self):
        """A server that takes connections and never says a word."""
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        return f"127.0.0.1:{silent.getsockname()[1]}"

    def test_after_rotation_workers_write_to_the_new_log_file(self):
        self.assertEqual(os.stat(self.mailweir.logfile).st_uid, pwd.getpwnam("mailweir").pw_uid)
        os.rename(self.mailweir.logfile, self.mailweir.logfile + ".1")
        self.mailweir.process.send_signal(signal.SIGUSR1)
        wait_for(lambda: os.path.exists(self.mailweir.logfile), "a new log file")
        self.assertEqual(os.stat(self.mailweir.logfile).st_uid, pwd.getpwnam("mailweir").pw_uid)
        for pid in self.mailweir.children():
            wait_for(lambda pid=pid: self.mailweir.logfile in open_files(pid), f"worker {pid} to open the new file")
        self.deliver()
        self.mailweir.wait_record(event="decision")

    def test_root_never_gives_away_a_file_that_is_there_already(self):
        victim = f"{self.mailweir.root}/victim"
        space.write(victim, "")
        os.unlink(self.mailweir.logfile)
        os.symlink(victim, self.mailweir.logfile)
        self.mailweir.process.send_signal(signal.SIGUSR1)
        wait_for(lambda: victim in open_files(self.mailweir.process.pid), "the master to follow the link")
        self.assertEqual(os.stat(victim).st_uid, 0)

    def test_workers_end_when_their_master_is_killed(self):
        workers = self.mailweir.children()
        os.kill(self.mailweir.process.pid, signal.SIGKILL)
        self.mailweir.process.wait()
        wait_for(lambda: not any(is_running(pid) for pid in workers), "the workers to end")
        self.mailweir.start()

    def test_a_log_rotation_right_after_a_reload_kills_no_new_worker(self):
        for done in range(1, 6):
            self.mailweir.reload()
            self.mailweir.process.send_signal(signal.SIGUSR1)
            wait_for(lambda n=done: len(self.mailweir.records(event="config.loaded")) == n, "the reload")
        self.assertFalse(self.mailweir.records(event="worker.gone", signal="*"))
        self.deliver()

    def test_a_listener_can_come_back_while_an_old_worker_still_drains(self):
        with open(self.mailweir.config, encoding="utf-8") as file:
            one = file.read()
        two = one.replace("listeners: [", f'listeners: ["{ONE_MORE}", ')
        self.change(two, 1)
        with Client(ADDRESS, port=2526) as old:
            self.assertEqual(old.command("MAIL FROM:<anne@good.example>").code, 250)
            self.change(one, 2)
            self.assertFalse(port_open(ADDRESS, 2526))
            self.change(two, 3)
            self.assertTrue(port_open(ADDRESS, 2526))
            self.finish(old)
        self.assertFalse(self.mailweir.records(event="config.refused"))


def open_files(pid):
    """What a process has open, by name. It may close and open files while we look."""
    names = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            names.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return names


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_running(pid):
    try:
        return status(pid)["State"][0] not in "ZX"
    except FileNotFoundError:
        return False


def refuses():
    """Whether a recipient is refused now; nothing is sent. A draining worker may say 421 and close in the midst."""
    try:
        with Client(ADDRESS) as client:
            return client.mail("anne@good.example", "alice@weir.example")[-1].code == 550
    except OSError:
        return False

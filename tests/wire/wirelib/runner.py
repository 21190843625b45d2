"""Plays many dialogues: groups those with the same configuration on one process, several processes at a time, and reports."""
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from .dialogue import DialogueError
from .player import Failure, Player
from .resolver import Resolver
from .tls import make_certificate
from .server import Server, ServerError
from .variants import plans


class Runner:
    """All dialogues of one call."""

    def __init__(self, options, directory, in_namespace):
        self.options, self.directory, self.in_namespace = options, directory, in_namespace
        with open(options.base, encoding="utf-8") as f:
            self.base = f.read()
        self.candidate = None
        if options.candidate:
            with open(options.candidate, encoding="utf-8") as f:
                self.candidate = f.read()
        self.resolver = Resolver()
        self.certificate = make_certificate(directory)
        self.lock = threading.Lock()
        self.played = self.failed = self.skipped = self.servers = 0

    # -- what to play

    def jobs(self, dialogues):
        """Lists of dialogues for one process each: same configuration, and not too many."""
        groups = {}
        for dialogue in dialogues:
            if self.needs_namespace(dialogue) and not self.in_namespace:
                self.skipped += 1
                self.say("SKIP %s: needs a network namespace" % dialogue.name)
            else:
                groups.setdefault(dialogue.group(), []).append(dialogue)
        for group, members in groups.items():
            size = max(4, -(-len(members) // self.options.jobs))
            for i in range(0, len(members), size):
                yield group, members[i:i + size]

    @staticmethod
    def needs_namespace(dialogue):
        addresses = [dialogue.client or ""] + [str(s.arg) for s in dialogue.steps if s.who == "C" and s.op == " "]
        return any("11.1." in a or "2001:db8" in a for a in addresses)

    def run(self, dialogues):
        start = time.monotonic()
        jobs = sorted(self.jobs(dialogues), key=lambda job: -len(job[1]))
        with ThreadPoolExecutor(self.options.jobs) as pool:
            for future in [pool.submit(self.play_job, n, *job) for n, job in enumerate(jobs)]:
                future.result()
        print("wire: %d dialogues, %d runs, %d failed, %d skipped, %d processes, %.1f s" % (
            len(dialogues), self.played, self.failed, self.skipped, self.servers, time.monotonic() - start))
        return 1 if self.failed else 0 if self.played else 77

    # -- one process

    def play_job(self, number, group, dialogues):
        server = None
        try:
            for dialogue in dialogues:
                for variant in plans(dialogue, self.options.variant):
                    if not server or not server.alive():
                        self.stop(server, dialogue)
                        server = None
                        server = self.start(number, group)
                    self.play(server, dialogue, *variant)
        except ServerError as e:
            self.report("FAIL %s: %s" % (dialogues[0].name, e))
        except DialogueError as e:
            self.report("FAIL %s" % e)
        finally:
            self.stop(server, dialogues[-1])

    def start(self, number, group):
        with self.lock:
            self.servers += 1
            directory = os.path.join(self.directory, "%d-%d" % (number, self.servers))
        os.makedirs(directory)
        os.chmod(directory, 0o777)
        server = Server(self.options.mailweir, directory, self.base, self.candidate, group, self.resolver.port, self.options.timeout,
                        self.certificate, self.in_namespace)
        try:
            server.start()
        except ServerError:
            self.stop_quietly(server)
            raise
        return server

    def stop(self, server, dialogue):
        if server:
            try:
                server.stop()
            except ServerError as e:
                self.report("FAIL %s (or one before it): the proxy ended badly: %s" % (dialogue.name, e))

    @staticmethod
    def stop_quietly(server):
        try:
            server.stop()
        except ServerError:
            pass

    # -- one dialogue

    def play(self, server, dialogue, variant, plan, cut):
        server.begin()
        player = Player(server, dialogue, plan, cut)
        with self.lock:
            self.played += 1
        try:
            player.play()
        except Failure as e:
            self.report(transcript_text(dialogue, variant, player.transcript, server, str(e)))
            return
        if self.options.verbose:
            self.say("ok   %s [%s]\n%s" % (dialogue.name, variant, table(player.transcript)))

    def report(self, text):
        with self.lock:
            self.failed += 1
            print(text, flush=True)

    def say(self, text):
        with self.lock:
            print(text, flush=True)


def table(transcript):
    """What the dialogue says beside what came."""
    rows = []
    for step, got in transcript:
        left = "%s:%d" % (os.path.basename(step.path), step.line)
        rows.append("  %-28s %-60s | %s" % (left[-28:], step.source[:60], got or ""))
    return "\n".join(rows)


def transcript_text(dialogue, variant, transcript, server, why):
    step = transcript[-1][0] if transcript else dialogue.steps[0]
    log = "".join("\n  log: " + line for line in server.log_lines()[-12:])
    return "FAIL %s:%d [%s] %s\n  expected: %s\n  actual:   %s\n%s%s" % (
        step.path, step.line, variant, dialogue.title, step.source, why, table(transcript), log)

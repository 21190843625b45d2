"""Bar 2: workers are killed with -9, with a session in each state, under other mail."""
import asyncio
import collections
import os
import signal

from faultlab.client import Client, insist
from faultlab.laboratory import Laboratory
from faultlab.mail import Post

STATES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "mid-body", "before the dot", "dot at the backend", "250 from the backend",
          "between messages", "TLS handshake", "DNS wait")
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # the beginning of a TLS handshake
WORKERS, AT_ONCE, BREATH = 8, 4, 0.8  # a worker that dies young is started again after a second


class Kill:
    """One session brought into one state, and its worker killed there."""

    def __init__(self, lab, post, state):
        self.lab, self.state, self.message = lab, state, post.message("")
        self.client, self.worker, self.attempt, self.done = None, None, None, False

    async def run(self):
        self.client = await Client.connect(self.lab.address)
        if not self.client or (await self.client.reply()).code != 220:
            return False
        self.worker = self.lab.mailweir.worker_of(self.client.port)
        if not self.worker or not await self.reach():
            return False
        killed = self.kill(signal.SIGKILL)
        if self.attempt and self.attempt.dot_sent:
            reply = await self.client.reply()
            self.attempt.code, self.attempt.text = reply.code, reply.text
        self.client.close()
        return killed

    def kill(self, number):
        """False if another one was faster."""
        try:
            os.kill(self.worker, number)
            return True
        except ProcessLookupError:
            return False

    async def reach(self):
        if self.state == "greeting":
            return True
        if (await self.client.command("EHLO client.lab.example")).code != 250:
            return False
        if self.state == "TLS handshake":
            return (await self.client.command("STARTTLS")).code == 220 and await self.client.send(HELLO)
        if self.state == "between messages":
            self.done = (await self.client.deliver(self.message, self.lab.ledger)).code == 250
            return self.done
        if self.state == "EHLO":
            return True
        return await self.reach_in_transaction()

    async def reach_in_transaction(self):
        self.attempt = self.lab.ledger.begin(self.message)
        name = f"{self.message.identity}.{self.attempt.number}"
        if self.state == "DNS wait":
            await self.client.send(f"MAIL FROM:<{name}@silent.example>\r\nRCPT TO:<alice@weir.example>\r\n".encode())
            await asyncio.sleep(0.03)
            return True
        script = {"dot at the backend": ".dot=hold", "250 from the backend": ".committed=hold"}.get(self.state, "")
        sender = f"{name}{script}@lab.example"
        for command, state in ((f"MAIL FROM:<{sender}>", "MAIL"), ("RCPT TO:<alice@weir.example>", "RCPT"), ("DATA", "DATA")):
            if (await self.client.command(command)).code not in (250, 354):
                return False
            if self.state == state:
                return True
        return await self.reach_in_content(sender)

    async def reach_in_content(self, sender):
        wire = self.message.wire
        if self.state in ("mid-body", "before the dot"):
            return await self.client.send(wire[:len(wire) // 2 if self.state == "mid-body" else -3])
        self.attempt.dot_sent = True
        await self.client.send(wire)
        try:
            release = await asyncio.wait_for(self.lab.backend.held(sender), 5)
        except asyncio.TimeoutError:
            return False  # the worker died of another's kill
        if self.state == "250 from the backend":
            self.kill(signal.SIGSTOP)  # its 250 arrives, and is never read
        release()
        return True


async def kill_and_insist(lab, post, state, done):
    kill = Kill(lab, post, state)
    if await kill.run():
        done[state] += 1
    if not kill.done:
        await insist(lab.address, kill.message, lab.ledger, tries=200)


async def others(lab, seed, stop):
    """Mail in the background, sent until it is delivered."""
    post, delivered = Post(seed), 0
    while not stop.is_set():
        attempt = await insist(lab.address, post.message(), lab.ledger, tries=200)
        if not attempt or attempt.code != 250:
            return -1
        delivered += 1
        await asyncio.sleep(0.02)
    return delivered


async def murders(lab, each, done):
    post, slots = Post(2), asyncio.Semaphore(AT_ONCE)

    async def one(state):
        async with slots:
            await kill_and_insist(lab, post, state, done)
            await asyncio.sleep(BREATH)

    for _ in range(10):
        missing = [state for state in STATES for _ in range(each - done[state])]
        await asyncio.gather(*map(one, missing))


async def bar2(scale):
    each = max(2, round(17 * scale))
    done = collections.Counter()
    lab = Laboratory(workers=WORKERS)
    async with lab:
        stop = asyncio.Event()
        crowd = [asyncio.create_task(others(lab, 200 + n, stop)) for n in range(6)]
        await murders(lab, each, done)
        stop.set()
        delivered = await asyncio.gather(*crowd)
    least = min(done[state] for state in STATES)
    final = {attempt.message.identity: attempt.code for attempt in lab.ledger.attempts}
    undelivered = sum(code != 250 for identity, code in final.items())
    return lab.result(f"{sum(done.values())} kills, at least {least} in each of {len(STATES)} states, {sum(delivered)} other messages",
                      least >= each and min(delivered) > 0 and not undelivered, f"kills {done}, others {delivered}, not delivered {undelivered}")

"""Bars 1 and 16: much mail, and mail while Mailweir is reloaded, drained and started again."""
import asyncio
import signal

from faultlab.client import Client, insist
from faultlab.laboratory import Laboratory
from faultlab.mail import Post
from faultlab.target import now

SESSIONS = 50


async def session(lab, post, count):
    """Some messages in one session; a new session if it is closed."""
    client = None
    for _ in range(count):
        client = client or await Client.greeted(lab.address)
        attempt = await client.deliver(post.message(), lab.ledger)
        if attempt.code in (0, 421):
            client = None
    if client:
        await client.quit()


async def load(lab, messages, sessions=SESSIONS, refused=0.1):
    """The rate in messages a second."""
    began = now()
    each = messages // sessions
    await asyncio.gather(*(session(lab, Post(seed, refused), each) for seed in range(sessions)))
    return each * sessions / (now() - began)


async def bar1(scale):
    """A tenth of the messages must be refused by our policy, half of them for now."""
    messages = max(500, int(20000 * scale))
    lab = Laboratory()
    async with lab:
        rate = await load(lab, messages)
    codes = [attempt.code for attempt in lab.ledger.attempts]
    obeyed = all((attempt.code == 250) == (not attempt.message.verdict) for attempt in lab.ledger.attempts)
    return lab.result(f"{len(codes)} messages in {SESSIONS} sessions, {codes.count(250)} delivered, {len(codes) - codes.count(250)} refused by "
                      f"policy, {rate:.0f}/s", obeyed and len(codes) == messages // SESSIONS * SESSIONS, "the policy was not obeyed")


class Visitors:
    """Sessions at a fixed rate, whatever becomes of those before; failures: those that ended without 421."""

    def __init__(self, lab, rate):
        self.lab, self.rate, self.post = lab, rate, Post(16, 0.05)
        self.started, self.unserved, self.cut, self.failures, self.open = 0, 0, 0, [], set()

    async def one(self, messages):
        client = await Client.connect(self.lab.address)
        greeting = await client.reply() if client else None
        if greeting is None or greeting.code == 0:
            self.unserved += 1  # nobody listened, between two lives
            messages = []
        else:
            await self.served(client, greeting, messages)
        if client:
            client.close()

    async def served(self, client, reply, messages):
        if reply.code == 220:
            reply = await client.command("EHLO client.lab.example")
        for message in messages:
            if reply.code in (0, 421):
                break
            reply = await client.deliver(message, self.lab.ledger)
        if reply.code not in (0, 421):
            reply = await client.quit()
        self.cut += bool(client.goodbye)
        if reply.code == 0 and not client.goodbye:
            self.failures.append(repr(reply))

    async def run(self, seconds):
        end, count = now() + seconds, 0
        while now() < end:
            messages = [self.post.message() for _ in range(1 + count % 3)]
            count += 1
            self.started += 1
            task = asyncio.create_task(self.one(messages))
            self.open.add(task)
            task.add_done_callback(self.open.discard)
            await asyncio.sleep(2 / self.rate)  # two messages a session, on average
        await asyncio.gather(*self.open)


async def events(lab, seconds):
    """Reloads, and in the midst an end and a new start."""
    steps = max(4, int(seconds / 2.5))
    for step in range(steps):
        await asyncio.sleep(seconds / (steps + 1))
        if step != steps // 2:
            lab.mailweir.signal(signal.SIGHUP)
            continue
        trouble = await lab.mailweir.stop()
        await lab.mailweir.start()
        if trouble:
            raise RuntimeError(trouble)
    return steps - 1


async def bar16(scale):
    seconds = max(6, 45 * scale)
    lab = Laboratory()
    async with lab:
        visitors = Visitors(lab, 200)
        _, reloads = await asyncio.gather(visitors.run(seconds), events(lab, seconds))
        loaded = len(lab.mailweir.lines("config.loaded"))
        last = await insist(lab.address, visitors.post.message(""), lab.ledger)
    figure = (f"{reloads} reloads ({loaded} taken over) and a restart under {len(lab.ledger.attempts) / seconds:.0f} messages/s: "
              f"{visitors.started} sessions, {len(visitors.failures)} failed, {visitors.cut} ended by 421, {visitors.unserved} met no server")
    good = not visitors.failures and loaded and last and last.code == 250
    return lab.result(figure, good, visitors.failures[:5])

"""Bars 3 and 4: the backend dies in every state, and the client at every kilobyte."""
import asyncio
import itertools

from faultlab.backend import EARLY, STATES
from faultlab.client import Client, insist
from faultlab.laboratory import Laboratory
from faultlab.mail import Bulk, Post

HOWS = ("rst", "fin", "hang", "421", "lie")
CUTS = ("reset", "close", "half_close")


async def before_a_death(lab, post, state, how, once):
    """A session whose backend fails it. The answer to the message, or to what came before."""
    client = await Client.greeted(lab.address)
    while not client:  # a backend that looked dead to the probe is down for a moment
        await asyncio.sleep(0.05)
        client = await Client.greeted(lab.address)
    if state in EARLY:
        lab.backend.drop_idle()  # a connection kept for later would be past these states
        lab.backend.arm(state, how, 1 if once else 2)
    script = "" if state in EARLY else f"{state}={how}" + "=once" * once
    attempt = await client.deliver(post.message(""), lab.ledger, script)
    if state == "idle" and attempt.code == 250:
        attempt = await client.deliver(post.message(""), lab.ledger)
    await client.quit()
    return attempt.code


def believable(state, once, code):
    """A permanent refusal would be ours; a 250 is the judge's business, but none can come of a backend that dies each time before."""
    if code >= 500:
        return False
    return code != 250 or once or state == "idle" or state in EARLY


async def beside(lab, stop):
    """A session that nobody means harm: its mail must arrive all the time."""
    post, delivered, failed = Post(333), 0, []
    while not stop.is_set():
        attempt = await insist(lab.address, post.message(""), lab.ledger, tries=200)
        if attempt and attempt.code == 250:
            delivered += 1
        else:
            failed.append(attempt and f"beside: {attempt.code} {attempt.text}")
        await asyncio.sleep(0.01)
    return delivered, failed


async def bar3(scale):
    each = max(2, round(20 * scale))
    lab, odd = Laboratory(reply="600ms", probe="200ms", patience=0.6), []
    small, large = Post(3, size=3000), Bulk(31, 12_000_000)  # in mid-body, the dot must not be on its way already
    async with lab:
        stop = asyncio.Event()
        healthy = asyncio.create_task(beside(lab, stop))
        for state, how in itertools.product(STATES, HOWS):
            codes = await asyncio.gather(*(before_a_death(lab, large if state == "body" else small, state, how, n % 2 == 0) for n in range(each)))
            odd += [(state, how, code) for n, code in enumerate(codes) if not believable(state, n % 2 == 0, code)]
            lab.backend.armed.clear()
        stop.set()
        delivered, failed = await healthy
    deaths, seen = sum(lab.backend.deaths.values()), len(lab.backend.deaths)
    return lab.result(f"{deaths} deaths in {len(STATES)} states (RST, FIN, hang, 421, lies; {each} sessions each), {delivered} messages beside "
                      f"them, {len(failed)} more not delivered", not odd and not failed and seen == len(STATES) * len(HOWS), odd[:10] + failed[:3])


def wire_end(wire, cut):
    """Where to cut: after this many kilobytes, or, negative, this many bytes before the end."""
    return cut * 1024 if cut >= 0 else len(wire) + cut


async def cut_off(lab, message, cut, how, patient):
    client = await Client.greeted(lab.address)
    attempt = lab.ledger.begin(message)
    reply = await client.envelope(attempt)
    if reply.code == 354:
        await client.send(message.wire[:wire_end(message.wire, cut)])
        if patient:
            await asyncio.sleep(0.02)  # or what is under way is lost with a reset
        getattr(client, how)()
        reply = await client.reply()
    attempt.code, attempt.text = reply.code, reply.text
    client.close()


async def bar4(scale):
    kilobytes = max(8, round(128 * scale))
    lab, post, slots = Laboratory(), Post(4, size=kilobytes * 1024 + 600), asyncio.Semaphore(40)

    async def one(*how):
        async with slots:
            await cut_off(lab, post.message(""), *how)

    cuts = [*range(kilobytes + 1), -1, -2, -3, -4, -5]
    async with lab:
        await asyncio.gather(*(one(cut, how, patient) for cut in cuts for how in CUTS for patient in (False, True)))
        await asyncio.sleep(0.2)
        last = await insist(lab.address, post.message(""), lab.ledger)
    taken = sum("id" in record for record in lab.records)
    cut_count = len(lab.ledger.attempts) - 1
    return lab.result(f"{cut_count} clients cut by RST, FIN or half-close at each of {kilobytes} KB and of the last 5 bytes, {taken - 1} committed",
                      taken == 1 and last.code == 250, [(a.code, a.text) for a in lab.ledger.attempts if a.code == 250][:5])

"""Odd but legal mail arrives byte for byte, and signatures on it still verify behind us."""
import asyncio

from faultlab import odd
from faultlab.client import Client
from faultlab.laboratory import Laboratory

SESSIONS = 4


async def session(lab, queue):
    """In one session as far as it goes. The replies other than 250."""
    client, bad = None, []
    while queue:
        message = queue.pop()
        client = client or await Client.greeted(lab.address)
        attempt = await client.deliver(message, lab.ledger)
        if attempt.code != 250:
            bad.append(f"{message.title}: {attempt.code} {attempt.text}")
            client = None
    return bad


async def letters(scale):
    keys = odd.Keys()
    everything = list(odd.messages(keys))
    chosen = everything if scale >= 1 else everything[::5]
    lab = Laboratory(zone=keys.zone())
    lab.backend.kept = {}
    async with lab:
        queue = list(chosen)
        bad = [text for texts in await asyncio.gather(*(session(lab, queue) for _ in range(SESSIONS))) for text in texts]
    signed = [message for message in chosen if message.signed]
    broken = [message.title for message in signed if not keys.verifies(lab.backend.kept.get(f"{message.identity}.1", b""))]
    ours = sum("dkim=pass" in line for line in lab.mailweir.lines("decision"))
    return lab.result(f"{len(chosen)} odd messages, {lab.ledger.delivered()} delivered; {len(signed)} with a signature, {len(signed) - len(broken)} verify at the "
                      f"backend, {ours} passed in Mailweir too", not bad and not broken and ours == len(signed), "\n".join(bad[:10] + broken[:10]))

"""The judge's own test: little proxies with one sin each. Without it, zeros would prove nothing."""
import asyncio
import tempfile

from faultlab.backend import Backend
from faultlab.broken import SINS, BrokenProxy
from faultlab.client import Client
from faultlab.journal import Journal
from faultlab.judge import Ledger, judge
from faultlab.laboratory import Result
from faultlab.mail import Post

CAUGHT_AS = {"loss": "LOSS", "phantom": "PHANTOM", "trunc": "TRUNC", "dup": "DUP-bug", "changed": "CHANGED"}


async def deliver_all(address, post, ledger, count):
    client = None
    for number in range(count):
        client = client or await Client.greeted(address, source="127.0.0.1")
        message = post.message("")
        if number % 9 == 8:  # the client goes in mid-message
            attempt = ledger.begin(message)
            if (await client.envelope(attempt)).code == 354:
                await client.send(message.wire[:len(message.wire) // 2])
            client.close()
            client = None
        elif (await client.deliver(message, ledger, "dot=fin" if number % 11 == 10 else "")).code in (0, 421):
            client = None
    client and client.close()


async def sinner(sin, count):
    with tempfile.TemporaryDirectory(prefix="faultlab-") as directory:
        journal, ledger = Journal(f"{directory}/journal"), Ledger()
        backend = Backend(journal)
        proxy = BrokenProxy(sin, backend)
        await backend.start()
        await proxy.start()
        await deliver_all(proxy.address, Post(9, size=3000), ledger, count)
        await asyncio.sleep(0.1)
        proxy.stop()
        backend.stop()
        journal.close()
        return judge(ledger, journal.records())


def wrong(sin, verdict):
    """Why the judge is not to be trusted, if it is not: each sin must be found, and honesty and bad luck must not look like one."""
    if sin in CAUGHT_AS:
        return "" if verdict.counts[CAUGHT_AS[sin]] else f"{sin} was not seen: {verdict}"
    if not verdict.clean() or (sin == "window" and not verdict.counts["DUP-window"]):
        return f"{sin}: {verdict} {verdict.evidence[:2]}"
    return ""


async def proof(_):
    verdicts = {sin: await sinner(sin, 100) for sin in SINS}
    doubts = [text for text in (wrong(sin, verdict) for sin, verdict in verdicts.items()) if text]
    seen = ", ".join(f"{word} {verdicts[sin].counts[word]}" for sin, word in CAUGHT_AS.items())
    window = verdicts["window"].counts["DUP-window"]
    result = Result(f"in broken proxies the judge finds {seen}; in an honest one none; {window} DUP-window where a connection died at the wrong moment",
                    not doubts, "\n".join(doubts))
    result.log_lines = 0
    return result

"""Bar 8: descriptors run out, the spool's disk is full, the state store is gone or damaged."""
import asyncio
import os
import re

from faultlab.client import Client, insist
from faultlab.laboratory import Laboratory
from faultlab.mail import Post
from faultlab.target import now
from lab import space

FILES = 300


async def bar8_descriptors(_):
    """More clients than descriptors: nobody spins, and when they go the next one is served."""
    lab, post = Laboratory(workers=1, files=FILES), Post(8)
    async with lab:
        early = await Client.greeted(lab.address)
        crowd = [await Client.connect(lab.address) for _ in range(FILES + 200)]
        await asyncio.sleep(0.5)
        before = lab.mailweir.cpu()
        attempt = await early.deliver(post.message(""), lab.ledger)
        await asyncio.sleep(1.5)
        spent = lab.mailweir.cpu() - before
        for client in [early, *crowd]:
            client.close()
        began = now()
        last = await insist(lab.address, post.message(""), lab.ledger, tries=100)
        recovered = now() - began
    rested = len(lab.mailweir.lines("listener.rest") + lab.mailweir.lines("listener.full"))
    good = attempt.code // 100 in (2, 4) and last.code == 250 and recovered < 2 and spent < 0.5 and rested
    return lab.result(f"{FILES} descriptors, {len(crowd)} clients: {spent * 1000:.0f} ms of CPU in 1.5 s, mail again {recovered:.2f} s after they left, "
                      f"a session meanwhile heard {attempt.code}", good, f"{attempt.text} rests {rested}")


async def bar8_disk(_):
    spool = space.directory(f"{space.ROOT}/small")
    space.sh(f"mount -t tmpfs -o size=1m,mode=777 small {spool}")
    lab, post, large = Laboratory(spool=spool, spool_more=", memory_per_message: 64KiB"), Post(81, size=2000), Post(82, size=3_000_000)
    async with lab:
        full = [await insist(lab.address, large.message(""), lab.ledger, tries=1) for _ in range(20)]
        small = [await insist(lab.address, post.message(""), lab.ledger, tries=1) for _ in range(20)]
    good = all(attempt.code == 452 for attempt in full) and all(attempt.code == 250 for attempt in small)
    return lab.result(f"spool of 1 MB, 20 messages of 3 MB: {sorted({a.code for a in full})}; 20 small ones between: {sorted({a.code for a in small})}", good)


class Store:
    """The state store, and what can happen to it."""

    def __init__(self, directory):
        self.directory, self.path = directory, f"{directory}/state.lmdb"

    def damage(self):
        """Before the start."""
        space.write(self.path, "no database\n" * 1000)
        space.sh(f"chown -R mailweir {self.directory}")

    def overwrite(self):
        """In place, under the workers that have it mapped."""
        with open(self.path, "r+b") as file:
            file.write(b"no database\n" * 4000)

    def remove(self):
        for name in os.listdir(self.directory):
            os.unlink(f"{self.directory}/{name}")

    def obstruct(self):
        """No file can stand here now."""
        self.remove()
        os.mkdir(self.path)


async def bar8_state(_):
    """Damaged before the start, removed and overwritten while it runs, impossible at the next start."""
    lab, post, codes = Laboratory(workers=1), Post(83, size=2000), []
    store = Store(lab.mailweir.values["state"])

    async def mail(tries=1):
        for _ in range(3):
            attempt = await insist(lab.address, post.message(""), lab.ledger, tries)
        codes.append(attempt.code)

    store.damage()
    async with lab:
        await mail()
        store.remove()
        await mail()
        await restart(lab)
        store.overwrite()
        await mail(100)
        await restart(lab, store.obstruct)
        await mail()
    with open(lab.mailweir.log, encoding="utf-8") as log:
        told = [re.search(r"event=(state\.\w+)", line)[1] for line in log if "event=state." in line]
    return lab.result(f"state store damaged, removed, overwritten in use, impossible: mail heard {codes}; the log has {', '.join(dict.fromkeys(told))}",
                      codes == [250] * 4 and "state.recreated" in told and "state.unavailable" in told)


async def restart(lab, meanwhile=lambda: None):
    trouble = await lab.mailweir.stop()
    if trouble:
        raise RuntimeError(trouble)
    meanwhile()
    await lab.mailweir.start()

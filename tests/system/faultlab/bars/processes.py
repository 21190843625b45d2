"""Bar 17: what a worker may do at all."""
import asyncio
import os

from faultlab.client import insist
from faultlab.laboratory import Laboratory
from faultlab.mail import Post
from faultlab.target import sanitized
from lab.mailweir import status


def faults(pid):
    """What of the promises does not hold for this process."""
    facts = status(pid)
    held = {"a user of its own": "0" not in facts["Uid"].split(), "a group of its own": "0" not in facts["Gid"].split(),
            "no other groups": "0" not in facts["Groups"].split(), "no_new_privs": facts["NoNewPrivs"] == "1",
            "no capabilities": not any(int(facts[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")),
            "seccomp": facts["Seccomp"] == "2" or sanitized()}
    return [f"{pid}: {name}" for name, holds in held.items() if not holds]


async def bar17(_):
    """After the start, after mail, after a killed worker, after a reload."""
    lab, missing, checked = Laboratory(), [], 0
    async with lab:
        for event in (None, "kill", "reload"):
            workers = lab.mailweir.workers()
            if event == "kill":
                os.kill(workers[0], 9)
            elif event == "reload":
                lab.mailweir.signal(1)
            await asyncio.sleep(2)  # a worker that does not serve yet is not in its sandbox yet
            await insist(lab.address, Post(17).message(""), lab.ledger)
            missing += [fault for pid in lab.mailweir.workers() for fault in faults(pid)]
            checked += len(lab.mailweir.workers())
    return lab.result(f"{checked} workers: not root, no other groups, no capabilities, no_new_privs, seccomp"
                      + (" (off under sanitizers)" if sanitized() else ""), not missing and checked >= 6, missing)

"""Bars 5, 6 and 7: many idle sessions, many large messages, many slow clients."""
import asyncio
import multiprocessing
import os
import selectors
import socket
import tempfile
import time

from faultlab.client import Client
from faultlab.laboratory import Laboratory
from faultlab.mail import Bulk, Post
from faultlab.target import ADDRESS, now, sanitized

LARGE = 25 * 1000 * 1000
IDLE_LIMIT, ROOM = 12 * 1024, 8 << 20  # for each session, and for all of them
SPOOL_MEMORY = 64 * 1024 * 1024


def open_idle(address, count):
    """Sessions that have said EHLO, from many addresses, without any library between."""
    sockets = []
    for number in range(count):
        s = socket.create_connection(address, 20, (f"11.1.{1 + number % 60}.{1 + number // 60 % 250}", 0))
        s.recv(512)
        s.sendall(b"EHLO client.lab.example\r\n")
        sockets.append(s)
    for s in sockets:
        s.recv(2048)
    return sockets


async def greeting_time(address):
    began = now()
    client = await Client.connect(address)
    reply = await client.reply()
    client.close()
    return now() - began if reply.code == 220 else 1e9


async def bar5(scale):
    count = max(500, int(10000 * scale))
    lab = Laboratory()
    async with lab:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, lambda: [s.close() for s in open_idle(lab.address, 50)])
        before = lab.mailweir.memory()
        idle = await loop.run_in_executor(None, open_idle, lab.address, count)
        grown = lab.mailweir.memory() - before
        each = grown / count
        slowest = max([await greeting_time(lab.address) for _ in range(100)])
        client = await Client.greeted(lab.address)
        attempt = await client.deliver(Post(5).message(), lab.ledger)
        for s in idle:
            s.close()
    good = slowest < 1 and attempt.code == 250 and (grown < count * IDLE_LIMIT + ROOM or sanitized())
    return lab.result(f"{count} idle sessions of {each / 1024:.1f} KiB each (without the kernel's), the slowest of 100 new clients greeted after "
                      f"{slowest * 1000:.0f} ms", good, f"{each} bytes, greeting {slowest}, {attempt.text}")


class Watch:
    """The most memory that the workers have had."""

    def __init__(self, mailweir):
        self.mailweir, self.most, self.task = mailweir, 0, None

    async def run(self):
        while True:
            self.most = max(self.most, self.mailweir.memory())
            await asyncio.sleep(0.1)

    async def __aenter__(self):
        self.before = self.mailweir.memory()
        self.task = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()


async def large_session(lab, message):
    client = await Client.greeted(lab.address)
    if not client:
        return 0
    attempt = await client.deliver(message, lab.ledger)
    message.wire = b""
    await client.quit()
    return attempt.code


async def bar6(scale):
    count = max(8, int(100 * scale))
    directory = tempfile.mkdtemp(prefix="faultlab-spool-", dir="/var/tmp")  # not on the laboratory's own disk of memory
    os.chmod(directory, 0o777)
    post = Bulk(6, LARGE)
    messages = [post.message() for _ in range(count)]
    lab = Laboratory(workers=1, reply="5m", spool=directory)
    async with lab:
        began = now()
        async with Watch(lab.mailweir) as watch:
            codes = await asyncio.gather(*(large_session(lab, message) for message in messages))
        seconds, grown = now() - began, watch.most - watch.before
    os.rmdir(directory)
    bound = SPOOL_MEMORY + count * 512 * 1024
    return lab.result(f"{count} messages of {LARGE // 1000000} MB at once, {codes.count(250)} delivered with equal hashes in {seconds:.0f} s, memory grew by "
                      f"{grown / 1048576:.0f} MiB (spool.memory_total {SPOOL_MEMORY // 1048576} MiB)",
                      codes.count(250) == count and (grown < bound or sanitized()), f"{codes} {grown}")


def slow_clients(address, count, start, results):
    """In a process of its own: each client sends a byte a second of a message without end, until it is cut. Tells when that was."""
    start.get()
    chooser, cut, sockets = selectors.DefaultSelector(), [], []
    for number in range(count):
        s = socket.create_connection(address, 20, (f"11.1.{20 + number % 100}.7", 0))
        s.sendall(b"EHLO slow.lab.example\r\nMAIL FROM:<slow.1@lab.example>\r\nRCPT TO:<alice@weir.example>\r\nDATA\r\n")
        sockets.append([s, time.monotonic()])
        chooser.register(s, selectors.EVENT_READ, sockets[-1])
    results.put("there")
    end, tick = time.monotonic() + 120, 0.0
    while len(cut) < count and time.monotonic() < end:
        for key, _ in chooser.select(0.2):
            if not heard(key.fileobj):
                cut.append(time.monotonic() - key.data[1])
                chooser.unregister(key.fileobj)
                sockets.remove(key.data)
        if time.monotonic() - tick >= 1:
            tick = time.monotonic()
            for s, _ in sockets:
                whisper(s)
    results.put(cut)


def heard(s):
    try:
        return bool(s.recv(4096))
    except OSError:
        return False


def whisper(s):
    try:
        s.send(b"x")
    except OSError:
        pass


async def good_mail(lab, seconds, rate):
    """Messages offered at a fixed rate; those delivered a second."""
    post, tasks, began = Post(7, size=3000), [], now()

    async def one(message):
        client = await Client.greeted(lab.address)
        if client:
            attempt = await client.deliver(message, lab.ledger)
            await client.quit()
            return attempt.code == 250
        return False

    while now() - began < seconds:
        tasks.append(asyncio.create_task(one(post.message(""))))
        await asyncio.sleep(max(0, began + len(tasks) / rate - now()))
    delivered = sum(await asyncio.gather(*tasks))
    return delivered / (now() - began)


async def bar7(scale):
    count, rate = max(100, int(2000 * scale)), 100
    deadline, seconds = (15, 8) if scale >= 1 else (4, 2)
    start, results = multiprocessing.Queue(), multiprocessing.Queue()
    process = multiprocessing.Process(target=slow_clients, args=(ADDRESS, count, start, results), daemon=True)
    process.start()  # before the laboratory, lest it inherit its sockets
    lab = Laboratory(limits=f"sessions: 30000, data: {deadline}s, transactions: 0")
    async with lab:
        alone = await good_mail(lab, seconds, rate)
        start.put("go")
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, results.get)
        beside = await good_mail(lab, seconds, rate)
        cut = await loop.run_in_executor(None, results.get)
        process.join()
    latest = max(cut, default=1e9)
    return lab.result(f"{count} clients at a byte a second, {len(cut)} cut, the last {latest - deadline:.1f} s after the deadline of {deadline} s; good mail "
                      f"{beside:.0f}/s beside {alone:.0f}/s alone", len(cut) == count and beside >= 0.9 * alone, f"{len(cut)} {latest}")

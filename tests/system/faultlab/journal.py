"""The backend's journal: a line of JSON for each message taken, on the disk before the backend answers.

Messages that come together share one fdatasync, so that the laboratory is not the bottleneck."""
import asyncio
import json
import os


class Journal:
    def __init__(self, path):
        self.path = path
        self.fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        self.pending, self.flushing = [], None

    def commit(self, record, then):
        """Writes the record; then() is called once it is on the disk."""
        self.pending.append((record, then))
        if self.flushing is None:
            self.flushing = asyncio.get_running_loop().create_task(self.flush())

    def note(self, record):
        """Writes a record that need not be on the disk at once."""
        os.write(self.fd, line(record))

    async def flush(self):
        while self.pending:
            batch, self.pending = self.pending, []
            os.write(self.fd, b"".join(line(record) for record, _ in batch))
            await asyncio.get_running_loop().run_in_executor(None, os.fdatasync, self.fd)
            for _, then in batch:
                then()
        self.flushing = None

    def records(self):
        with open(self.path, encoding="ascii") as lines:
            return [json.loads(text) for text in lines]

    def close(self):
        os.close(self.fd)


def line(record):
    return json.dumps(record).encode() + b"\n"

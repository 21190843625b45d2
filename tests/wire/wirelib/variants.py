"""The same dialogue sent in other ways: pipelined, byte by byte, or cut in two at each place of a marked region.

A variant never changes what is said, only in which segments it travels. It yields, for each client step, the bytes to send at that
moment (b"" where they have gone before), as a list of segments."""
from .dialogue import unescape

BARRIERS = {b"EHLO", b"HELO", b"DATA", b"QUIT"}


def step_bytes(step):
    """What a C step says, or None if it is an event."""
    if step.who != "C" or step.op == " ":
        return None
    text = step.arg.replace("\\[", "").replace("\\]", "")
    if step.op == "~":
        return unescape(text)
    line = unescape(text) + b"\r\n"
    return line * int(step.op[1:-1]) if step.op[0] == "*" else line


def is_barrier(step, data):
    return data[:4].upper() in BARRIERS and len(data.split()) <= 2


def written(steps):
    """Line by line, but C+ lines wait for the next one."""
    plan, held = {}, {}
    for i, step in enumerate(steps):
        data = step_bytes(step)
        if data is None:
            continue
        data = held.pop(step.number, b"") + data
        if step.op == "+":
            held[step.number] = data
        else:
            plan[i] = [data]
    return plan


def runs(steps):
    """Client lines that may travel together: lists of indices. A command whose reply must be awaited, or an event, ends a run."""
    open_runs, out = {}, []
    for i, step in enumerate(steps):
        if step.who in ("C", "S") and step.op == " " or step.who == "pause" or step.who == "B" and step.op == " ":
            for number in ([step.number] if step.who != "B" else list(open_runs)):
                if open_runs.get(number):
                    out.append(open_runs.pop(number))
            if step.who == "pause":
                out += [run for run in open_runs.values() if run]
                open_runs = {}
            continue
        data = step_bytes(step)
        if data is None:
            continue
        open_runs.setdefault(step.number, []).append(i)
        if is_barrier(step, data):
            out.append(open_runs.pop(step.number))
    return out + [run for run in open_runs.values() if run]


def pipelined(steps):
    return {run[0]: [b"".join(step_bytes(steps[i]) for i in run)] for run in runs(steps)}


def marked(steps):
    """The client lines between two waits that hold \\[ ... \\], as (index of the first, bytes, start, end of the region)."""
    for run in runs(steps):
        text = b""
        start = end = None
        for i in run:
            raw = steps[i].arg
            if "\\[" in raw:
                start = len(text) + len(unescape(raw.split("\\[")[0]))
            if "\\]" in raw:
                end = len(text) + len(unescape(raw.split("\\]")[0].replace("\\[", "")))
            text += step_bytes(steps[i])
        if start is not None:
            yield run[0], text, start, len(text) if end is None else end


def split(steps):
    """One plan for each place at which the marked region can be cut."""
    base = pipelined(steps)
    for first, text, start, end in marked(steps):
        for at in range(max(start, 1), min(end + 1, len(text))):
            plan = dict(base)
            plan[first] = [text[:at], text[at:]]
            yield "split at %d" % at, plan


def plans(dialogue, only=None):
    """(name, plan, cut every byte?) of each run of a dialogue. A variant that would send the very same segments is left out."""
    seen = []
    for name in dialogue.variants:
        if only and name != only:
            continue
        if name == "split":
            yield from ((label, plan, False) for label, plan in split(dialogue.steps))
            continue
        plan = (pipelined if name == "pipelined" else written)(dialogue.steps)
        if name == "pipelined" and plan in seen:
            continue
        seen.append(plan)
        yield name, plan, name == "bytewise"

"""CPU time of a process and all its descendants, to the nanosecond where the kernel tells."""
import os


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(child) for child in f.read().split()]
    except OSError:
        return []


def tree(pid):
    found = [pid]
    for child in children(pid):
        found += tree(child)
    return found


def cpu_of(pid):
    """Seconds on a CPU, over all threads."""
    total = 0.0
    for task in os.listdir("/proc/%d/task" % pid):
        try:
            with open("/proc/%d/task/%s/schedstat" % (pid, task)) as f:
                total += int(f.read().split()[0]) / 1e9
        except OSError:
            with open("/proc/%d/task/%s/stat" % (pid, task)) as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def cpu(pid):
    total = 0.0
    for member in tree(pid):
        try:
            total += cpu_of(member)
        except OSError:
            continue
    return total


def resident_kib(pid):
    total = 0
    for member in tree(pid):
        try:
            with open("/proc/%d/smaps_rollup" % member) as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith("Pss:"))
        except OSError:
            continue
    return total

"""What came out: a table on the terminal, and docs/reliability.md."""
import sys


def print_row(name, result):
    print(f"{name:>4}  {'good' if result['good'] else 'BAD '}  {result['figure']}", flush=True)
    if not result["good"]:
        print(f"      {result['why']}", file=sys.stderr, flush=True)


def write(path, results):
    pass

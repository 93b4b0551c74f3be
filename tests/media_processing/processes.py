"""The real worker as a process, and what hangs on it."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LEASE_SECONDS = 3
WORKER = ["manage.py", "worker"]


@contextmanager
def worker(environment, *options, program=WORKER):
    process = subprocess.Popen([sys.executable, *program, *options], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_until_idle(environment, seconds=180):
    begun = time.monotonic()
    with worker(environment, "--until-idle") as process:
        assert process.wait(timeout=seconds) == 0
    return time.monotonic() - begun


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


def children_of(pid):
    """Process ids of living descendants, by /proc."""
    found, level = [], {pid}
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    while level := {child for child, parent in parents.items() if parent in level}:
        found.extend(level)
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False

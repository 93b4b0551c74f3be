"""The CPU time of servers: what a request costs, however loaded the machine is."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

Done = TypeVar("Done")
TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """Return the CPU seconds of a process and all its children, those that ended included."""
    try:
        own, children = _own(pid), Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:  # it ends just now; next time its parent has its seconds
        return 0.0
    return own + sum(seconds_of(int(child)) for child in children)


def _own(pid: int) -> float:
    # proc(5): after the name in brackets; fields 14 to 17 are utime, stime, cutime, cstime.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS


def used_by(pids: Mapping[str, int], work: Callable[[], Done]) -> tuple[Done, dict[str, float]]:
    """Do the work; return what it returns, and the CPU seconds each server used meanwhile."""
    before = {name: seconds_of(pid) for name, pid in pids.items()}
    done = work()
    return done, {name: seconds_of(pid) - before[name] for name, pid in pids.items()}

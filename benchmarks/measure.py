"""What a way of doing something costs: CPU seconds and memory, of a process and its children.

Each way runs in a fresh process of its own, so that none pays for another's imports or
inherits its memory.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds; megabytes of the largest process of those that took part."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float


def measure(work: Callable[[], object], *, lanes: int = 1) -> Cost:
    """Do the work in each of so many threads, as the worker's lanes do, and return its cost.

    What a lane has started ends with it, so all of it is counted.
    """
    cpu, wall = cpu_seconds(), time.monotonic()
    with ThreadPoolExecutor(lanes) as threads:
        done = [threads.submit(work) for _ in range(lanes)]
    for one in done:
        one.result()
    return Cost(cpu_seconds() - cpu, time.monotonic() - wall, _peak_mb())


def in_own_process(module: str, *arguments: str | Path | int) -> Cost:
    """Run `python -m module arguments` and return the cost that it tells by `tell`."""
    program = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def tell(cost: Cost) -> None:
    """Print the cost for `in_own_process`."""
    print(json.dumps(asdict(cost)))


def middle(costs: Iterable[Cost]) -> Cost:
    """Return the median of the seconds, and the highest memory."""
    found = list(costs)
    return Cost(
        median(one.cpu_seconds for one in found),
        median(one.wall_seconds for one in found),
        max(one.peak_mb for one in found),
    )


def cpu_seconds() -> float:
    """Return what this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mb() -> float:
    """This process by its own high-water mark: getrusage would tell what its starter had."""
    own = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    return max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024

"""Every Python process that finds this folder on its path has its clock shifted.

CLOCK_SHIFT names a file with the seconds; when they change, the clock jumps.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

LOOK_SECONDS = 0.05
real_sleep = threading.Event().wait  # its timeout is the kernel's


def follow(path: Path) -> None:
    """Keep the clock ahead of the real one by what the file says, again and again."""
    shift = read(path, 0.0)
    hatch = time_machine.escape_hatch
    real = hatch.time.time if hatch.is_travelling() else time.time  # a fork travels already
    clock = time_machine.travel(real() + shift, tick=True).start()
    real = hatch.time.time
    while True:
        real_sleep(LOOK_SECONDS)
        shift = read(path, shift)
        clock.move_to(real() + shift, tick=True)


def read(path: Path, otherwise: float) -> float:
    try:
        return float(path.read_text())
    except (OSError, ValueError):  # it is being written
        return otherwise


def begin() -> None:
    """Follow in a thread; a fork has none of its parent's, so it begins one of its own."""
    threading.Thread(target=follow, args=[Path(os.environ["CLOCK_SHIFT"])], daemon=True).start()


if "CLOCK_SHIFT" in os.environ:
    os.register_at_fork(after_in_child=begin)
    begin()
    time.sleep(2 * LOOK_SECONDS)

"""Private folders to work in, and the clearing away of those whose worker was killed."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "portal-media-"
# Younger than this, a folder may belong to somebody who has not locked it yet.
NEWBORN_SECONDS = 60


@contextmanager
def workbench() -> Iterator[Path]:
    """Yield an empty folder that only this user can read; it is gone afterwards.

    A lock on it says that its worker lives: the kernel lets go of it in any death.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(handle)


def clear_abandoned() -> int:
    """Remove the folders that nobody holds any more; return how many."""
    return sum(map(_clear_if_abandoned, Path(tempfile.gettempdir()).glob(f"{PREFIX}*")))


def _clear_if_abandoned(folder: Path) -> bool:
    try:
        facts = folder.stat()
        if facts.st_uid != os.getuid() or time.time() - facts.st_mtime < NEWBORN_SECONDS:
            return False
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True

"""Clears the stage: an empty database and empty folders in DATA_DIR, which only the demo uses."""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

MARKER = "made-by-the-demo"
STORED = ["originals", "derivatives", "default"]


class StageTaken(Exception):
    """The demo can't have this place; the message says why and what to do."""


@contextmanager
def own_stage() -> Iterator[Path]:
    """Make DATA_DIR this demo's own until the block ends, emptied. Yields the folder.

    Raises StageTaken when another demo runs there, or what is there is not a demo's.
    """
    folder = Path(settings.DATA_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StageTaken(f"Another demo is running in {folder}. Stop it first.") from error
        _require_ours(folder)
        _empty(folder)
        yield folder


def _require_ours(folder: Path) -> None:
    """Raise StageTaken rather than delete what somebody else made."""
    if connection.vendor != "sqlite":
        raise StageTaken("The demo brings its own database. Unset DATABASE_URL and try again.")
    if not (folder / MARKER).exists() and _has_people(_database()):
        raise StageTaken(
            f"{_database()} holds people and was not made by the demo, so it was left alone. "
            "Move it away, or give the demo another folder with DATA_DIR=..."
        )


def _database() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _has_people(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(database)) as opened:
        try:
            return opened.execute("SELECT 1 FROM accounts_user").fetchone() is not None
        except sqlite3.OperationalError:  # no such table: nobody ever used it
            return False


def _empty(folder: Path) -> None:
    connections.close_all()
    database = _database()
    for ending in ["", "-wal", "-shm"]:
        database.with_name(database.name + ending).unlink(missing_ok=True)
    for alias in STORED:
        location = settings.STORAGES[alias]["OPTIONS"]["location"]
        shutil.rmtree(location, ignore_errors=True)
    shutil.rmtree(settings.PACKAGES_DIR, ignore_errors=True)
    (folder / MARKER).touch()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)

"""Make a backup: rows of one moment first, then the files they name.

A file is never changed under its name, and written before the row that names it: whatever a row
of the snapshot names is there, or was deleted for good since.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.apps import apps
from django.db import connection

from portal.backup import folder as places
from portal.backup import rows
from portal.backup.migrations import applied, require_migrated
from portal.backup.refusals import BackupRefused
from portal.backup.site_files import Place, keep, named_files

# Wraps a list that takes a while, to show how far it is.
Watch = Callable[[Iterable[Any], str], Iterable[Any]]


@dataclass(frozen=True)
class Made:
    """A whole backup: where it is, and how much is in it."""

    path: Path
    rows: int
    files: int
    copied: int
    gone: list[Place]


def make_backup(folder: Path, *, derivatives: bool, now: datetime, watch: Watch) -> Made:
    """Add a backup to the folder. Killed at any moment it can be run again, and goes on.

    Raises BackupRefused: the database is not migrated, another backup is being made, a disk
    is full.
    """
    require_migrated()
    try:
        with places.one_at_a_time(folder):
            return _make(folder, derivatives, now, watch)
    except OSError as error:
        raise BackupRefused(
            f"{error.strerror}: {error.filename or folder}. This backup is not whole; what was "
            "copied stays. Run the same command again when there is room."
        ) from error


def _make(folder: Path, derivatives: bool, now: datetime, watch: Watch) -> Made:
    left = places.unfinished(folder)
    known = {
        one.place: one.sha256
        for path in [*places.backups(folder)[-1:], *left]
        for one in places.read_files(path)
    }
    path = places.begin(folder, now)
    with rows.snapshot():
        tables = {
            table._meta.db_table: _table(table, path / places.ROWS)
            for table in watch(rows.tables(apps), "table")
        }
        named = named_files(derivatives=derivatives)
        migrations = applied(connection)
    copied, gone = _keep_files(folder, path, watch(named, "file"), known)
    manifest = {
        "made_at": now.isoformat(),
        "engine": connection.vendor,
        "derivatives": derivatives,
        "migrations": [".".join(one) for one in sorted(migrations)],
        "tables": tables,
        "files": len(named) - len(gone),
        "gone": gone,
    }
    whole = places.finish(path, manifest)
    for one in left:
        rmtree(one)
    count = sum(table["rows"] for table in tables.values())
    return Made(whole, count, len(named) - len(gone), copied, gone)


def _table(table: rows.Table, folder: Path) -> dict[str, Any]:
    count = rows.write_rows(table, folder / f"{table._meta.db_table}.jsonl.gz")
    return {"columns": rows.columns(table), "rows": count}


def _keep_files(
    folder: Path,
    path: Path,
    named: Iterable[Place],
    known: dict[tuple[str, str, int, str], str],
) -> tuple[int, list[Place]]:
    """Return how many had to be copied, and which are gone."""
    copied, gone = 0, []
    with (path / places.FILES).open("w") as file:
        for place in named:
            try:
                kept = keep(folder, place, known)
            except FileNotFoundError:
                gone.append(place)
                continue
            copied += kept.place not in known
            places.write_line(file, kept)
    return copied, gone


def forget_old(folder: Path, keep_last: int) -> int:
    """Delete all but the last backups, and the contents that none names; return of how many."""
    with places.one_at_a_time(folder):
        old = places.backups(folder)[:-keep_last]
        for path in old:
            (path / places.SUMS).unlink()  # from here on it is none
            rmtree(path)
        left = [*places.backups(folder), *places.unfinished(folder)]
        used = {one.sha256 for path in left for one in places.read_files(path)}
        for content in (folder / "files").glob("??/*"):
            if content.name not in used:
                content.unlink()
    return len(old)

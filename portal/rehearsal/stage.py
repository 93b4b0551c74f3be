"""A rehearsal's own database and folder. Nothing is emptied: what is begun there goes on."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from portal.rehearsal import journal

USED_TABLES = ["accounts_user", "competition_edition"]


class StageTaken(Exception):
    """The rehearsal can't have this place; the message says why and what to do."""


@contextmanager
def own_stage(asked: Mapping[str, Any]) -> Iterator[Path]:
    """Make database and DATA_DIR this rehearsal's own until the block ends. Yields the folder.

    Raises StageTaken: another one runs there, or what is there is no rehearsal's, or is that of
    a rehearsal of another size.
    """
    folder = Path(settings.DATA_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "rehearsal.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StageTaken(f"Another rehearsal is running in {folder}.") from error
        _require_ours()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        journal.begin_journal()
        _require_same(dict(asked))
        yield folder


def _require_ours() -> None:
    """Raise StageTaken where somebody else's people or editions are."""
    if journal.has_journal():
        return
    there = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in USED_TABLES:
            if table not in there:
                continue
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608
            if cursor.fetchone():
                raise StageTaken(
                    "This database holds people or an edition and was not made by a rehearsal, "
                    "so it was left alone. Give the rehearsal a database of its own: "
                    "DATABASE_URL=... or, for SQLite, DATA_DIR=..."
                )


def _require_same(asked: dict[str, Any]) -> None:
    """Note what is asked for, or raise StageTaken when what is begun here is another rehearsal."""
    begun = journal.read("asked")
    if begun is None:
        journal.write("asked", asked)
    elif begun != asked:
        words = " ".join(f"--{name} {value}" for name, value in begun.items() if value != "")
        raise StageTaken(
            f"Here is a rehearsal with other arguments: {words}. Run it with the same ones to go "
            "on, or give the new one an empty database and folder."
        )

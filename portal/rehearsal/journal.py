"""What a rehearsal has done so far, kept in its own database: beside the facts it tells of.

The table is the rehearsal's alone, so no migration of the site makes it.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

TABLE = "rehearsal_journal"


def has_journal() -> bool:
    """Tell whether a rehearsal made this database."""
    return TABLE in connection.introspection.table_names()


def begin_journal() -> None:
    """Make the table, unless it is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE} (name varchar(80) PRIMARY KEY, kept text NOT NULL)"
        )


def read(name: str) -> Any:
    """Return what is kept under this name, or None."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT kept FROM {TABLE} WHERE name = %s", [name])  # noqa: S608
        row = cursor.fetchone()
    return json.loads(row[0]) if row else None


def write(name: str, value: Any) -> None:
    """Keep the value under this name, in the transaction of the caller if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (name, kept) VALUES (%s, %s) "  # noqa: S608
            "ON CONFLICT (name) DO UPDATE SET kept = excluded.kept",
            [name, json.dumps(value)],
        )


def step_done(name: str) -> Mapping[str, Any] | None:
    """Return what was measured of a step that has ended, or None."""
    found: Mapping[str, Any] | None = read(f"step {name}")
    return found


def end_step(name: str, measured: Mapping[str, Any]) -> None:
    """Note that the step has ended, with what was measured of it."""
    write(f"step {name}", measured)

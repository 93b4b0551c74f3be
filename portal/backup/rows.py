"""The rows of all tables as lines of JSON: the same from SQLite as from PostgreSQL.

They are read and written as columns, past the models' own code, so that nothing is lost by a
field that makes objects of its values. Only what the two engines keep differently is converted.
"""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, ForeignKey, Model
from django.db.utils import DataError, IntegrityError

from portal.backup.refusals import BackupRefused

Table = type[Model]

# Who is signed in is nobody's loss, and a stolen backup signs nobody in. The search index differs
# from engine to engine and is made anew.
LEFT_OUT = {"sessions", "wagtailsearch"}
ROWS_AT_ONCE = 2_000
# Readers see one moment; on SQLite, too, nobody who writes waits for them.
_BEGIN = {
    "sqlite": "BEGIN",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
# What JSON has no word for.
_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "DecimalField": Decimal,
    "UUIDField": UUID,
    "BinaryField": b64decode,
}


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything that is read inside is of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def tables(apps: Apps) -> list[Table]:
    """Return the models whose rows are kept, by table; many-to-many tables are among them."""
    models = apps.get_models(include_auto_created=True)
    kept = [one for one in models if one._meta.managed and not one._meta.proxy]
    kept = [one for one in kept if one._meta.app_label not in LEFT_OUT]
    return sorted(kept, key=lambda one: one._meta.db_table)


def columns(table: Table) -> list[str]:
    """Return the names of the columns that are kept."""
    return [str(field.column) for field in _fields(table)]


def write_rows(table: Table, path: Path) -> int:
    """Write the table's rows, one a line, compressed; return how many."""
    count = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for rows in _read(table):
            file.write("".join(f"{_as_json(row)}\n" for row in rows).encode())
            count += len(rows)
    return count


def count_rows(table: Table) -> int:
    """Return how many rows the table has."""
    return table._base_manager.count()


def empty(some: Sequence[Table]) -> None:
    """Delete all rows of the tables, and of whatever points at them."""
    names = [table._meta.db_table for table in some]
    statements = connection.ops.sql_flush(
        no_style(), names, reset_sequences=True, allow_cascade=True
    )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def load_rows(table: Table, names: Sequence[str], path: Path) -> None:
    """Insert the rows of the file, whose values are of these columns, in this order.

    Raises BackupRefused when a row does not fit.
    """
    insert = {"sqlite": _insert, "postgresql": _copy}[connection.vendor]
    by_column = {field.column: _kind(field) for field in _fields(table)}
    kinds = [by_column[name] for name in names]
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            insert(table, names, _as_parameters(kinds, map(json.loads, file)))
    except (DataError, IntegrityError) as error:
        raise BackupRefused(f"A row of {table._meta.db_table} does not fit: {error}") from error


def number_on(some: Sequence[Table]) -> None:
    """Let new rows get numbers above those that were loaded."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(some)):
            cursor.execute(statement)


def _fields(table: Table) -> "list[Field[Any, Any]]":
    return [one for one in table._meta.local_concrete_fields if not one.generated]


def _kind(field: "Field[Any, Any]") -> "Field[Any, Any]":
    """Return the field that says how the column is kept: of a key, the one it points at."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


def _quoted(table: Table, names: Sequence[str]) -> tuple[str, str]:
    quote = connection.ops.quote_name
    return quote(table._meta.db_table), ", ".join(quote(name) for name in names)


def _read(table: Table) -> Iterator[list[Sequence[Any]]]:
    name, names = _quoted(table, columns(table))
    key = connection.ops.quote_name(str(table._meta.pk.column))
    convert = _converter(table)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {name} ORDER BY {key}")  # noqa: S608
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield [convert(row) for row in rows]


def _converter(table: Table) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what makes the engine's values those that Python means."""
    steps = []
    for place, field in enumerate(_fields(table)):
        column = field.get_col(table._meta.db_table)
        steps += [(place, step, column) for step in connection.ops.get_db_converters(column)]

    def convert(row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, step, column in steps:
            values[place] = step(values[place], column, connection)
        return values

    return convert if steps else lambda row: row


def _as_text(value: Any) -> str:
    if isinstance(value, date | time):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    raise TypeError(f"No way to keep a {type(value).__name__} is known.")


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text).encode


def _as_parameters(
    kinds: "Sequence[Field[Any, Any]]", rows: Iterable[list[Any]]
) -> Iterator[list[Any]]:
    steps = [
        (place, _FROM_TEXT[kind.get_internal_type()], kind.get_db_prep_value)
        for place, kind in enumerate(kinds)
        if kind.get_internal_type() in _FROM_TEXT
    ]
    for row in rows:
        for place, from_text, prepare in steps:
            if row[place] is not None:
                row[place] = prepare(from_text(row[place]), connection)
        yield row


def _insert(table: Table, names: Sequence[str], rows: Iterator[list[Any]]) -> None:
    into, columns = _quoted(table, names)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        while some := list(islice(rows, ROWS_AT_ONCE)):
            cursor.executemany(f"INSERT INTO {into} ({columns}) VALUES ({marks})", some)  # noqa: S608


def _copy(table: Table, names: Sequence[str], rows: Iterator[list[Any]]) -> None:
    into, columns = _quoted(table, names)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {into} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)

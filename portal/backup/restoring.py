"""Look whether a backup is whole; put it back where nothing is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection, transaction

from portal.backup import folder as places
from portal.backup import rows
from portal.backup.making import Watch
from portal.backup.migrations import migrate_as_far_as, require_known
from portal.backup.refusals import BackupRefused
from portal.backup.site_files import put_back, strange_files

# Who has none of these has nothing to lose: tables of a site that was never used hold some pages.
OWN = ("accounts", "media_processing", "competition", "voting", "results", "notifications")

ANEW = "Remove it: the next backup copies it anew, if the site still has it."


def damages(path: Path, watch: Watch) -> Iterator[str]:
    """Yield what is wrong with a backup, reading every byte of it. Raises BackupRefused."""
    sums = places.read_sums(path)
    for name, digest in sums.items():
        yield from _damage(path / name, digest)
    manifest = places.read_manifest(path)
    expected = {f"{places.ROWS}/{name}.jsonl.gz" for name in manifest["tables"]}
    for name in sorted({places.MANIFEST, places.FILES, *expected} - set(sums)):
        yield f"{path / name} is not among {places.SUMS}."
    files = list(places.read_files(path))
    if len(files) != manifest["files"]:
        yield f"{len(files)} files are named, {manifest['files']} should be."
    for digest in watch(sorted({one.sha256 for one in files}), "file"):
        for damage in _damage(places.content(path.parent, digest), digest):
            yield f"{damage} {ANEW}"


def _damage(path: Path, digest: str) -> Iterator[str]:
    try:
        if places.digest_of(path) != digest:
            yield f"{path} is damaged."
    except OSError as error:
        yield f"{path} cannot be read: {error.strerror}"


def restore(path: Path, watch: Watch) -> dict[str, int]:
    """Put a backup back; return how many rows each table has. Killed, it can be run again.

    Files come first and rows last, all in one transaction: a database with rows is whole.
    Raises BackupRefused: damaged, newer than this code, or something is there already.
    """
    if found := list(damages(path, watch)):
        raise BackupRefused("\n".join(found))
    manifest = places.read_manifest(path)
    migrations = {tuple(one.split(".", 1)) for one in manifest["migrations"]}
    files = list(places.read_files(path))
    require_known(migrations)
    _require_nothing_there({(one.storage, one.name) for one in files})
    as_it_was = migrate_as_far_as(migrations)
    for kept in watch(files, "file"):
        put_back(path.parent, kept)
    counts = _load(path, as_it_was, manifest["tables"], watch)
    call_command("migrate", verbosity=0)
    call_command("update_index", verbosity=0)
    _count_for_the_planner()
    return counts


def _count_for_the_planner() -> None:
    """Tell PostgreSQL how much came.

    Its own count comes a minute later. Until then it goes through tables that it saw empty
    without their indexes, and a query that began so may take hours.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _require_nothing_there(expected: set[tuple[str, str]]) -> None:
    there = set(connection.introspection.table_names())
    for label in OWN:
        for table in apps.get_app_config(label).get_models(include_auto_created=True):
            name = table._meta.db_table
            if name in there and rows.count_rows(table):
                raise BackupRefused(f"The database is not empty: there are rows in {name}.")
    for alias, name in strange_files(expected):
        raise BackupRefused(f"The storage is not empty: there is {alias}/{name}.")


def _load(path: Path, as_it_was: Apps, kept: dict[str, Any], watch: Watch) -> dict[str, int]:
    tables = rows.tables(as_it_was)
    _require_same(tables, kept)
    with connection.constraint_checks_disabled(), transaction.atomic():
        rows.empty(tables)
        for table in watch(tables, "table"):
            name = table._meta.db_table
            rows.load_rows(table, kept[name]["columns"], path / places.ROWS / f"{name}.jsonl.gz")
        rows.number_on(tables)
        connection.check_constraints()
        counts = {table._meta.db_table: rows.count_rows(table) for table in tables}
        wrong = {name for name, count in counts.items() if count != kept[name]["rows"]}
        if wrong:
            raise BackupRefused(f"Rows were lost or came twice: {', '.join(sorted(wrong))}.")
    return counts


def _require_same(tables: list[rows.Table], kept: dict[str, Any]) -> None:
    """Raise BackupRefused unless the tables have the columns that were read."""
    here = {table._meta.db_table: rows.columns(table) for table in tables}
    there = {name: one["columns"] for name, one in kept.items()}
    for name in sorted(set(here) | set(there)):
        if set(here.get(name, [])) != set(there.get(name, [])):
            raise BackupRefused(f"{name} has other columns than its migrations say.")

"""How far a database is migrated, and how to bring an empty one exactly as far."""

from django.apps import apps
from django.apps.registry import Apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.recorder import MigrationRecorder

from portal.backup.refusals import BackupRefused

Migration = tuple[str, str]


def applied(database: BaseDatabaseWrapper) -> set[Migration]:
    """Return the migrations that the database has seen."""
    return set(MigrationRecorder(database).applied_migrations())


def require_migrated() -> None:
    """Raise BackupRefused when the tables are not as this code expects them."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupRefused("The database is not up to date. Run: manage.py migrate")


def require_known(wanted: set[Migration]) -> None:
    """Raise BackupRefused when the backup comes from code that is newer than this."""
    on_disk = MigrationExecutor(connection).loader.disk_migrations
    replaced = {old for migration in on_disk.values() for old in migration.replaces}
    if unknown := sorted(wanted - set(on_disk) - replaced):
        names = ", ".join(".".join(one) for one in unknown)
        raise BackupRefused(
            f"The backup is of a newer version of the site, with {names}. Install that first."
        )


def migrate_as_far_as(wanted: set[Migration]) -> Apps:
    """Bring the database to exactly these migrations; return its models as they were then.

    Raises BackupRefused when it is further already.
    """
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    known = wanted & set(graph.nodes)
    if (set(executor.loader.applied_migrations) & set(graph.nodes)) - wanted:
        raise BackupRefused(
            "The backup is of an older version than the tables of this database. Give it a "
            "database without tables; the restore makes them as they were, then migrates."
        )
    last = sorted(one for one in known if not _next(graph, one) & known)
    executor.migrate(last)
    if known == set(graph.nodes):
        return apps  # as they are now; to build them from the migrations takes a while
    return executor.loader.project_state(last).apps


def _next(graph: MigrationGraph, one: Migration) -> set[Migration]:
    """Return what follows it in its own app."""
    return {child.key for child in graph.node_map[one].children if child.key[0] == one[0]}

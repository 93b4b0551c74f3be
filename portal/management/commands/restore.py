from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from portal.backup.refusals import BackupRefused
from portal.backup.restoring import damages, restore

NEXT = """OK. What to do now:
  manage.py createcachetable
  manage.py collect_files --dry-run    names files that no row knows
  manage.py rederive --all             makes pictures and videos anew, if the backup had none
  manage.py retain                     forgets again what was to be forgotten since
Everybody has to sign in again."""


class Command(BaseCommand):
    help = (
        "Put a backup back, into a database and storages with nothing in them. From SQLite to "
        "PostgreSQL and back, from disk to S3 and back. Killed, it can be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, metavar="FOLDER/TIME")
        parser.add_argument(
            "--verify-only",
            action="store_true",
            help="Only read all of it and say whether it is whole. For a timer, after the backup.",
        )

    def handle(self, *, backup: Path, verify_only: bool, **options: Any) -> None:
        try:
            if verify_only:
                self.verify(backup)
            else:
                counts = restore(backup, self.watch)
                self.stdout.write(f"{sum(counts.values())} rows in {len(counts)} tables.")
                self.stdout.write(NEXT)
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal

    def verify(self, backup: Path) -> None:
        """Say that it is whole, or what is not."""
        if found := list(damages(backup, self.watch)):
            raise CommandError("\n".join(found))
        self.stdout.write(f"{backup} is whole.")

    def watch(self, some: Iterable[Any], unit: str) -> Iterable[Any]:
        """Show how far it is, where somebody looks."""
        return tqdm(some, unit=unit, file=self.stderr, disable=None)

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from portal.backup.making import Made, forget_old, make_backup
from portal.backup.refusals import BackupRefused


class Command(BaseCommand):
    help = (
        "Add a backup of the database and of the files to FOLDER, while the site runs. A file that "
        "an earlier backup has is not copied again. Killed, it can be run again and goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--derivatives",
            action="store_true",
            help="Also what is made from the originals. Without: `rederive` makes it anew.",
        )
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="Afterwards delete all but the last N backups, and files that none of them has.",
        )

    def handle(self, *, folder: Path, derivatives: bool, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep must be 1 or more.")
        try:
            made = make_backup(
                folder, derivatives=derivatives, now=timezone.now(), watch=self.watch
            )
            self.tell(made)
            if keep and (count := forget_old(folder, keep)):
                self.stdout.write(f"{count} older backup(s) deleted.")
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal

    def tell(self, made: Made) -> None:
        """Say what is in it, and what could not be."""
        self.stdout.write(f"{made.rows} rows, {made.files} files, of which {made.copied} new.")
        for storage, name in made.gone:
            self.stdout.write(f"A row names {storage}/{name}, which is not there.")
        self.stdout.write(str(made.path))

    def watch(self, some: Iterable[Any], unit: str) -> Iterable[Any]:
        """Show how far it is, where somebody looks."""
        return tqdm(some, unit=unit, file=self.stderr, disable=None)

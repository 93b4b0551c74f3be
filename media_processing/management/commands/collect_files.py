from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from media_processing.collect import collect_files


class Command(BaseCommand):
    help = "Delete files older than a day that nothing in the database points at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only name them.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        for name in collect_files(dry_run=dry_run):
            self.stdout.write(name)

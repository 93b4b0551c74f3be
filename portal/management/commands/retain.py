from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import override

from portal.personal.retention import forget, survey


class Command(BaseCommand):
    help = (
        "Forget what is kept of persons and is not needed any more, and say what is kept until "
        "when. The worker does it by itself once a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        with override("en"):
            lines = (survey if dry_run else forget)(timezone.now())
        self.stdout.write(
            f"{'would go' if dry_run else 'gone':>8}  what, and until when it is kept"
        )
        for line in lines:
            self.stdout.write(f"{line.count:>8}  {line.what}, until {line.until}")
            if line.why_not:
                self.stdout.write(f"{'':>8}  not yet: {line.why_not}")

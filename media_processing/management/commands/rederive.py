import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from tqdm import tqdm

from media_processing import leases
from media_processing.derive.recipes import RECIPE
from media_processing.models import MediaAsset
from media_processing.overview import workers_alive
from media_processing.tasks import TASKS

POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Have the worker make anew what an older recipe made. What people see stays until it can "
        "be replaced. Ctrl-C ends the watching, not the work; run again to watch the rest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=sorted(TASKS), help="Only photos, or only videos.")
        parser.add_argument(
            "--all",
            action="store_true",
            dest="everything",
            help="What the present recipe made, too; when a run is under way, only its rest.",
        )

    def handle(self, *, kind: str | None, everything: bool, **options: Any) -> None:
        these = {"kind": kind} if kind else {}
        waiting = leases.renewals().filter(**these)
        older = {} if everything and not waiting.exists() else {"recipe__lt": RECIPE}
        leases.ask_for_renewal(MediaAsset.objects.filter(**these, **older))
        if not workers_alive():
            self.stderr.write("No worker is alive. Start one: manage.py worker")
        try:
            self.watch(waiting)
        except KeyboardInterrupt:
            self.stdout.write("\nThe worker goes on. Run this again to watch the rest.")
            return
        if failed := leases.failed_renewals().filter(**these).count():
            self.stderr.write(f"{failed} could not be made anew and stay as they were; see the")
            self.stderr.write("reasons under Competition > Media queue. Run again to try again.")

    def watch(self, waiting: "QuerySet[MediaAsset]") -> None:
        """Show how many are left, until none is."""
        left = waiting.count()
        with tqdm(total=left, unit="file", file=self.stderr) as bar:
            while left:
                time.sleep(POLL_SECONDS)
                left = waiting.count()
                bar.update(bar.total - left - bar.n)

import time
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from media_processing.services import made_by_older_recipe, rederive

POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Make the files of every earlier recipe anew, in the worker, after everything else. "
        "Ctrl-C stops watching, not the work; run again to see the rest or to retry failures."
    )

    def handle(self, **options: Any) -> None:
        total = rederive()
        with tqdm(total=total, desc="Files", disable=not total) as bar:
            while waiting := made_by_older_recipe().filter(reason="").count():
                bar.update(total - waiting - bar.n)
                time.sleep(POLL_SECONDS)
            failed = made_by_older_recipe().count()
            bar.update(total - failed - bar.n)
        self.stdout.write(f"{total - failed} made anew, {failed} failed and kept as they were.")

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from portal.demo.media import NoMedia, bring_media
from portal.demo.stage import StageTaken, own_stage
from portal.demo.story import tell
from portal.demo.summary import as_invitation, as_table, bundle_check, count_everything, write_json
from portal.demo.works import WorkerFailed
from portal.management.supervisor import AddressTaken, require_free, serve, workers_until_idle


class Command(BaseCommand):
    help = "Run a whole competition on real photos and videos, then serve it. Starts afresh."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="Stop after the summary.")
        parser.add_argument("--media", default="", help="Folder of your own photos and videos.")

    def handle(self, *args: Any, no_serve: bool, media: str, **options: Any) -> None:
        begun, base_url = time.monotonic(), settings.WAGTAILADMIN_BASE_URL
        try:
            if not no_serve:
                require_free(base_url)
            with own_stage() as folder, translation.override(settings.LANGUAGE_CODE):
                self.tell_story(folder, media, begun)
                self.stdout.write(f"\n{as_invitation(base_url)}\n")
                if not no_serve:
                    self.stdout.write("  Serving until Ctrl-C.\n")
                    raise SystemExit(serve(base_url))
        except (NoMedia, StageTaken, WorkerFailed, AddressTaken) as refusal:
            raise CommandError(str(refusal)) from refusal

    def tell_story(self, folder: Path, own_media: str, begun: float) -> None:
        """Tell it, print the summary and write it to DATA_DIR/demo-summary.json."""
        self.stdout.write("Photos and videos, with their credits")
        media = bring_media(folder / "demo-media", own_media)
        tell(media=media, workers=workers_until_idle(), folder=folder, say=self.stdout.write)
        counts = count_everything(time.monotonic() - begun) | {"bundle": bundle_check()}
        write_json(counts, folder / "demo-summary.json")
        self.stdout.write(f"\n{as_table(counts)}")

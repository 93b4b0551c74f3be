from argparse import ArgumentParser
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from portal.demo.works import WorkerFailed
from portal.management.supervisor import free_address, web_command, workers_until_idle
from portal.rehearsal import report
from portal.rehearsal.checking import check_everything
from portal.rehearsal.gauges import Gauges, Queries
from portal.rehearsal.served import NotServed
from portal.rehearsal.size import Size
from portal.rehearsal.stage import StageTaken, own_stage
from portal.rehearsal.story import steps, tell
from portal.rehearsal.uploads import find_samples
from portal.rehearsal.workers import Place

DEFAULTS = Size(62, 743, 6526, 864, 20, 1_000_000, 360, 1)


def _place(folder: Path, http: bool) -> Place:
    url = free_address() if http else ""
    return Place(folder, workers_until_idle(), web_command(url) if http else (), url)


class Command(BaseCommand):
    help = (
        "A dress rehearsal of a whole edition, in a database of its own, checked at the end. "
        "Stopped at any moment, it goes on when it is run again with the same arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for field in fields(Size):
            default = getattr(DEFAULTS, field.name)
            parser.add_argument(f"--{field.name}", type=int, default=default, metavar="N")
        parser.add_argument("--media", default="", help="Folder of your own photos and videos.")
        parser.add_argument(
            "--http", action="store_true", help="Files come through a web server, by real sign-ins."
        )
        parser.add_argument("--report", default="", help="Folder; default: DATA_DIR/rehearsal.")

    def handle(self, *args: Any, media: str, http: bool, **options: Any) -> None:
        size = Size(**{field.name: options[field.name] for field in fields(Size)})
        if problems := size.problems():
            raise CommandError("\n".join(problems))
        try:
            with (
                own_stage(asdict(size) | {"media": media, "http": http}) as folder,
                translation.override(settings.LANGUAGE_CODE),
            ):
                target = Path(options["report"] or folder / "rehearsal")
                kept = self.rehearse(size, _place(folder, http), media, target)
        except (StageTaken, WorkerFailed, NotServed) as refusal:
            raise CommandError(str(refusal)) from refusal
        if not kept:
            raise SystemExit(1)

    def rehearse(self, size: Size, place: Place, media: str, target: Path) -> bool:
        """Play, check, write the report; tell whether every invariant is kept."""
        todo = steps(size, place, find_samples(media))
        gauges, queries = Gauges(place.folder / "rehearsal-gauges.json"), Queries()
        with gauges.watched(), queries.watched():
            tell(todo, gauges, queries, self.stdout.write)
        checks = check_everything(size)
        for check in checks:
            self.stdout.write(str(check))
        facts = report.measured(asdict(size), [step.name for step in todo], checks)
        self.stdout.write(f"Report: {report.write(facts, target)}")
        return all(check.is_kept for check in checks)

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from media_processing.tasks import all_queues
from media_processing.worker import WorkerProcess


class Command(BaseCommand):
    help = "Process photos and videos, send notices, take over what a dead worker left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="Stop when nothing is left to do."
        )
        parser.add_argument(
            "--queues",
            default=",".join(all_queues()),
            help="Take from these only, comma-separated (default: %(default)s).",
        )

    def handle(self, *, until_idle: bool, queues: str, **options: Any) -> None:
        chosen = tuple(queue.strip() for queue in queues.split(","))
        if unknown := set(chosen) - set(all_queues()):
            names = ", ".join(sorted(unknown))
            raise CommandError(f"No such queue: {names}. There are {', '.join(all_queues())}.")
        WorkerProcess(until_idle=until_idle, queues=chosen).run()

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from media_processing.worker import WorkerProcess


class Command(BaseCommand):
    help = "Process photos and videos, send notices, take over what a dead worker left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="Stop when nothing is left to do."
        )

    def handle(self, *, until_idle: bool, **options: Any) -> None:
        WorkerProcess(until_idle=until_idle).run()

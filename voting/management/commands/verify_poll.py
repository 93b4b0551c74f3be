"""`verify_poll FILE`: check a published ledger. The same as `python -m voting.ledger FILE`."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from voting.ledger.command import add_arguments, check_file


class Command(BaseCommand):
    help = "Recomputes a ledger's tree and tally; fails on any changed, missing or added line."
    requires_system_checks: list[str] = []  # it needs no database and no settings

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if code := check_file(argparse.Namespace(**options)):
            sys.exit(code)

"""`verify_results BUNDLE`: check a bundle. The same as `python -m portal.results.bundle BUNDLE`."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.results.bundle.command import add_arguments, check_file


class Command(BaseCommand):
    help = "Recomputes the standings and awards of a published bundle; fails on any edit."
    requires_system_checks: list[str] = []  # it needs no database and no settings

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if code := check_file(argparse.Namespace(**options)):
            sys.exit(code)

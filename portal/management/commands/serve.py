from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.management.supervisor import AddressTaken, serve


class Command(BaseCommand):
    help = "Serve the site at BASE_URL and run its worker, until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{settings.WAGTAILADMIN_BASE_URL}  (Ctrl-C stops)")
        try:
            raise SystemExit(serve(settings.WAGTAILADMIN_BASE_URL))
        except AddressTaken as refusal:
            raise CommandError(str(refusal)) from refusal

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from media_processing import multipart
from media_processing.buckets import prepare_buckets
from portal.settings import env


class Command(BaseCommand):
    help = "Make the two buckets of the object storage, and say who may read and write them."

    def handle(self, **options: Any) -> None:
        if not multipart.is_offered():
            raise CommandError("Files lie in DATA_DIR: S3_ORIGINALS_BUCKET is not set.")
        site = urlsplit(settings.WAGTAILADMIN_BASE_URL)
        origin, is_public = f"{site.scheme}://{site.netloc}", bool(env.S3_PUBLIC_URL)
        try:
            for line in prepare_buckets(site=origin, is_public=is_public):
                self.stdout.write(line)
        except multipart.StorageFailed as error:
            raise CommandError(f"The object storage refused: {error}") from error

"""A file that has just arrived, as every room takes it in, with no owner."""

from typing import IO, Any

from media_processing.models import MediaAsset
from media_processing.rules import MediaRules
from media_processing.services import received
from tests.media_processing.makers import PHOTO_RULES


def receive_upload(
    file: IO[bytes], name: str = "photo.jpg", rules: MediaRules = PHOTO_RULES, user: Any = None
) -> MediaAsset:
    """Keep the file and have it processed."""
    with received([(name, file)], rules=rules, user=user) as [asset]:
        return asset

"""News from the media room that a work has to know."""

from typing import Any

from django.dispatch import receiver

from competition.entries.frames import drop_unfinished_frame
from media_processing.models import MediaAsset
from media_processing.signals import upload_cancelled


@receiver(upload_cancelled)
def free_the_place(asset: MediaAsset, **kwargs: Any) -> None:
    drop_unfinished_frame(asset)

"""News from the media room that a work has to know."""

from typing import Any

from django.dispatch import receiver

from competition.entries.frames import drop_unfinished_frame
from competition.entries.models import Entry
from competition.entries.near_copies import compare_what_was_left, note_near_copies
from competition.entries.wishes import fulfil_wish, fulfil_wishes_left_over
from media_processing.models import MediaAsset
from media_processing.signals import asset_processed, upload_cancelled, worker_swept


@receiver(upload_cancelled)
def free_the_place(asset: MediaAsset, **kwargs: Any) -> None:
    drop_unfinished_frame(asset)


@receiver(asset_processed)
def submit_what_waited_for_it(asset: MediaAsset, **kwargs: Any) -> None:
    for entry in Entry.objects.filter(frames__asset=asset, submit_when_ready=True):
        fulfil_wish(entry)


@receiver(asset_processed)
def flag_what_is_like_it(asset: MediaAsset, **kwargs: Any) -> None:
    note_near_copies(asset)


@receiver(worker_swept)
def submit_what_nobody_told_of(**kwargs: Any) -> None:
    fulfil_wishes_left_over()


@receiver(worker_swept)
def compare_what_nobody_told_of(**kwargs: Any) -> None:
    compare_what_was_left()

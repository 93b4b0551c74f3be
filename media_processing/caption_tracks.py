"""The verbs of a video's subtitles."""

import hashlib
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from wagtail.log_actions import log

from media_processing.captions import MAX_BYTES, read_captions, write_captions
from media_processing.models import CaptionTrack, Derivative, MediaAsset
from media_processing.storage import derivatives


def attach_captions(*, asset: MediaAsset, language: str, file: File, user: Any) -> CaptionTrack:
    """Give a video subtitles in a language, in place of those it has in it.

    What is kept and served is written by us from the cues that were read.
    Raises UploadRefused.
    """
    cues = read_captions(file.read(MAX_BYTES + 1))
    content = write_captions(cues).encode()
    digest = hashlib.sha256(content).hexdigest()
    name = derivatives().save(f"{digest[:2]}/{digest}.vtt", ContentFile(content))
    with transaction.atomic():
        replaced = _remove(asset, language)
        track = CaptionTrack.objects.create(asset=asset, language=language, file=name)
        _log("attach", asset, language, user)
        transaction.on_commit(partial(delete_unnamed, replaced))
    return track


@transaction.atomic
def remove_captions(*, asset: MediaAsset, language: str, user: Any) -> None:
    """Take a video's subtitles in a language away. Does nothing when it has none."""
    if removed := _remove(asset, language):
        _log("remove", asset, language, user)
        transaction.on_commit(partial(delete_unnamed, removed))


def delete_unnamed(names: Iterable[str]) -> None:
    """Delete those of the derived files that no row names: one content has one file."""
    used: set[str] = set()
    for model in (Derivative, CaptionTrack):
        used.update(model.objects.filter(file__in=names).values_list("file", flat=True))
    for name in set(names) - used:
        derivatives().delete(name)


def _remove(asset: MediaAsset, language: str) -> list[str]:
    """Remove the row, and return the name of its file."""
    tracks = CaptionTrack.objects.filter(asset=asset, language=language)
    names = list(tracks.values_list("file", flat=True))
    tracks.delete()
    return names


def _log(verb: str, asset: MediaAsset, language: str, user: Any) -> None:
    log(
        instance=asset,
        action=f"media.captions.{verb}",
        user=user,
        data={"language": language},
    )

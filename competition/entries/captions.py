"""The verbs of a video's subtitles, as an entrant has them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from competition.entries.checks import EntryRefused, refused_file, require_editable
from competition.entries.models import Frame
from competition.entries.queries import lock_entry
from media_processing.caption_tracks import attach_captions, remove_captions
from media_processing.rules import UploadRefused
from portal.accounts.models import User


@transaction.atomic
def caption_frame(*, frame: Frame, language: str, file: Any, user: User) -> None:
    """Give a video subtitles. Raises EntryRefused: not now, no video, or the file is wrong."""
    require_editable(lock_entry(frame.entry), user)
    if frame.asset.kind != "video":
        raise EntryRefused(_("Only a video can have subtitles."))
    try:
        attach_captions(asset=frame.asset, language=language, file=file, user=user)
    except UploadRefused as refusal:
        raise refused_file(refusal) from refusal


@transaction.atomic
def uncaption_frame(*, frame: Frame, language: str, user: User) -> None:
    """Take subtitles away. Raises EntryRefused when the work can't be changed now."""
    require_editable(lock_entry(frame.entry), user)
    remove_captions(asset=frame.asset, language=language, user=user)

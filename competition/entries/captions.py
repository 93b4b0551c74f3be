"""The verbs of a video's subtitles, as an entrant has them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from competition.entries.checks import EntryRefused, require_editable
from competition.entries.models import Entry, Frame
from media_processing.caption_tracks import attach_captions, remove_captions
from media_processing.reasons import explain
from media_processing.rules import UploadRefused
from portal.accounts.models import User


@transaction.atomic
def caption_frame(*, frame: Frame, language: str, file: Any, user: User) -> None:
    """Give a video subtitles. Raises EntryRefused: not now, no video, or the file is wrong."""
    _require_editable(frame, user)
    if frame.asset.kind != "video":
        raise EntryRefused(_("Only a video can have subtitles."))
    try:
        attach_captions(asset=frame.asset, language=language, file=file, user=user)
    except UploadRefused as refusal:
        raise EntryRefused(explain(refusal.reason, refusal.values)) from refusal


@transaction.atomic
def uncaption_frame(*, frame: Frame, language: str, user: User) -> None:
    """Take subtitles away. Raises EntryRefused when the work can't be changed now."""
    _require_editable(frame, user)
    remove_captions(asset=frame.asset, language=language, user=user)


def _require_editable(frame: Frame, user: User) -> None:
    """Hold the work's row until the transaction ends, and check that it may be changed."""
    rows = Entry.objects.select_for_update(of=("self",))
    entry = rows.select_related("edition", "section", "organisation").get(pk=frame.entry_id)
    require_editable(entry, user)

"""The verbs of a work's files: each is a frame, in its place from the first byte on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from competition.entries.checks import (
    EntryRefused,
    refused_file,
    require_editable,
    require_free_frame,
    require_quota,
)
from competition.entries.models import Entry, Frame
from competition.entries.queries import (
    copies_of_frame,
    is_in_revision,
    lock_entry,
    lock_with_organisation,
)
from media_processing.models import MediaAsset
from media_processing.services import (
    UploadRefused,
    begin_upload,
    discard_asset,
    received,
)
from portal.accounts.models import User

APART = 1000  # further than any position, so that two frames never share one on the way


def add_frame(*, entry: Entry, file: IO[bytes], name: str, user: User, caption: str = "") -> Frame:
    """Receive a file as the work's last frame; a worker looks at it later.

    Raises EntryRefused: can't be changed now, no frame is free, or the file is refused at once.
    """
    require_free_frame(entry)
    with _received(entry, file, name, user) as asset:
        locked = _lock_for_file(entry, asset.byte_size, user)
        return _append_frame(locked, asset, caption)


def replace_frame(*, frame: Frame, file: IO[bytes], name: str, user: User) -> Frame:
    """Put another file in a frame's place. Raises EntryRefused like add_frame."""
    with _received(frame.entry, file, name, user) as asset:
        locked = _lock_for_file(frame.entry, asset.byte_size, user, replaced=frame)
        return _exchange(locked, frame, asset)


@transaction.atomic
def begin_frame(
    *, entry: Entry, name: str, byte_size: int, user: User, replaced: Frame | None = None
) -> Frame:
    """Reserve a frame for a file whose bytes come later: the last one, or a frame's place.

    A replaced file goes now, so that a work never has two files for one place.
    Raises EntryRefused like add_frame, and Frame.DoesNotExist when `replaced` is gone.
    """
    locked = _lock_for_file(entry, byte_size, user, replaced)
    try:
        asset = begin_upload(
            rules=locked.section.media_rules,
            name=name,
            byte_size=byte_size,
            user=user,
            on_behalf_of=_turns_of(locked),
        )
    except UploadRefused as refusal:
        raise refused_file(refusal) from refusal
    return _exchange(locked, replaced, asset) if replaced else _append_frame(locked, asset)


def drop_unfinished_frame(asset: MediaAsset) -> None:
    """Give the place of an upload free whose sender takes it back."""
    frame = Frame.objects.select_related("entry").filter(asset=asset).first()
    if frame is None:
        return
    locked = lock_entry(frame.entry)
    frame.delete()
    _number_frames(locked, list(locked.frames.values_list("pk", flat=True)))


@transaction.atomic
def remove_frame(*, frame: Frame, user: User) -> None:
    """Take a frame out; its file goes too, unless a submitted revision names it."""
    locked = lock_entry(frame.entry)
    require_editable(locked, user)
    asset = frame.asset
    Frame.objects.filter(pk=frame.pk).delete()
    _release(asset, locked)
    _number_frames(locked, list(locked.frames.values_list("pk", flat=True)))


@transaction.atomic
def choose_cover(*, frame: Frame, user: User) -> None:
    """Let this frame stand for the work in lists and on cards."""
    locked = lock_entry(frame.entry)
    require_editable(locked, user)
    locked.frames.filter(is_cover=True).exclude(pk=frame.pk).update(is_cover=False)
    locked.frames.filter(pk=frame.pk).update(is_cover=True)
    locked.save(update_fields=["updated_at"])


@transaction.atomic
def order_frames(*, entry: Entry, frame_ids: Sequence[int], user: User) -> None:
    """Put the work's frames in this order. Raises EntryRefused unless each is named once."""
    locked = lock_entry(entry)
    require_editable(locked, user)
    if sorted(frame_ids) != sorted(locked.frames.values_list("pk", flat=True)):
        raise EntryRefused(
            _("The pictures have changed in the meantime. Please look at the list and try again.")
        )
    _number_frames(locked, frame_ids)


# --- what they share ----------------------------------------------------------------------


def _lock_for_file(
    entry: Entry, byte_size: int, user: User, replaced: Frame | None = None
) -> Entry:
    """Return the row, held, when a file of this size may come now. Raises EntryRefused."""
    # One lock for the quota, which counts the files of all the organisation's works.
    locked = lock_with_organisation(entry)
    require_editable(locked, user)
    if replaced is None:
        require_free_frame(locked)
    require_quota(locked, byte_size, replaced)
    return locked


def _append_frame(entry: Entry, asset: MediaAsset, caption: str = "") -> Frame:
    last = entry.frames.last()
    position = last.position + 1 if last else 1
    return Frame.objects.create(entry=entry, asset=asset, position=position, caption=caption)


def _exchange(entry: Entry, frame: Frame, asset: MediaAsset) -> Frame:
    """Put the asset in the frame's place. Raises Frame.DoesNotExist."""
    current = entry.frames.select_related("asset").get(pk=frame.pk)
    old, current.asset = current.asset, asset
    # What was found, or dismissed, was of the old file; the new one is compared when it is ready.
    current.compared_at = None
    current.save(update_fields=["asset", "compared_at"])
    copies_of_frame(frame).delete()
    _release(old, entry)
    return current


@contextmanager
def _received(entry: Entry, file: IO[bytes], name: str, user: User) -> Iterator[MediaAsset]:
    """Store the file; only then may the block lock rows. Raises EntryRefused."""
    require_editable(entry, user)
    turns = _turns_of(entry)
    try:
        with received(
            [(name, file)], rules=entry.section.media_rules, user=user, on_behalf_of=turns
        ) as [asset]:
            yield asset
    except UploadRefused as refusal:
        raise refused_file(refusal) from refusal


def _turns_of(entry: Entry) -> str:
    """Return the name under which the work's files wait for a worker."""
    return f"organisation-{entry.organisation_id}"


def _release(asset: MediaAsset, entry: Entry) -> None:
    """Discard a file that is no frame any more, unless a submitted revision names it."""
    if not is_in_revision(asset, entry):
        discard_asset(asset)


def _number_frames(entry: Entry, frame_ids: Sequence[int]) -> None:
    """Number the frames 1, 2, 3..., in two steps: no two may share a position meanwhile."""
    frames = Frame.objects.in_bulk(frame_ids)
    entry.frames.update(position=F("position") + APART)
    for position, pk in enumerate(frame_ids, start=1):
        frames[pk].position = position
    Frame.objects.bulk_update(frames.values(), ["position"])

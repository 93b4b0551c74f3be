"""The verbs of an uploaded file."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from media_processing import multipart, signing, unfinished
from media_processing.caption_tracks import delete_unnamed
from media_processing.leases import ask_for_renewal
from media_processing.models import MediaAsset, original_path
from media_processing.overview import given_up
from media_processing.queries import received_bytes
from media_processing.rules import (
    MediaRules,
    UploadRefused,
    check_name,
    check_pixels,
    check_seconds,
    check_size,
)
from media_processing.signals import upload_cancelled
from media_processing.states import AssetState, Reason
from media_processing.tasks import enqueue

__all__ = [
    "UploadRefused",
    "adopt_rules",
    "begin_upload",
    "cancel_upload",
    "discard_asset",
    "expire_upload",
    "finish_upload",
    "note_progress",
    "original_link",
    "received",
    "retry_all_failed",
    "retry_asset",
    "take_upload",
]

logger = logging.getLogger(__name__)

NAME_LENGTH, EXTENSION_LENGTH = 255, 10


# --- arriving -----------------------------------------------------------------------------


@contextmanager
def received(
    files: Sequence[tuple[str, IO[bytes]]], *, rules: MediaRules, user: Any, on_behalf_of: str = ""
) -> Iterator[list[MediaAsset]]:
    """Keep these files as originals; in the block, one transaction, their rows get an owner.

    They are processed once it is committed; nothing is decoded here. A block that fails takes the
    files with it; a process killed on the way leaves bytes without a row, never a row without an
    owner. `files`: what the person called each, and the open or uploaded file; `on_behalf_of`
    says whose turns in the queue they take, e.g. organisation-12.
    Raises UploadRefused for what can be told at once: an empty or too large file.
    """
    contents = [(name, file if isinstance(file, File) else File(file)) for name, file in files]
    for _name, content in contents:
        check_size(rules, content.size)
    # Before the transaction: half a gigabyte takes its time.
    assets = [_keep(content, name, rules, user, on_behalf_of) for name, content in contents]
    with transaction.atomic():
        try:
            for asset in assets:
                asset.save()
                transaction.on_commit(partial(enqueue, asset))
            yield assets
        except BaseException:
            for asset in assets:
                asset.original.delete(save=False)
            raise


def _keep(content: File, name: str, rules: MediaRules, user: Any, on_behalf_of: str) -> MediaAsset:
    asset = _new_asset(rules, name, content.size, user, on_behalf_of)
    asset.original.save("original", content, save=False)  # the path is made from the id
    return asset


def begin_upload(
    *, rules: MediaRules, name: str, byte_size: int, user: Any, on_behalf_of: str = ""
) -> MediaAsset:
    """Announce a file whose bytes come later, maybe in many pieces; until then it expires.

    Raises UploadRefused for what its size and name tell. Whether they come through the site or go
    straight to an object storage shows when the first do.
    """
    check_size(rules, byte_size)
    check_name(rules, name)
    asset = _new_asset(rules, name, byte_size, user, on_behalf_of)
    asset.state = AssetState.UPLOADING
    asset.expires_at = _next_expiry()
    asset.original.name = original_path(asset, "")  # where it will be
    asset.save()
    return asset


def take_upload(asset: MediaAsset, content: File) -> None:
    """Let all bytes of an announced file come at once, from a file that is here already."""
    multipart.drop(asset, asset.multipart_id)
    asset.multipart_id = ""
    asset.save(update_fields=["multipart_id"])
    unfinished.remove(asset.pk)
    unfinished.append(asset.pk, content.chunks(), at=0, most=asset.byte_size)
    finish_upload(asset)


def note_progress(asset: MediaAsset, received: int) -> None:
    """Keep the row's percent true, and the upload from expiring."""
    asset.expires_at = _next_expiry()
    asset.percent = 100 * received // asset.byte_size
    MediaAsset.objects.filter(pk=asset.pk, state=AssetState.UPLOADING).update(
        expires_at=asset.expires_at, percent=asset.percent
    )


def finish_upload(asset: MediaAsset) -> None:
    """Make the complete upload the asset's original and have it processed, like any other.

    Does nothing while bytes are missing. Harmless when run again, or killed on the way: the
    file moves once, the state changes once. An object of another length is refused and removed.
    Raises MediaAsset.DoesNotExist when the asset was removed meanwhile.
    """
    is_whole = _join_parts(asset) if asset.multipart_id else _move_bytes(asset)
    if not is_whole:
        return
    with transaction.atomic():
        arrived = MediaAsset.objects.filter(pk=asset.pk, state=AssetState.UPLOADING).update(
            state=AssetState.RECEIVED,
            percent=0,
            expires_at=None,
            multipart_id="",
            created_at=timezone.now(),
        )
        if arrived:
            transaction.on_commit(partial(enqueue, asset))
    try:
        asset.refresh_from_db()
    except MediaAsset.DoesNotExist:
        asset.original.storage.delete(original_path(asset, ""))
        raise


def _move_bytes(asset: MediaAsset) -> bool:
    if received_bytes(asset) < asset.byte_size:
        return False
    with unfinished.complete(asset.pk) as content:
        if content is not None:
            asset.original.save("original", content, save=False)
            unfinished.remove(asset.pk)  # a storage elsewhere has copied it
    return True


def _join_parts(asset: MediaAsset) -> bool:
    size = multipart.complete(asset)
    if size is None or size == asset.byte_size:
        return size is not None
    logger.warning("upload %s came with %d bytes, not %d", asset.pk, size, asset.byte_size)
    if _give_up(MediaAsset.objects.filter(pk=asset.pk), timezone.now()):
        asset.original.storage.delete(str(asset.original.name))
    asset.refresh_from_db()
    return False


@transaction.atomic
def cancel_upload(asset: MediaAsset) -> bool:
    """Take an unfinished upload back; False when it has ended already."""
    rows = MediaAsset.objects.select_for_update()
    locked = rows.filter(pk=asset.pk, state=AssetState.UPLOADING).first()
    if locked is None:
        return False
    upload_cancelled.send(MediaAsset, asset=locked)
    discard_asset(locked)
    return True


def expire_upload(asset: MediaAsset, now: datetime) -> bool:
    """Give an unfinished upload up when its time is over; False when it went on meanwhile."""
    expired = _give_up(MediaAsset.objects.filter(pk=asset.pk, expires_at__lt=now), now)
    if expired:
        unfinished.remove(asset.pk)
        multipart.drop(asset, asset.multipart_id)
    return expired


def _give_up(assets: QuerySet[MediaAsset], now: datetime) -> bool:
    """Refuse what is still awaited of these; its bytes are for the caller to remove."""
    return bool(
        assets.filter(state=AssetState.UPLOADING).update(
            state=AssetState.REFUSED,
            reason=Reason.NOT_UPLOADED,
            percent=0,
            expires_at=None,
            multipart_id="",
            finished_at=now,
        )
    )


def _new_asset(
    rules: MediaRules, name: str, byte_size: int, user: Any, on_behalf_of: str
) -> MediaAsset:
    return MediaAsset(
        kind=rules.kind,
        uploaded_by=user,
        on_behalf_of=on_behalf_of,
        original_name=shown_name(name),
        byte_size=byte_size,
        rules=rules.as_json(),
    )


def _next_expiry() -> datetime:
    return timezone.now() + timedelta(hours=settings.MEDIA_PROCESSING["UPLOAD_HOURS"])


# --- afterwards ---------------------------------------------------------------------------


def retry_asset(*, asset: MediaAsset, actor: Any) -> None:
    """Try a failed or refused asset again from the start, with all its attempts.

    Does nothing when it has not ended yet, is ready, or has no file to try. One that is ready
    and could not be made anew is asked for again; what is shown stays.
    """
    with transaction.atomic():
        this = MediaAsset.objects.filter(pk=asset.pk).exclude(reason=Reason.NOT_UPLOADED)
        again = ask_for_renewal(this.exclude(reason="")) or this.filter(
            state__in=[AssetState.FAILED, AssetState.REFUSED]
        ).update(
            state=AssetState.RECEIVED,
            attempts=0,
            percent=0,
            reason="",
            reason_values={},
            finished_at=None,
        )
        asset.refresh_from_db()
        if again:
            log(instance=asset, action="media.asset.retry", user=actor, data={})
            transaction.on_commit(partial(enqueue, asset))


def retry_all_failed(*, actor: Any) -> int:
    """Try everything again that we could not do; return how many files."""
    assets = list(given_up())
    for asset in assets:
        retry_asset(asset=asset, actor=actor)
    return len(assets)


def adopt_rules(asset: MediaAsset, rules: MediaRules) -> bool:
    """Hold the file to other rules from now on; False while a worker has it by the old ones.

    Raises UploadRefused when what is known of the file does not fit them.
    """
    if asset.media_rules == rules:
        return True
    check_name(rules, asset.original_name)
    check_size(rules, asset.byte_size)
    if asset.is_ready:
        check_pixels(rules, asset.width or 0, asset.height or 0)
        if rules.kind == "video":
            check_seconds(rules, asset.seconds or 0)
    free = MediaAsset.objects.filter(pk=asset.pk).exclude(state=AssetState.PROCESSING)
    return bool(free.update(rules=rules.as_json()))


def discard_asset(asset: MediaAsset) -> None:
    """Remove the asset's row, its original and everything made from it."""
    with transaction.atomic():
        derived, tracks = asset.derivatives.all(), asset.captions.all()
        names = [*derived.values_list("file", flat=True), *tracks.values_list("file", flat=True)]
        storage, original = asset.original.storage, str(asset.original.name)
        upload, digest = asset.pk, asset.sha256
        asset.delete()
        transaction.on_commit(partial(storage.delete, original))
        transaction.on_commit(partial(unfinished.remove, upload))
        transaction.on_commit(partial(multipart.drop, asset, asset.multipart_id))
        transaction.on_commit(partial(_delete_unused, names, digest))


def original_link(asset: MediaAsset, user: Any) -> str:
    """Return a path by which this user, and no other, can fetch the original for 10 minutes.

    Who may have one is for the caller to decide.
    """
    return signing.original_path(asset, user)


def shown_name(name: str) -> str:
    """Return the name as it may be shown: the last part, printable, at most 255 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(char for char in last if char.isprintable()).strip()
    stem, dot, extension = printable.rpartition(".")
    if len(printable) <= NAME_LENGTH or not dot or len(extension) > EXTENSION_LENGTH:
        return printable[:NAME_LENGTH]
    return stem[: NAME_LENGTH - len(extension) - 1] + dot + extension


def _delete_unused(names: list[str], sha256: str) -> None:
    """Delete derived files, unless the same picture was uploaded twice and still needs them.

    A twin in work, for the first time or anew, has no rows for its files yet; they are left to it.
    """
    if MediaAsset.objects.filter(sha256=sha256, lease_until__isnull=False).exists():
        return
    delete_unnamed(names)

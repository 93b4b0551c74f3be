"""Gives up uploads that nobody finished, and finds files that nothing points at any more."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.core.cache import cache
from django.core.files.storage import Storage
from django.db.models import FileField, Q
from django.utils import timezone

from media_processing import multipart, unfinished
from media_processing.models import MediaAsset
from media_processing.services import expire_upload, finish_upload
from media_processing.states import AssetState
from media_processing.storage import derivatives, originals
from portal.outages import is_outage

logger = logging.getLogger(__name__)

# Younger files may belong to a row that is being written.
SPARED = timedelta(days=1)
DAILY = "media-files-collected"
DAY_SECONDS = 24 * 60 * 60


def sweep_uploads(now: datetime) -> None:
    """End what was left at the end of an upload, give up what expired; once a day, tidy up."""
    uploading = MediaAsset.objects.filter(state=AssetState.UPLOADING)
    # Some lack no byte: their web process was killed just before it said so.
    for asset in uploading.filter(Q(percent=100) | Q(expires_at__lt=now)):
        try:
            finish_upload(asset)
        except MediaAsset.DoesNotExist:
            continue  # taken back meanwhile
        except Exception as error:
            if not is_outage(error):
                raise
            logger.warning("upload %s is complete, but cannot be kept now: %s", asset.pk, error)
            continue  # what is complete never expires
        if expire_upload(asset, now):
            logger.info("upload %s was not finished in time", asset.pk)
    if cache.add(DAILY, now.isoformat(), DAY_SECONDS):
        _collect_unless_away()


def _collect_unless_away() -> None:
    try:
        collect_files()
    except Exception as error:
        if not is_outage(error):
            raise
        logger.warning("files cannot be collected now: %s", error)
        cache.delete(DAILY)  # the next sweep tries again, not tomorrow's


def collect_files(*, dry_run: bool = False) -> list[str]:
    """Delete files older than a day that have no row; return their names.

    With `dry_run` they are only named.
    """
    before = timezone.now() - SPARED
    found = [*_without_row("originals", originals(), before, dry_run)]
    found += _without_row("derivatives", derivatives(), before, dry_run)
    found += _without_upload(before, dry_run)
    found += [f"parts/{name}" for name in multipart.drop_forgotten(before, dry_run=dry_run)]
    if found and not dry_run:
        logger.warning("deleted %d file(s) that nothing pointed at", len(found))
    return found


def _without_row(alias: str, storage: Storage, before: datetime, dry_run: bool) -> Iterator[str]:
    fields = list(_file_fields())
    used = {name for field in fields for name in _names(field)}
    for name in all_files(storage):
        if name in used or storage.get_modified_time(name) >= before:
            continue
        if any(field.model._default_manager.filter(**{field.name: name}) for field in fields):
            continue  # its row was written while we looked
        if not dry_run:
            storage.delete(name)
        yield f"{alias}/{name}"


def _without_upload(before: datetime, dry_run: bool) -> Iterator[str]:
    going_on = MediaAsset.objects.filter(state=AssetState.UPLOADING)
    kept = {pk.hex for pk in going_on.values_list("pk", flat=True)}
    for path in unfinished.place().iterdir():
        if path.name in kept or path.stat().st_mtime >= before.timestamp():
            continue
        if not dry_run:
            path.unlink(missing_ok=True)
        yield f"unfinished/{path.name}"


def _file_fields() -> Iterator[FileField]:
    """Yield every field that names files: other rooms keep private papers in our storage too.

    No name is in two storages.
    """
    for model in apps.get_models():
        yield from (one for one in model._meta.get_fields() if isinstance(one, FileField))


def _names(field: FileField) -> Iterator[str]:
    return field.model._default_manager.values_list(field.name, flat=True).iterator()


def all_files(storage: Storage) -> Iterator[str]:
    """Yield the name of every file in the storage. A bucket tells a thousand at once."""
    names = getattr(storage, "names", None)
    return names() if names else _below(storage, "")


def _below(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever kept
        return
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in files)
    for one in folders:
        yield from _below(storage, f"{prefix}{one}")

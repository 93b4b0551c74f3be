"""Refuses to start when originals could be read by anybody."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages

HINT = "Give STORAGES['originals'] a private place of its own; see docs/settings.md."

BUCKETS = "Give S3_DERIVATIVES_BUCKET a bucket of its own."


@register()
def check_storages(**kwargs: Any) -> list[CheckMessage]:
    """Check that originals are kept, in private, apart from everything that is served."""
    missing = [alias for alias in ("originals", "derivatives") if alias not in settings.STORAGES]
    if missing:
        return [Error(f"STORAGES lacks {', '.join(missing)}.", hint=HINT, id="media.E001")]
    try:
        originals, derivatives = storages["originals"], storages["derivatives"]
    except InvalidStorageError as error:
        return [Error(str(error), hint=HINT, id="media.E001")]
    private = {
        "Originals": _location(originals),
        "Unfinished uploads": settings.MEDIA_PROCESSING["UNFINISHED_DIR"],
    }
    folders = [found for what, place in private.items() for found in _check_folder(what, place)]
    return [*_check_address(originals), *_check_buckets(originals, derivatives), *folders]


def _check_address(originals: Storage) -> list[CheckMessage]:
    try:
        address = originals.url("an-original")
    except (ValueError, NotImplementedError):
        return []
    return [Error(f"Originals have a public address: {address}", hint=HINT, id="media.E002")]


def _check_buckets(originals: Storage, derivatives: Storage) -> list[CheckMessage]:
    """Who may read a bucket is said of the whole of it: one is private, one public."""
    buckets = [getattr(one, "bucket_name", None) for one in (originals, derivatives)]
    if not buckets[0] or buckets[0] != buckets[1]:
        return []
    words = f"Originals and derivatives share a bucket: {buckets[0]}"
    return [Error(words, hint=BUCKETS, id="media.E004")]


def _check_folder(what: str, place: Any) -> list[CheckMessage]:
    private = _folder(place)
    if private is None:
        return []
    places = {
        "the derivatives": _location(storages["derivatives"]),
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "STATIC_ROOT": settings.STATIC_ROOT,
    }
    return [
        Error(f"{what} and {name} share a folder: {private}", hint=HINT, id="media.E003")
        for name, place in places.items()
        if (public := _folder(place))
        and (private.is_relative_to(public) or public.is_relative_to(private))
    ]


def _location(storage: Storage) -> str | None:
    return storage.location if isinstance(storage, FileSystemStorage) else None


def _folder(place: Any) -> Path | None:
    return Path(place).resolve() if place else None

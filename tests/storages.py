"""What tests do to a storage, whether it is a folder or a bucket."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.http.response import HttpResponseBase

from media_processing.collect import all_files

IN_BUCKETS = "FileSystemStorage" not in settings.STORAGES["originals"]["BACKEND"]

# Of few tests: what they look at is the disk itself.
disk_only = pytest.mark.skipif(
    IN_BUCKETS,
    reason="it is about files on disk, which an object storage has none of",
)

# What the site answers with a private file, or with a link to it.
HANDED_OUT = HTTPStatus.FOUND if IN_BUCKETS else HTTPStatus.OK


def on_disk(storage: Storage) -> bool:
    return isinstance(storage, FileSystemStorage)


def names(storage: Storage) -> set[str]:
    """Return the names of all files."""
    return set(all_files(storage))


def empty(storage: Storage) -> None:
    """Delete every file."""
    for name in names(storage):
        storage.delete(name)


def replace(storage: Storage, name: str, content: bytes) -> None:
    """Put other bytes in a file's place."""
    storage.delete(name)
    assert storage.save(name, ContentFile(content)) == name


def content(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


def arrived(response: HttpResponseBase) -> tuple[bytes, Mapping[str, str]]:
    """Return what a browser has in the end and its headers: of this site, or of the bucket."""
    if response.status_code != HTTPStatus.FOUND:
        return response.getvalue(), response.headers
    with urlopen(response.url, timeout=30) as answer:
        return answer.read(), answer.headers


def copied(storage: Storage, name: str, folder: Path) -> Path:
    """Return a copy in a folder, for programs that read files."""
    target = folder / Path(name).name
    target.write_bytes(content(storage, name))
    return target

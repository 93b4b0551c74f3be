"""The site's files: those that rows name, in whatever storages they lie."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db.models import FileField

from media_processing.collect import all_files
from portal.backup import rows
from portal.backup.folder import KeptFile, content, keep_content, pieces_of
from portal.backup.refusals import BackupRefused

STORAGES = ("default", "originals", "derivatives")
# What is made from the originals can be made anew. Subtitles lie beside it, but were uploaded.
MADE_ANEW = "media_processing.derivative"

Place = tuple[str, str]


def named_files(*, derivatives: bool) -> list[Place]:
    """Return the storage and name of each file that a row names, each once."""
    found: set[Place] = set()
    for table in rows.tables(apps):
        if table._meta.label_lower == MADE_ANEW and not derivatives:
            continue
        for field in table._meta.local_concrete_fields:
            if isinstance(field, FileField):
                names = table._base_manager.values_list(field.attname, flat=True)
                alias = _alias(field.storage)
                found |= {(alias, name) for name in names.iterator() if name}
    return sorted(found)


def keep(folder: Path, place: Place, known: dict[tuple[str, str, int, str], str]) -> KeptFile:
    """Copy the file's content, unless it is there. Raises FileNotFoundError: it is gone."""
    alias, name = place
    storage = storages[alias]
    size = storage.size(name)
    modified = storage.get_modified_time(name).isoformat()
    sha256 = known.get((alias, name, size, modified), "")
    if not _is_there(folder, sha256, size):
        with storage.open(name) as source:
            sha256 = keep_content(folder, pieces_of(source))
    return KeptFile(alias, name, size, modified, sha256)


def put_back(folder: Path, kept: KeptFile) -> None:
    """Save the file where it lay; one that is there already stays.

    Raises BackupRefused when another one is there.
    """
    storage, source = storages[kept.storage], content(folder, kept.sha256)
    if storage.exists(kept.name):
        if _is_same(storage, kept):
            return
        if storage.size(kept.name) >= kept.size:
            raise BackupRefused(f"Another {kept.storage}/{kept.name} is there already.")
        storage.delete(kept.name)  # half of it, from a restore that was killed
    with source.open("rb") as file:
        name = storage.save(kept.name, File(file))
    if name != kept.name:
        raise BackupRefused(f"{kept.storage}/{kept.name} was saved as {name}.")


def strange_files(expected: set[Place]) -> Iterator[Place]:
    """Yield the files that lie in the storages without being expected there."""
    for alias in STORAGES:
        for name in all_files(storages[alias]):
            if (alias, name) not in expected:
                yield alias, name


def _alias(storage: Storage) -> str:
    return next(alias for alias in STORAGES if storages[alias] == storage)


def _is_there(folder: Path, sha256: str, size: int) -> bool:
    if not sha256:
        return False
    path = content(folder, sha256)
    return path.exists() and path.stat().st_size == size


def _is_same(storage: Storage, kept: KeptFile) -> bool:
    if storage.size(kept.name) != kept.size:
        return False
    with storage.open(kept.name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == kept.sha256

"""Two storages: originals are private, derivatives are public and content-addressed.

Those on disk; in buckets they are `object_storage.py`. `internal` is what deploy/nginx calls
the folder when it hands out the file (FILES_BY).
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages


class SiteFileSystemStorage(FileSystemStorage):
    """Editors' pictures, drawn ones, ledgers."""

    internal = "/x-site-media/"


class PrivateFileSystemStorage(FileSystemStorage):
    """Originals on disk: readable by this site's own user only, and no address leads to them."""

    internal = "/x-originals/"

    def __init__(self, **options: Any) -> None:
        options.setdefault("file_permissions_mode", 0o600)
        options.setdefault("directory_permissions_mode", 0o700)
        super().__init__(**options)

    def url(self, name: str | None) -> str:
        """Raise ValueError: an original is handed out by a signed link only."""
        raise ValueError("An original has no public address.")


class DerivativeFileSystemStorage(FileSystemStorage):
    """Derivatives on disk. A name is the hash of the content: there in full, or not there."""

    internal = "/x-derivatives/"

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name itself: whoever writes it again writes the same bytes."""
        return name

    def _save(self, name: str, content: File) -> str:
        """Write beside the place, then rename: no reader ever meets half a file."""
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as target:
                for chunk in content.chunks():
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
                os.fchmod(target.fileno(), 0o644)
            os.replace(unfinished, path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return name


def _storage(alias: str) -> Storage:
    # Without the setting nothing can be kept; the system check says so in plain words,
    # which an exception while models are imported would not.
    return storages[alias] if alias in storages.backends else Storage()


def originals() -> Storage:
    """Return the private storage. A callable, so that migrations name no folder."""
    return _storage("originals")


def derivatives() -> Storage:
    """Return the public storage of what was made from the originals."""
    return _storage("derivatives")

"""The bytes of uploads that are not complete yet: one private file each, named by our id.

They are appended piece by piece, each under a lock and only where the file ends, so of two
requests that write at once one is stopped, and no byte is ever written twice. The lock is not
held while the line is waited for: a connection that died unnoticed blocks nobody.
"""

import fcntl
import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File

from media_processing.tus import Checksum

PIECE_BYTES = 64 * 1024


class Overtaken(Exception):
    """Another request has written to the same upload meanwhile."""


class TooMuch(Exception):
    """More bytes came than the upload is to have. Those beyond were not kept."""


class ChecksumDiffers(Exception):
    """The body is not what its sender hashed. None of it was kept."""


class ArrivedFile(File):
    """A complete upload. A storage on the same disk moves it, any other copies it."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        super().__init__(file)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)


def place() -> Path:
    """Return the folder, which only this site's user can read."""
    folder = Path(settings.MEDIA_PROCESSING["UNFINISHED_DIR"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(upload: uuid.UUID) -> Path:
    return place() / upload.hex


def size_of(upload: uuid.UUID) -> int | None:
    """Return how many bytes are there; None when there is no such file (yet, or any more)."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError:
        return None


def remove(upload: uuid.UUID) -> None:
    """Delete the bytes, if there are any."""
    path_of(upload).unlink(missing_ok=True)


def append(upload: uuid.UUID, pieces: Iterable[bytes], *, at: int, most: int) -> int:
    """Append the pieces from byte `at` on, each as it comes; return where the file ends now.

    Raises Overtaken when the file ends elsewhere, TooMuch when it would have over `most` bytes.
    """
    handle = os.open(path_of(upload), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "wb", buffering=0) as file:
        for piece in pieces:
            if at + len(piece) > most:
                raise TooMuch
            with _locked(file):
                if os.fstat(file.fileno()).st_size != at:
                    raise Overtaken
                at += _write(file, piece)
    return at


def append_checked(
    upload: uuid.UUID, pieces: Iterable[bytes], *, at: int, most: int, checksum: Checksum
) -> int:
    """Append the pieces, but not before all of them are there and hash to `checksum`.

    Raises ChecksumDiffers, and what `append` raises.
    """
    digest = checksum.hasher()
    with tempfile.TemporaryFile(dir=place()) as body:
        for piece in pieces:
            if at + body.tell() + len(piece) > most:
                raise TooMuch
            digest.update(piece)
            body.write(piece)
        if not checksum.matches(digest.digest()):
            raise ChecksumDiffers
        body.seek(0)
        again = iter(partial(body.read, PIECE_BYTES), b"")
        return append(upload, again, at=at, most=most)


@contextmanager
def complete(upload: uuid.UUID) -> Iterator[ArrivedFile | None]:
    """Yield the complete file, on disk for good, to one caller at a time.

    None when there is no such file: it was moved, or never begun.
    """
    try:
        file = path_of(upload).open("rb")
    except FileNotFoundError:
        yield None
        return
    with file, _locked(file):
        os.fsync(file.fileno())
        # Whoever waited for the lock may find that the one before has moved the file.
        yield ArrivedFile(file, path_of(upload)) if _is_still_there(file, upload) else None


@contextmanager
def _locked(file: BinaryIO) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _is_still_there(file: BinaryIO, upload: uuid.UUID) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path_of(upload).stat())
    except FileNotFoundError:
        return False


def _write(file: BinaryIO, piece: bytes) -> int:
    """Write all of it: a raw file may take less at once."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]
    return len(piece)

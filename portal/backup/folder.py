"""The folder of backups: each in a folder named by its moment, the files of all in one place.

FOLDER/files/ab/abcd...          a file of the site, named by its SHA-256: kept once
FOLDER/20261127T031500Z/         one backup
    rows/<table>.jsonl.gz        its rows, one a line
    files.jsonl                  which file lies where in which storage
    manifest.json                tables, columns, counts, migrations
    SHA256SUMS                   of all these; `sha256sum -c` reads it
FOLDER/....unfinished/           one that was not ended; its files are not copied again
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.backup.refusals import BackupRefused

FORMAT = 1
UNFINISHED = ".unfinished"
PIECE_BYTES = 1024 * 1024
MANIFEST, FILES, ROWS, SUMS = "manifest.json", "files.jsonl", "rows", "SHA256SUMS"


@dataclass(frozen=True)
class KeptFile:
    """A file of the site: where it lies there, and its content."""

    storage: str
    name: str
    size: int
    modified: str
    sha256: str

    @property
    def place(self) -> tuple[str, str, int, str]:
        """Return what is the same as long as the content is."""
        return self.storage, self.name, self.size, self.modified


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Make the folder, for this user alone; whoever else makes a backup here is refused."""
    before = os.umask(0o077)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupRefused(f"Another backup is being made in {folder}.") from error
            yield
    finally:
        os.umask(before)


def backups(folder: Path) -> list[Path]:
    """Return the finished backups, the oldest first."""
    return sorted(path.parent for path in folder.glob(f"*Z/{SUMS}"))


def unfinished(folder: Path) -> list[Path]:
    """Return what killed backups left behind."""
    return sorted(folder.glob(f"*{UNFINISHED}"))


def begin(folder: Path, now: datetime) -> Path:
    """Make the folder of a new backup; it is not one before it has its name."""
    path = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{UNFINISHED}"
    (path / ROWS).mkdir(parents=True)
    return path


def finish(path: Path, manifest: dict[str, Any]) -> Path:
    """Write what tells a whole backup, the sums last, and give the folder its name."""
    with (path / MANIFEST).open("w") as file:
        json.dump({"format": FORMAT, **manifest}, file, ensure_ascii=False, indent=1)
    names = [MANIFEST, FILES, *sorted(f"{ROWS}/{one.name}" for one in (path / ROWS).iterdir())]
    lines = [f"{digest_of(path / name)}  {name}\n" for name in names]
    for name in names:
        _to_disk(path / name)
    (path / SUMS).write_text("".join(lines))
    _to_disk(path / SUMS)
    _to_disk(path / ROWS)
    _to_disk(path)
    whole = path.with_name(path.name.removesuffix(UNFINISHED))
    path.rename(whole)
    _to_disk(whole.parent)
    return whole


def read_sums(path: Path) -> dict[str, str]:
    """Return the digest of each part, by its name. Raises BackupRefused: no whole backup."""
    try:
        lines = (path / SUMS).read_text().splitlines()
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{path} is not a whole backup.") from error


def read_manifest(path: Path) -> dict[str, Any]:
    """Return what the backup says of itself. Raises BackupRefused."""
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{path / MANIFEST} cannot be read.") from error
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"{path} was made by a program that this one does not know.")
    return manifest


def read_files(path: Path) -> Iterator[KeptFile]:
    """Yield the files that the backup names; of an unfinished one, as far as it came."""
    try:
        file = (path / FILES).open()
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                yield KeptFile(**json.loads(line))
            except ValueError:  # cut off by a kill; of a finished one the sums would tell
                return


def write_line(file: Any, kept: KeptFile) -> None:
    """Name one more file, so that a kill does not forget it."""
    file.write(f"{json.dumps(asdict(kept), ensure_ascii=False)}\n")
    file.flush()


def content(folder: Path, sha256: str) -> Path:
    """Return where the content with this digest lies."""
    return folder / "files" / sha256[:2] / sha256


def keep_content(folder: Path, pieces: Iterable[bytes]) -> str:
    """Write a content to its place, whole or not at all; return its digest."""
    incoming = folder / "files" / "incoming"
    incoming.parent.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    with incoming.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    target = content(folder, digest.hexdigest())
    target.parent.mkdir(exist_ok=True)
    incoming.rename(target)
    _to_disk(target.parent)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pieces_of(file: Any) -> Iterator[bytes]:
    """Yield the file's content, a megabyte at a time."""
    while piece := file.read(PIECE_BYTES):
        yield piece


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

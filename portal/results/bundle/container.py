"""The file around a bundle's parts: a ZIP of one fixed form, so that no byte of it is idle.

Members stand in a fixed order, stored, with one date and no extras. Whoever reads it needs no
trust in what the archive says of itself: its heads are built anew from the contents and compared.
Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
VERSION = 20  # 2.0, the oldest that knows folders and deflate
MADE_BY_UNIX = 3 << 8 | VERSION
RIGHTS = 0o100644 << 16
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1  # 1980-01-01, the first that a ZIP can say
CHUNK = 1 << 18  # bytes
MOST_BYTES = (1 << 32) - 1  # beyond it a ZIP has other heads
LONGEST_NAME = 40

Source = bytes | Path


class Damaged(Exception):
    """A bundle that cannot be read; the message says why."""


@dataclass(frozen=True)
class Member:
    """One file of the archive. `start`: where its bytes begin."""

    name: str
    size: int
    crc: int
    sha256: str
    start: int

    @property
    def head(self) -> bytes:
        """Return the local head, with the name."""
        name = self.name.encode()
        sizes = (self.crc, self.size, self.size, len(name), 0)
        return LOCAL.pack(b"PK\3\4", VERSION, 0, 0, MIDNIGHT, FIRST_DAY, *sizes) + name

    @property
    def entry(self) -> bytes:
        """Return its line of the directory at the end."""
        name = self.name.encode()
        offset = self.start - LOCAL.size - len(name)
        sizes = (self.crc, self.size, self.size, len(name), 0, 0, 0, 0, RIGHTS, offset)
        versions = (MADE_BY_UNIX, VERSION, 0, 0, MIDNIGHT, FIRST_DAY)
        return CENTRAL.pack(b"PK\1\2", *versions, *sizes) + name


def write_archive(file: BinaryIO, parts: Sequence[tuple[str, Source]]) -> None:
    """Write the archive of these parts, in this order. Raises Damaged: it grows too large."""
    members: list[Member] = []
    at = 0
    for name, source in parts:
        start = at + LOCAL.size + len(name.encode())
        with _opened(source) as opened:
            member = _measured(opened, name, start, MOST_BYTES)
            at = start + member.size
            if at > MOST_BYTES:
                raise Damaged("The bundle would be larger than 4 GB.")
            file.write(member.head)
            opened.seek(0)
            for piece in _pieces(opened, member.size):
                file.write(piece)
        members.append(member)
    file.write(_directory(members, at))


def read_archive(file: BinaryIO, names: Sequence[str]) -> dict[str, Member]:
    """Return the members by name, each read once. Raises Damaged.

    `names`: all that there may be, in their order; some may be missing.
    """
    members: list[Member] = []
    allowed = list(names)
    head = file.read(LOCAL.size)
    while head[:4] == b"PK\3\4":
        if len(head) < LOCAL.size:
            raise Damaged("The file is cut short.")
        size, length = LOCAL.unpack(head)[8], LOCAL.unpack(head)[9]
        name = file.read(length) if length <= LONGEST_NAME else b""
        place = next((at for at, one in enumerate(allowed) if one.encode() == name), None)
        if place is None:
            raise Damaged("The file holds something that is no part of a bundle, or in no order.")
        found = allowed[place]
        allowed = allowed[place + 1 :]
        member = _measured(file, found, file.tell(), size)
        if member.size < size:
            raise Damaged("The file is cut short.")
        if member.head != head + name:
            raise Damaged(f"{found}: its head in the archive does not fit its contents.")
        members.append(member)
        head = file.read(LOCAL.size)
    wanted = _directory(members, file.tell() - len(head))
    if head + file.read(len(wanted)) != wanted:
        raise Damaged("The end of the archive is not the one that its contents ask for.")
    return {member.name: member for member in members}


def read_member(file: BinaryIO, member: Member, most: int) -> bytes:
    """Return a member's bytes. Raises Damaged: there are more than `most`."""
    if member.size > most:
        raise Damaged(f"{member.name}: larger than this part of any bundle.")
    file.seek(member.start)
    return file.read(member.size)


def copy_member(file: BinaryIO, member: Member, path: Path) -> None:
    """Write a member's bytes to a file of its own."""
    file.seek(member.start)
    with path.open("wb") as copy:
        for piece in _pieces(file, member.size):
            copy.write(piece)


def _opened(source: Source) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _measured(file: BinaryIO, name: str, start: int, most: int) -> Member:
    crc, size, digest = 0, 0, hashlib.sha256()
    for piece in _pieces(file, most):
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        digest.update(piece)
    return Member(name, size, crc, digest.hexdigest(), start)


def _pieces(file: BinaryIO, most: int) -> Iterator[bytes]:
    while most and (piece := file.read(min(CHUNK, most))):
        most -= len(piece)
        yield piece


def _directory(members: Sequence[Member], offset: int) -> bytes:
    entries = b"".join(member.entry for member in members)
    counts = (0, 0, len(members), len(members), len(entries), offset, 0)
    return entries + END.pack(b"PK\5\6", *counts)

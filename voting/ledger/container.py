"""The file around a ledger's lines: gzip, of one fixed kind, so that no byte of it is idle."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

# Deflate, no name, no time, "unknown system": what does not depend on where it was made.
GZIP_HEAD = bytes.fromhex("1f8b08000000000002ff")
LEVEL = 6
CHUNK = 1 << 18  # bytes
GREATEST_LINE = 1 << 24  # bytes; the header of 100,000 works has 4 MB
# The file's name as it is published ends with the beginning of its digest.
_NAMED = re.compile(r"-([0-9a-f]{12})\.jsonl\.gz")


class Damaged(Exception):
    """A file that cannot be read; the message says why."""


def gzip_chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the gzip file of the lines, in pieces."""
    packer = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    checksum, size = 0, 0
    yield GZIP_HEAD
    for line in lines:
        checksum = zlib.crc32(line, checksum)
        size += len(line)
        if piece := packer.compress(line):
            yield piece
    yield packer.flush()
    yield checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


class LedgerFile:
    """A ledger being read. After `lines()` is read to its end, `digest` is the file's SHA-256."""

    def __init__(self, file: BinaryIO, name: str = "") -> None:
        self.file = file
        self.digest = ""
        named = _NAMED.search(name)
        self.named_digest = named.group(1) if named else ""

    def lines(self) -> Iterator[bytes]:
        """Yield the lines with their line feeds; a gzip file is unpacked. Raises Damaged."""
        head = self.file.read(len(GZIP_HEAD))
        self.file.seek(0)
        pieces = self._pieces()
        if head[:2] == GZIP_HEAD[:2]:
            if head != GZIP_HEAD:
                raise Damaged("The gzip header is not the one that ledgers are published with.")
            pieces = _unpacked(pieces)
        yield from _split(pieces)

    def _pieces(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        while piece := self.file.read(CHUNK):
            digest.update(piece)
            yield piece
        self.digest = digest.hexdigest()


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for piece in pieces:
            if unpacker.eof:
                raise Damaged("Something follows the end of the gzip file.")
            while piece:
                yield unpacker.decompress(piece, CHUNK)
                piece = unpacker.unconsumed_tail
            if unpacker.unused_data:
                raise Damaged("Something follows the end of the gzip file.")
    except zlib.error as error:
        raise Damaged(f"The gzip file is damaged: {error}.") from error
    if not unpacker.eof:
        raise Damaged("The gzip file is cut short.")


def _split(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        lines = io.BytesIO(rest + piece).readlines()
        rest = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
        if len(rest) > GREATEST_LINE:
            raise Damaged("A line is longer than any line of a ledger.")
        yield from lines
    if rest:
        yield rest

"""The tus 1.0.0 protocol: what its headers say, and its answers to what it refuses. Pure.

https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
OFFSET_STREAM = "application/offset+octet-stream"

# Below 2^63, which is what the row holds.
_COUNT = re.compile(r"\d{1,18}", re.ASCII)


class TusRefused(Exception):
    """A request the protocol has no place for. `status` is the answer's code."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Checksum:
    """What the body of one request must hash to."""

    algorithm: str
    digest: bytes

    def matches(self, found: bytes) -> bool:
        return found == self.digest

    def hasher(self) -> "hashlib._Hash":
        """Return what takes the body. It finds accidents, so MD5 and SHA-1 will do."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def require_version(header: str | None) -> None:
    """Raise TusRefused unless the client speaks our version."""
    if header != VERSION:
        raise TusRefused(412, f"This is tus {VERSION}.")


def require_stream(content_type: str | None) -> None:
    """Raise TusRefused unless the body is a stream of bytes."""
    if content_type != OFFSET_STREAM:
        raise TusRefused(415, f"Content-Type must be {OFFSET_STREAM}.")


def read_count(header: str | None, name: str) -> int:
    """Return the number of bytes in the header called `name`. Raises TusRefused."""
    if header is None or not _COUNT.fullmatch(header):
        raise TusRefused(400, f"{name} must be a number of bytes.")
    return int(header)


def read_metadata(header: str) -> dict[str, str]:
    """Return what Upload-Metadata says: keys, and values out of their base64.

    Values are text as somebody sent it: never a path. Raises TusRefused.
    """
    pairs = [pair.split(" ") for pair in re.split(r", *", header)] if header else []
    try:
        found = {key: _text(*value) for key, *value in pairs}
    except (TypeError, ValueError, binascii.Error) as error:
        raise TusRefused(400, "Upload-Metadata can't be read.") from error
    if "" in found or len(found) < len(pairs):
        raise TusRefused(400, "Upload-Metadata has an empty key, or one twice.")
    return found


def read_checksum(header: str | None) -> Checksum | None:
    """Return the checksum of the body, None when the client gave none. Raises TusRefused."""
    if header is None:
        return None
    algorithm, _space, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise TusRefused(400, f"Upload-Checksum must use one of {', '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise TusRefused(400, "Upload-Checksum can't be read.") from error
    checksum = Checksum(algorithm, digest)
    if len(digest) != checksum.hasher().digest_size:
        raise TusRefused(400, "Upload-Checksum has not the length of its kind.")
    return checksum


def require_offset(claimed: int, offset: int) -> None:
    """Raise TusRefused unless the client goes on where the bytes really end."""
    if claimed != offset:
        raise TusRefused(409, f"The upload goes on at byte {offset}.")


def require_fit(offset: int, coming: int | None, byte_size: int) -> None:
    """Raise TusRefused when a body said to have `coming` bytes goes beyond Upload-Length."""
    if coming is not None and offset + coming > byte_size:
        raise TusRefused(413, f"The upload has {byte_size} bytes, not more.")


def _text(encoded: str = "") -> str:
    return base64.b64decode(encoded, validate=True).decode()

"""The storages in buckets: private originals, public derivatives, the site's own files.

Nothing is copied to read it, neither into memory nor to disk: a film of gigabytes is read in
windows, each a request of its own, from where the reader stands.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import PurePath
from typing import Any

from boto3.s3.transfer import TransferConfig
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from media_processing.formats import DERIVATIVE_TYPES, FOR_EVER

WINDOW_BYTES = 8 * 1024**2
BUFFER_BYTES = 256 * 1024
TRIES = 3  # of a window whose line broke; a request itself is tried again by boto3

CLIENT = Config(
    signature_version="s3v4",
    connect_timeout=5,
    read_timeout=30,
    # A server that answers 503 is asked again after up to 1, 2 and 4 seconds.
    retries={"mode": "standard", "total_max_attempts": 4},
    # Not every S3 server knows the newer checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
# Bounds what one upload holds in memory: some parts of 8 MB.
TRANSFER = TransferConfig(max_concurrency=4)


class ObjectReader(io.RawIOBase):
    """An object read where it is asked for. A line that breaks is taken up where it broke."""

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        super().__init__()
        self._client, self._place, self._size = client, {"Bucket": bucket, "Key": key}, size
        self._at = self._end = 0  # where the reader stands, and where its window ends
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset != self._at:
            self._leave()
            self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        content = self._read(wanted) if wanted > 0 else b""
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def close(self) -> None:
        self._leave()
        super().close()

    def _read(self, most: int) -> bytes:
        for _try in range(TRIES - 1):
            with suppress(BotoCoreError):
                return self._read_window(most)
            self._leave()
        return self._read_window(most)

    def _read_window(self, most: int) -> bytes:
        if self._body is None or self._at >= self._end:
            self._leave()
            self._end = min(self._at + WINDOW_BYTES, self._size)
            window = f"bytes={self._at}-{self._end - 1}"
            self._body = self._client.get_object(**self._place, Range=window)["Body"]
        return self._body.read(min(most, self._end - self._at))

    def _leave(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class ObjectFile(File):
    """A file of a bucket, open for reading; may be closed and opened again."""

    def __init__(self, storage: "BucketStorage", name: str) -> None:
        self._storage = storage
        super().__init__(storage.reader(name), name)

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> "ObjectFile":
        if self.closed:
            self.file = self._storage.reader(str(self.name))
        self.seek(0)
        return self


@cache
def _session(*keys: str | None) -> Session:
    """Return this process's session: to read what S3 is takes it half a second, but once."""
    return Session(*keys)


_one_connects = threading.Lock()  # a session is not made for several threads at once


class BucketStorage(S3Storage):
    """What all of ours have in common: patience, and files that are read in windows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"client_config": CLIENT, "transfer_config": TRANSFER, **options})

    @property
    def connection(self) -> Any:
        """Return this thread's connection, made from the session of all threads."""
        with _one_connects:
            return super().connection

    def _create_session(self) -> Session:
        return _session(self.access_key, self.secret_key, self.security_token)

    @property
    def client(self) -> Any:
        """Return this thread's client of boto3."""
        return self.connection.meta.client

    def key(self, name: str) -> str:
        """Return what the file is called in its bucket."""
        return self._normalize_name(name)

    def reader(self, name: str) -> io.BufferedReader:
        """Return the file, open for reading. Raises FileNotFoundError."""
        raw = ObjectReader(self.client, self.bucket_name, self.key(name), self.size(name))
        return io.BufferedReader(raw, BUFFER_BYTES)

    def names(self) -> Iterator[str]:
        """Yield the name of every file: a thousand a request, whatever their folders."""
        prefix = f"{self.location}/" if self.location else ""
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket_name, Prefix=prefix):
            yield from (one["Key"].removeprefix(prefix) for one in page.get("Contents", ()))

    def _open(self, name: str, mode: str = "rb") -> File:
        return ObjectFile(self, name) if mode == "rb" else super()._open(name, mode)


class PrivateS3Storage(BucketStorage):
    """Originals in a bucket that only this site's key can read."""

    file_overwrite = False

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        """Raise ValueError: an original is handed out by a signed link only."""
        raise ValueError("An original has no public address.")

    def link(self, name: str, headers: dict[str, str]) -> str:
        """Return an address that works for ten minutes, and answers with these headers."""
        told = {
            "ResponseContentType": headers["Content-Type"],
            "ResponseContentDisposition": headers["Content-Disposition"],
            "ResponseCacheControl": "private, no-store",
        }
        return super().url(name, parameters=told)


class _WithAddresses(BucketStorage):
    """A storage whose files have addresses without a signature, here or elsewhere."""

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {"base_url": "", "public_url": ""}

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        """Return the file's lasting address."""
        if not self.public_url:
            return self.base_url + filepath_to_uri(name)
        return f"{self.public_url.rstrip('/')}/{filepath_to_uri(self.key(name or ''))}"


class SiteS3Storage(_WithAddresses):
    """Editors' pictures, drawn ones, ledgers: in the private bucket, since some have an hour.

    The site hands them out.
    """

    file_overwrite = False


class DerivativeS3Storage(_WithAddresses):
    """Derivatives in a bucket of their own. A name is the hash of the content.

    What is there already is written again: S3 replaces it at once, by the same bytes, and its
    newer date spares it from the collector until it has its row.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name itself: whoever writes it again writes the same bytes."""
        return name

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Return what every reader is told, whoever hands the file out."""
        kind = DERIVATIVE_TYPES.get(PurePath(name).suffix, self.default_content_type)
        return {"ContentType": kind, "CacheControl": FOR_EVER}

    def link(self, name: str, headers: dict[str, str]) -> str | None:
        """Return where anybody may read it; None when the site hands it out."""
        return self.url(name) if self.public_url else None

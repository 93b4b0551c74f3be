"""An original's bytes on their way to the object storage: parts of one upload, which it keeps.

The browser sends each part to an address signed for that part alone: its number, its length and
its SHA-256. What has arrived is what the storage says, never a number of ours.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import Storage

from media_processing.models import MediaAsset
from media_processing.object_storage import BucketStorage
from media_processing.states import AssetState
from media_processing.storage import originals

logger = logging.getLogger(__name__)

PART_BYTES = 8 * 1024**2
# How storages say that there is no such upload (any more).
GONE = {"NoSuchUpload", "NoSuchKey", "404"}


# What is raised when the storage does not answer, or not as it should.
StorageFailed = (BotoCoreError, ClientError)


class NoSuchPart(Exception):
    """The file has no part of that number."""


def is_offered(storage: Storage | None = None) -> bool:
    """Tell whether originals are kept where browsers can send them by themselves."""
    return isinstance(storage or originals(), BucketStorage)


def part_count(asset: MediaAsset) -> int:
    return -(-asset.byte_size // PART_BYTES)


def begin(asset: MediaAsset) -> None:
    """Begin the storage's upload, unless it is begun. Of two that begin at once one stays.

    Raises MediaAsset.DoesNotExist when the file is no longer awaited.
    """
    if asset.multipart_id:
        return
    new = _client(asset).create_multipart_upload(**_place(asset))["UploadId"]
    rows = MediaAsset.objects.filter(pk=asset.pk, state=AssetState.UPLOADING)
    if not rows.filter(multipart_id="").update(multipart_id=new):
        drop(asset, new)
    asset.multipart_id = rows.get().multipart_id


def sign_part(asset: MediaAsset, number: int, sha256: str) -> tuple[str, dict[str, str]]:
    """Return the address that takes this part and no other bytes, and the headers it wants.

    Raises NoSuchPart.
    """
    if not 1 <= number <= part_count(asset):
        raise NoSuchPart
    place = {**_place(asset), "UploadId": asset.multipart_id, "PartNumber": number}
    plain = _client(asset).generate_presigned_url("upload_part", Params=place)
    headers = {"X-Amz-Content-SHA256": sha256}
    # Signed anew: boto3 knows the address, but leaves the content out of what it signs.
    request = AWSRequest("PUT", plain.partition("&X-Amz-")[0], headers=dict(headers))
    request.headers["Content-Length"] = str(_length(asset, number))
    storage: Any = asset.original.storage
    key = Credentials(storage.access_key, storage.secret_key)
    seconds = storage.querystring_expire
    S3SigV4QueryAuth(key, "s3", storage.region_name, expires=seconds).add_auth(request)
    return request.url, headers


def parts_here(asset: MediaAsset) -> list[dict[str, Any]]:
    """Return what the storage has of the upload, in order; nothing of one that has ended."""
    if not asset.multipart_id:
        return []
    pages = _client(asset).get_paginator("list_parts")
    try:
        found = pages.paginate(**_place(asset), UploadId=asset.multipart_id)
        return [part for page in found for part in page.get("Parts", [])]
    except ClientError as error:
        if _code(error) not in GONE:
            raise
        return []


def numbers_here(asset: MediaAsset) -> list[int]:
    """Return the numbers of the parts that need not be sent any more."""
    is_whole = asset.multipart_id and size_of(asset) is not None
    if asset.state != AssetState.UPLOADING or is_whole:
        return list(range(1, part_count(asset) + 1))
    return [part["PartNumber"] for part in parts_here(asset)]


def received_bytes(asset: MediaAsset) -> int:
    """Return how many bytes are there: of the whole original, or of its parts."""
    whole = size_of(asset)
    return sum(part["Size"] for part in parts_here(asset)) if whole is None else whole


def size_of(asset: MediaAsset) -> int | None:
    """Return the length of the original; None while the parts are not made one."""
    try:
        return asset.original.storage.size(str(asset.original.name))
    except FileNotFoundError:
        return None


def complete(asset: MediaAsset) -> int | None:
    """Make the parts one object when all are there; return its length, None while there is none.

    Harmless when run again, or by two at once.
    """
    parts = parts_here(asset)
    if sum(part["Size"] for part in parts) == asset.byte_size:
        # Should we be killed here, the next sweep goes on.
        MediaAsset.objects.filter(pk=asset.pk, state=AssetState.UPLOADING).update(percent=100)
        named = [{key: part[key] for key in ("PartNumber", "ETag")} for part in parts]
        try:
            _client(asset).complete_multipart_upload(
                **_place(asset), UploadId=asset.multipart_id, MultipartUpload={"Parts": named}
            )
        except ClientError:
            if size_of(asset) is None:
                raise
    return size_of(asset)


def drop(asset: MediaAsset, upload: str) -> None:
    """Give the parts of an upload up. What can't be told now is found by `drop_forgotten`."""
    if not upload:
        return
    try:
        _client(asset).abort_multipart_upload(**_place(asset), UploadId=upload)
    except StorageFailed as error:
        if _code(error) not in GONE:
            logger.warning("the parts of %s could not be removed: %s", asset.original.name, error)


def drop_forgotten(before: datetime, *, dry_run: bool) -> Iterator[str]:
    """Give up what was begun before this moment and has no row; yield the names."""
    if not is_offered():
        return
    storage: Any = originals()
    client = storage.client
    place = {"Bucket": storage.bucket_name, "Prefix": storage.key("")}
    pages = client.get_paginator("list_multipart_uploads").paginate(**place)
    for one in [one for page in pages for one in page.get("Uploads", [])]:
        is_known = MediaAsset.objects.filter(multipart_id=one["UploadId"]).exists()
        if is_known or one["Initiated"] >= before:
            continue
        if not dry_run:
            client.abort_multipart_upload(
                Bucket=storage.bucket_name, Key=one["Key"], UploadId=one["UploadId"]
            )
        yield one["Key"]


def _code(error: Exception) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else ""


def _length(asset: MediaAsset, number: int) -> int:
    return min(PART_BYTES, asset.byte_size - (number - 1) * PART_BYTES)


def _client(asset: MediaAsset) -> Any:
    storage: Any = asset.original.storage
    return storage.client


def _place(asset: MediaAsset) -> dict[str, str]:
    storage: Any = asset.original.storage
    return {"Bucket": storage.bucket_name, "Key": storage.key(str(asset.original.name))}

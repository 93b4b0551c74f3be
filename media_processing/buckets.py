"""What the two buckets must be: originals for nobody, derivatives for everybody or for the site."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from media_processing.storage import derivatives, originals

# Ceph refuses every write to a bucket that has BlockPublicAcls; with the next line nobody is let
# in by such a list anyway.
CLOSED = {
    "BlockPublicAcls": False,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
# Longer than any upload that goes on; the site itself gives one up much earlier.
ABORT_DAYS = 14
LIFECYCLE = {
    "Rules": [
        {
            "ID": "unfinished-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_DAYS},
        }
    ]
}


def prepare_buckets(*, site: str, is_public: bool) -> Iterator[str]:
    """Make both buckets and set who may do what; yield what was done. Harmless when run again.

    `site` is the origin whose pages send originals and play films; `is_public` says whether
    anybody reads the derivatives from their bucket. Raises ClientError.
    """
    yield from _prepare(originals(), [_rule(site, "PUT")], is_public=False)
    yield from _prepare(derivatives(), [_rule(site, "GET", "HEAD")], is_public=is_public)


def _prepare(storage: Any, rules: list[dict[str, Any]], *, is_public: bool) -> Iterator[str]:
    client, name = storage.client, storage.bucket_name
    _create(client, name)
    yield from _open(client, name) if is_public else _close(client, name)
    client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=LIFECYCLE)
    yield f"{name}: pages of the site may use it; uploads end unfinished after {ABORT_DAYS} days"


def _create(client: Any, name: str) -> None:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        region = settings.S3["region_name"]
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        client.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))


def _close(client: Any, name: str) -> Iterator[str]:
    client.delete_bucket_policy(Bucket=name)
    try:
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=CLOSED)
    except ClientError as error:  # some servers have no such lock, nor anything public by default
        if error.response["Error"]["Code"] not in ("NotImplemented", "MethodNotAllowed"):
            raise
    yield f"{name}: nobody reads it without the key"


def _open(client: Any, name: str) -> Iterator[str]:
    with suppress(ClientError):  # where there is no lock there is none to take off
        client.delete_public_access_block(Bucket=name)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{name}/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    yield f"{name}: everybody may read a file of it, nobody list them"


def _rule(site: str, *methods: str) -> dict[str, Any]:
    return {
        "AllowedOrigins": [site],
        "AllowedMethods": list(methods),
        "AllowedHeaders": ["*"],
        "MaxAgeSeconds": 3600,
    }

"""An uploaded file, by the door that every room uses."""

import hashlib
import os
from functools import partial
from io import StringIO
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection

from media_processing.models import CaptionTrack, Derivative, MediaAsset
from media_processing.object_storage import (
    DerivativeS3Storage,
    PrivateS3Storage,
    SiteS3Storage,
)
from media_processing.rules import MediaRules
from media_processing.storage import derivatives
from media_processing.views import DERIVATIVE_NAME
from tests.factories import UserFactory
from tests.media_processing.arrivals import receive_upload
from tests.media_processing.makers import PHOTO_RULES, jpeg
from tests.media_processing.processes import LEASE_SECONDS
from tests.storages import content, empty, names


def upload(
    file: bytes, name: str = "photo.jpg", rules: MediaRules = PHOTO_RULES, user: Any = None
) -> MediaAsset:
    return receive_upload(ContentFile(file), name, rules, user)


@pytest.fixture
def receive(db):
    """`receive(content, name, rules)`: an asset in state received."""
    return partial(upload, user=UserFactory())


@pytest.fixture
def photo(receive):
    return receive(jpeg())


@pytest.fixture(scope="session")
def in_buckets(buckets):
    """The three storages as production has them, in buckets made ready as operators do."""
    values = buckets.environment
    access = {
        "endpoint_url": values["S3_ENDPOINT_URL"],
        "access_key": values["S3_ACCESS_KEY"],
        "secret_key": values["S3_SECRET_KEY"],
        "region_name": "us-east-1",
        "querystring_expire": 600,
    }
    private = {**access, "bucket_name": buckets.originals}
    public = {**access, "bucket_name": buckets.derivatives}
    built = {
        "default": SiteS3Storage(**private, location="site-media", base_url="/media/"),
        "originals": PrivateS3Storage(**private, location="originals"),
        "derivatives": DerivativeS3Storage(
            **public, location="derivatives", base_url="/derivatives/"
        ),
    }
    with pytest.MonkeyPatch.context() as patch:
        for alias, storage in built.items():
            patch.setitem(storages._storages, alias, storage)
        call_command("prepare_buckets", stdout=StringIO())
    return built


@pytest.fixture
def places(buckets, in_buckets, monkeypatch):
    """These storages in place of the tests' own, and empty."""
    for alias, storage in in_buckets.items():
        monkeypatch.setitem(storages._storages, alias, storage)
        empty(storage)
    buckets.forget_unfinished()
    # A field has asked for its storage when it was made.
    for model, name, alias in [
        (MediaAsset, "original", "originals"),
        (Derivative, "file", "derivatives"),
        (CaptionTrack, "file", "derivatives"),
    ]:
        monkeypatch.setattr(model._meta.get_field(name), "storage", in_buckets[alias])


@pytest.fixture
def environment(tmp_path):
    """What makes `manage.py worker` work on this test's database and storages."""
    # What earlier tests left there is no worker's, and need not be what its name says.
    empty(derivatives())
    for alias in ("originals", "derivatives"):
        folder = settings.TEST_DIR / alias  # with an object storage, of no use and no harm
        folder.mkdir(exist_ok=True)
        (tmp_path / alias).symlink_to(folder)
    work = tmp_path / "work"
    work.mkdir()
    found = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.development",
        "DATA_DIR": str(tmp_path),
        "MEDIA_LEASE_SECONDS": str(LEASE_SECONDS),
        "BROKER_URL": settings.BROKER_URL,
        "TMPDIR": str(work),
    }
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        (tmp_path / "db.sqlite3").symlink_to(database["NAME"])
    else:
        login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
        address = f"{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
        found["DATABASE_URL"] = f"postgres://{address}"
    return found


def assert_public_files_are_whole():
    """Each file that can be fetched is what its name says; return their names."""
    public = {name for name in names(derivatives()) if DERIVATIVE_NAME.fullmatch(name)}
    for name in public:
        found = hashlib.sha256(content(derivatives(), name)).hexdigest()
        assert found == PurePath(name).stem
    return public

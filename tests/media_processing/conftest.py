"""An uploaded file, by the door that every room uses."""

import hashlib
import os
from functools import partial
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection

from media_processing.models import MediaAsset
from media_processing.rules import MediaRules
from media_processing.services import receive_upload
from media_processing.storage import derivatives
from media_processing.views import DERIVATIVE_NAME
from tests.factories import UserFactory
from tests.media_processing.makers import PHOTO_RULES, jpeg
from tests.media_processing.processes import LEASE_SECONDS
from tests.storages import content, empty, names


def upload(
    file: bytes, name: str = "photo.jpg", rules: MediaRules = PHOTO_RULES, user: Any = None
) -> MediaAsset:
    return receive_upload(file=ContentFile(file), name=name, rules=rules, user=user)


@pytest.fixture
def receive(db):
    """`receive(content, name, rules)`: an asset in state received."""
    return partial(upload, user=UserFactory())


@pytest.fixture
def photo(receive):
    return receive(jpeg())


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

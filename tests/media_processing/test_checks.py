"""The site refuses to start when originals could be read by anybody."""

import pytest
from django.conf import settings as site_settings
from django.core.files.storage import StorageHandler

from media_processing.checks import check_storages

DISK = "django.core.files.storage.FileSystemStorage"
PRIVATE = "media_processing.storage.PrivateFileSystemStorage"
PUBLIC = "media_processing.storage.DerivativeFileSystemStorage"


@pytest.fixture
def put(monkeypatch):
    """Return a function that shows the check these storages; models keep those they have."""

    def show(**storages):
        changed = {key: one for key, one in (site_settings.STORAGES | storages).items() if one}
        monkeypatch.setattr(site_settings, "STORAGES", changed)
        monkeypatch.setattr("media_processing.checks.storages", StorageHandler(changed))

    return show


@pytest.fixture
def found(put, tmp_path):
    """Return a function: storages as given -> ids of the errors found."""

    def find(originals, derivatives=None):
        derivatives = derivatives or (PUBLIC, tmp_path / "derivatives")
        places = {"originals": originals, "derivatives": derivatives}
        put(
            **{
                alias: {"BACKEND": place[0], "OPTIONS": {"location": place[1], **_url(place[0])}}
                for alias, place in places.items()
            }
        )
        return [one.id for one in check_storages()]

    return find


def _url(backend):
    return {} if backend == PRIVATE else {"base_url": "/files/"}


def test_the_settings_as_they_are_pass():
    assert check_storages() == []


@pytest.mark.parametrize("alias", ["originals", "derivatives"])
def test_both_storages_must_be_there(put, alias):
    put(**{alias: None})
    (error,) = check_storages()
    assert (error.id, error.msg) == ("media.E001", f"STORAGES lacks {alias}.")


def test_originals_must_have_no_address(found, tmp_path):
    assert found((DISK, tmp_path / "originals")) == ["media.E002"]


def test_a_private_place_of_its_own_passes(found, tmp_path):
    assert found((PRIVATE, tmp_path / "originals")) == []


def test_originals_must_not_lie_among_the_derivatives(found, tmp_path):
    public = (PUBLIC, tmp_path / "files")
    assert found((PRIVATE, tmp_path / "files"), public) == ["media.E003"]
    assert found((PRIVATE, tmp_path / "files" / "originals"), public) == ["media.E003"]
    assert found((PRIVATE, tmp_path / "files" / "x" / ".."), public) == ["media.E003"]


def test_derivatives_must_not_lie_among_the_originals(found, tmp_path):
    public = (PUBLIC, tmp_path / "originals" / "derivatives")
    assert found((PRIVATE, tmp_path / "originals"), public) == ["media.E003"]


def test_originals_must_not_lie_where_uploads_are_served(found, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    assert found((PRIVATE, tmp_path / "media" / "originals")) == ["media.E003"]


def test_unfinished_uploads_must_not_lie_where_uploads_are_served(found, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_PROCESSING = settings.MEDIA_PROCESSING | {
        "UNFINISHED_DIR": tmp_path / "media" / "unfinished"
    }
    assert found((PRIVATE, tmp_path / "originals")) == ["media.E003"]


def test_a_storage_that_cannot_be_made_is_told(put):
    put(originals={"BACKEND": "no.such.Storage"})
    assert [one.id for one in check_storages()] == ["media.E001"]


@pytest.mark.parametrize(("bucket", "expected"), [("one", ["media.E004"]), ("two", [])])
def test_originals_must_have_a_bucket_of_their_own(put, bucket, expected):
    classes = "media_processing.object_storage."
    private = {"bucket_name": "one", "location": "originals"}
    public = {"bucket_name": bucket, "location": "derivatives"}
    put(
        originals={"BACKEND": classes + "PrivateS3Storage", "OPTIONS": private},
        derivatives={"BACKEND": classes + "DerivativeS3Storage", "OPTIONS": public},
    )
    assert [one.id for one in check_storages()] == expected

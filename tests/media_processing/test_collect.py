"""What nobody finished is given up; what nothing points at is deleted; all else stays."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from media_processing import collect, unfinished
from media_processing.collect import collect_files, sweep_uploads
from media_processing.models import MediaAsset
from media_processing.pipeline import process_asset
from media_processing.services import begin_upload, retry_asset
from media_processing.storage import derivatives, originals
from tests.factories import ReleaseFactory, UserFactory
from tests.media_processing.makers import PHOTO_RULES, jpeg, original_of
from tests.storages import disk_only, empty

pytestmark = pytest.mark.django_db
TWO_DAYS = 2 * 24 * 3600
# What makes a file old is a date that only a disk lets us set; of buckets: test_object_storage.py.
dated = disk_only


@pytest.fixture
def begun():
    """An upload of four bytes, two of them there."""
    asset = begin_upload(rules=PHOTO_RULES, name="a.jpg", byte_size=4, user=UserFactory())
    unfinished.append(asset.pk, [b"ab"], at=0, most=4)
    return asset


@pytest.fixture(autouse=True)
def _empty_places():
    """Other tests leave files of rows that were rolled back."""
    for storage in (originals(), derivatives()):
        empty(storage)
    for path in unfinished.place().iterdir():
        path.unlink()


def age(path):
    then = time.time() - TWO_DAYS
    os.utime(path, (then, then))


# --- uploads that nobody finished ---------------------------------------------------------


def test_an_upload_ends_refused_when_its_time_is_over(begun):
    sweep_uploads(begun.expires_at - timedelta(seconds=1))
    assert unfinished.size_of(begun.pk) == 2
    sweep_uploads(begun.expires_at + timedelta(seconds=1))
    begun.refresh_from_db()
    assert (begun.state, begun.reason) == ("refused", "not_uploaded")
    assert begun.finished_at is not None
    assert unfinished.size_of(begun.pk) is None


def test_one_that_went_on_meanwhile_is_left_alone(begun):
    from media_processing.services import expire_upload

    assert not expire_upload(begun, timezone.now())
    assert unfinished.size_of(begun.pk) == 2


@pytest.mark.parametrize("noted", [50, 100])
def test_one_that_lacks_no_byte_is_finished_and_not_given_up(begun, noted):
    """Its web process was killed before it noted the last bytes, or just after."""
    unfinished.append(begun.pk, [b"cd"], at=2, most=4)
    MediaAsset.objects.update(percent=noted)
    sweep_uploads(begun.expires_at + timedelta(seconds=1))
    begun.refresh_from_db()
    assert begun.state == "received"
    assert original_of(begun) == b"abcd"


def test_what_was_given_up_has_nothing_to_be_tried_again(begun):
    sweep_uploads(begun.expires_at + timedelta(seconds=1))
    begun.refresh_from_db()
    retry_asset(asset=begun, actor=UserFactory())
    assert begun.state == "refused"


# --- files that nothing points at ---------------------------------------------------------


@pytest.fixture
def litter():
    """A file in each place that has no row, two days old; their names."""
    originals().save("ab/lost", ContentFile(b"1"))
    derivatives().save("cd/lost.webp", ContentFile(b"2"))
    part = Path(derivatives().path("cd/killed.part"))
    part.write_bytes(b"3")
    upload = unfinished.path_of(uuid.uuid4())
    upload.write_bytes(b"4")
    paths = [originals().path("ab/lost"), derivatives().path("cd/lost.webp"), part, upload]
    for path in paths:
        age(path)
    return [Path(path) for path in paths]


@dated
def test_what_has_no_row_is_deleted_and_what_has_one_stays(receive, begun, litter):
    ready = receive(jpeg())
    process_asset(ready.pk)
    kept = [ready.original.path, unfinished.path_of(begun.pk)]
    kept += [one.file.path for one in ready.derivatives.all()]
    for path in kept:
        age(path)
    found = collect_files()
    assert sorted(found) == [
        "derivatives/cd/killed.part",
        "derivatives/cd/lost.webp",
        "originals/ab/lost",
        f"unfinished/{litter[-1].name}",
    ]
    assert not any(path.exists() for path in litter)
    assert all(Path(path).exists() for path in kept)
    assert collect_files() == []


@dated
def test_a_young_file_may_belong_to_a_row_that_is_being_written(litter):
    for path in litter:
        os.utime(path)
    assert collect_files() == []
    assert all(path.exists() for path in litter)


@dated
def test_a_dry_run_only_names_them(litter, capsys):
    call_command("collect_files", "--dry-run")
    named = capsys.readouterr().out.split()
    assert len(named) == 4
    assert all(path.exists() for path in litter)
    call_command("collect_files")
    assert capsys.readouterr().out.split() == named
    assert not any(path.exists() for path in litter)


@dated
def test_an_original_whose_row_was_rolled_back_is_found(receive):
    from django.db import transaction

    with transaction.atomic():
        path = receive(jpeg()).original.path
        transaction.set_rollback(True)
    age(path)
    assert len(collect_files()) == 1
    assert not Path(path).exists()


@dated
def test_the_sweep_does_it_once_a_day(litter):
    cache.clear()
    sweep_uploads(timezone.now())
    assert not litter[0].exists()
    litter[0].write_bytes(b"again")
    age(litter[0])
    sweep_uploads(timezone.now())
    assert litter[0].exists()


@dated
def test_a_storage_that_is_away_is_tidied_at_the_next_sweep(litter, monkeypatch):
    def away(*_arguments, **_options):
        raise EndpointConnectionError(endpoint_url="http://storage")

    cache.clear()
    with monkeypatch.context() as outage:
        outage.setattr(collect, "_without_row", away)
        sweep_uploads(timezone.now())
    assert litter[0].exists()
    sweep_uploads(timezone.now())
    assert not litter[0].exists()


@dated
def test_a_private_paper_of_another_room_stays_as_long_as_its_row():
    release = ReleaseFactory()
    age(originals().path(release.file.name))
    assert collect_files() == []
    release.delete()
    assert collect_files() == [f"originals/{release.file.name}"]

"""From a received original to what is shown, or to a reason in plain words."""

import errno
import hashlib
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from media_processing import leases, pipeline
from media_processing.derive import photo as photo_deriver
from media_processing.derive.recipes import RECIPE, VIEWS
from media_processing.limits import ProgramFailed
from media_processing.models import MediaAsset
from media_processing.pipeline import process_asset
from media_processing.rules import MediaRules, UploadRefused
from media_processing.signals import asset_processed
from media_processing.states import Reason
from media_processing.storage import derivatives, originals
from tests.media_processing.makers import (
    PHOTO_RULES,
    VIDEO_RULES,
    encoded,
    exiftool,
    jpeg,
    let_it_run_out,
    make_clip,
    original_of,
    quarters,
)
from tests.storages import content, copied, disk_only, replace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_was_told_to_stop():
    pipeline.stopping.clear()
    yield
    pipeline.stopping.clear()


def processed(asset):
    process_asset(asset.pk)
    asset.refresh_from_db()
    return asset


def test_a_photo_ends_ready_with_all_that_is_shown(receive):
    content = jpeg(1400, 900)
    asset = processed(receive(content))
    assert (asset.state, asset.percent, asset.attempts) == ("ready", 100, 1)
    assert (asset.format, asset.width, asset.height) == ("jpeg", 1400, 900)
    assert asset.sha256 == hashlib.sha256(content).hexdigest()
    assert asset.recipe == RECIPE
    assert asset.placeholder.startswith("data:image/webp;base64,")
    assert {one.name for one in asset.derivatives.all()} == {
        "picture-320-webp",
        "picture-640-webp",
        "picture-1280-webp",
        "picture-1280-jpeg",
        "picture-2560-webp",
    }
    assert original_of(asset) == content
    prints = asset.fingerprints.order_by("view")
    assert [(one.moment, one.view, len(one.bits)) for one in prints] == [
        (0, view, 64) for view in range(len(VIEWS))
    ]


def test_a_derivative_is_named_by_its_content(receive):
    for one in processed(receive(jpeg())).derivatives.all():
        with one.file.open() as file:
            content = file.read()
        digest = hashlib.sha256(content).hexdigest()
        end = {"image/webp": "webp", "image/jpeg": "jpg"}[one.mime_type]
        assert one.file.name == f"{digest[:2]}/{digest}.{end}"
        assert one.byte_size == len(content)
        assert one.file.url == f"/derivatives/{one.file.name}"


@pytest.mark.media
def test_a_video_ends_ready_with_clip_and_posters(receive, tmp_path):
    clip = make_clip(tmp_path / "clip.mov")
    asset = processed(receive(clip.read_bytes(), "My Clip.MOV", VIDEO_RULES))
    assert (asset.state, asset.format, asset.seconds) == ("ready", "mov", 1.0)
    assert {(one.role, one.name) for one in asset.derivatives.all()} == {
        ("video", "video-240-mp4"),
        ("playlist", "playlist-240"),
        ("playlist", "playlist-master"),
        ("poster", "poster-320-webp"),
        ("poster", "poster-320-jpeg"),
        ("strip", "strip-jpeg"),
    }


def test_the_cameras_time_is_the_places_time_unless_it_says(receive, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    for offset, wanted in (
        ([], datetime(2026, 5, 4, 5, 14, 15, tzinfo=UTC)),
        (["-OffsetTimeOriginal=+02:00"], datetime(2026, 5, 4, 11, 14, 15, tzinfo=UTC)),
    ):
        tags = ["-DateTimeOriginal=2026:05:04 13:14:15", *offset]
        subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, str(path)], check=True)
        assert processed(receive(path.read_bytes())).taken_at == wanted


def test_no_derivative_has_a_place(receive, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    tags = ["-GPSLatitude=31.2", "-GPSLongitude=121.5", "-Artist=Zhang", "-Make=Leica"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, str(path)], check=True)
    asset = processed(receive(path.read_bytes()))
    files = [copied(derivatives(), one.file.name, tmp_path) for one in asset.derivatives.all()]
    for found in exiftool(*files):
        assert not [key for key in found if key.startswith(("GPS", "IFD0", "ExifIFD", "XMP"))]
    original = copied(originals(), asset.original.name, tmp_path)
    assert "GPS:GPSLatitude" in exiftool(original)[0]


# --- Refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "rules", "reason"),
    [
        (jpeg()[:900], "a.jpg", PHOTO_RULES, "damaged"),
        (b"rubbish" * 99, "a.jpg", PHOTO_RULES, "name_and_content_differ"),
        (b"This is a text.", "a.mp4", VIDEO_RULES, "name_and_content_differ"),
        (b"#EXTM3U\n/etc/passwd", "a.mp4", VIDEO_RULES, "name_and_content_differ"),
        (b"<svg/>", "a.svg", PHOTO_RULES, "unknown_format"),
        (jpeg(), "a.png", PHOTO_RULES, "name_and_content_differ"),
        (jpeg(), "a.jpg", MediaRules(kind="photo", formats=("tiff",)), "format_not_allowed"),
        (jpeg(), "a.jpg", VIDEO_RULES, "format_not_allowed"),
        (jpeg(), "a.jpg", MediaRules("photo", ("jpeg",), min_long_side=3000), "too_small"),
        (encoded(quarters(12100, 10000), "PNG"), "a.png", PHOTO_RULES, "too_many_pixels"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", "a.mp4", VIDEO_RULES, "damaged"),
    ],
)
def test_what_is_wrong_with_the_file_becomes_a_reason(receive, content, name, rules, reason):
    asset = processed(receive(content, name, rules))
    assert (asset.state, asset.reason, asset.attempts) == ("refused", reason, 1)
    assert (asset.lease_token, asset.lease_until) == (None, None)
    assert not asset.derivatives.exists()
    assert asset.finished_at is not None
    assert original_of(asset) == content  # kept: the organiser may look, or try again


# --- Again and again ------------------------------------------------------------------------


def test_running_twice_changes_nothing(photo):
    first = processed(photo)
    rows = list(first.derivatives.values_list("pk", flat=True))
    again = processed(photo)
    assert (again.attempts, list(again.derivatives.values_list("pk", flat=True))) == (1, rows)


def test_the_end_is_told_and_what_others_do_with_it_harms_nothing(photo):
    states = []

    def fail(asset, **kwargs):
        states.append(MediaAsset.objects.get(pk=asset.pk).state)
        raise RuntimeError("not the asset's fault")

    asset_processed.connect(fail)
    try:
        assert processed(photo).is_ready
    finally:
        asset_processed.disconnect(fail)
    assert states == ["ready"]


def test_what_another_worker_holds_is_left_to_it(photo, monkeypatch):
    leases.claim_asset(photo.pk)
    monkeypatch.setitem(pipeline.DERIVE, "photo", lambda job: pytest.fail("worked on"))
    process_asset(photo.pk)


def test_an_asset_that_is_gone_is_nothing_to_do(photo):
    pk = photo.pk
    photo.delete()
    process_asset(pk)


def test_a_worker_that_lost_its_lease_stops_and_writes_nothing(photo, monkeypatch):
    """It hung so long that another one took over and finished; then it wakes up."""

    def hang(job):
        past = timezone.now() - timedelta(seconds=1)
        MediaAsset.objects.filter(pk=photo.pk).update(lease_until=past)
        monkeypatch.setitem(pipeline.DERIVE, "photo", photo_deriver.derive)
        process_asset(photo.pk)
        return photo_deriver.derive(job)

    monkeypatch.setitem(pipeline.DERIVE, "photo", hang)
    asset = processed(photo)
    assert (asset.state, asset.attempts) == ("ready", 2)
    names = [one.name for one in asset.derivatives.all()]
    assert len(names) == len(set(names)) == 3


def test_a_lost_lease_ends_the_work_at_the_next_beat(photo, monkeypatch):
    def lose(job):
        MediaAsset.objects.filter(pk=photo.pk).update(lease_token=None)
        monkeypatch.setattr(pipeline, "REPORT_SECONDS", 0)
        job.beat()
        pytest.fail("went on")

    monkeypatch.setitem(pipeline.DERIVE, "photo", lose)
    process_asset(photo.pk)


def test_beating_renews_the_lease_and_tells_the_percent(photo, monkeypatch):
    monkeypatch.setattr(pipeline, "REPORT_SECONDS", 0)
    seen = []

    def look(job):
        past = timezone.now() - timedelta(seconds=1)
        MediaAsset.objects.filter(pk=photo.pk).update(lease_until=past)
        job.report("clip", 42)
        seen.append(MediaAsset.objects.get(pk=photo.pk))
        return photo_deriver.derive(job)

    monkeypatch.setitem(pipeline.DERIVE, "photo", look)
    process_asset(photo.pk)
    assert (seen[0].step, seen[0].percent) == ("clip", 42)
    assert seen[0].lease_until > timezone.now()


def test_reports_are_written_at_most_once_a_second(photo, django_assert_num_queries):
    progress = pipeline.Progress(leases.claim_asset(photo.pk))
    with django_assert_num_queries(0):
        for percent in range(100):
            progress.report("clip", percent)
    progress.told_at -= 1
    asks_the_shared_clock = connection.vendor == "postgresql"
    with django_assert_num_queries(1 + asks_the_shared_clock):
        progress.beat()
    photo.refresh_from_db()
    assert photo.percent == 99


# --- Our own failures -----------------------------------------------------------------------


def broken(job):
    raise OSError("No space left on device")


def test_our_own_failure_is_tried_three_times_and_then_told(photo, monkeypatch):
    monkeypatch.setitem(pipeline.DERIVE, "photo", broken)
    for attempt in (1, 2, 3):
        with pytest.raises(OSError, match="No space"):
            process_asset(photo.pk)
        photo.refresh_from_db()
        assert photo.attempts == attempt
        assert photo.state == ("failed" if attempt == 3 else "processing")
        past = timezone.now() - timedelta(seconds=1)
        MediaAsset.objects.filter(pk=photo.pk, state="processing").update(lease_until=past)
    assert photo.reason == "gave_up"
    assert photo.reason_values == {"attempts": 3, "error": "OSError: No space left on device"}


def test_after_a_failure_it_rests_before_the_next_attempt(photo, monkeypatch):
    monkeypatch.setitem(pipeline.DERIVE, "photo", broken)
    with pytest.raises(OSError, match="No space"):
        process_asset(photo.pk)
    process_asset(photo.pk)  # nothing: it rests
    photo.refresh_from_db()
    assert photo.attempts == 1


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def refused_for_want_of_room(*_):
    raise UploadRefused(Reason.DAMAGED)


@pytest.mark.parametrize(
    "outage", [full_disk, refused_for_want_of_room], ids=["seen by us", "seen by the decoder"]
)
def test_a_full_disk_is_waited_out_and_costs_no_attempt(photo, monkeypatch, outage):
    usual = pipeline.DERIVE["photo"]
    monkeypatch.setitem(pipeline.DERIVE, "photo", outage)
    monkeypatch.setattr(pipeline, "ROOM_BYTES", float("inf"))  # no disk has so much
    for _ in range(4):
        with pytest.raises(OSError, match="No space"):
            process_asset(photo.pk)
        photo.refresh_from_db()
        assert (photo.state, photo.attempts, photo.lease_token) == ("processing", 0, None)
        assert photo.lease_until > timezone.now()
        process_asset(photo.pk)  # nothing: it rests
        let_it_run_out(photo)
    monkeypatch.setitem(pipeline.DERIVE, "photo", usual)
    process_asset(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == ("ready", 1)


def test_a_damaged_file_is_refused_while_there_is_room(photo, monkeypatch):
    monkeypatch.setitem(pipeline.DERIVE, "photo", refused_for_want_of_room)
    process_asset(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.reason) == ("refused", "damaged")


def test_a_decoder_killed_from_outside_is_no_fault_of_the_file(photo, monkeypatch):
    def killed(*arguments, **options):
        raise ProgramFailed(-9, "")

    monkeypatch.setattr(photo_deriver, "run", killed)
    with pytest.raises(ProgramFailed):
        process_asset(photo.pk)
    photo.refresh_from_db()
    assert photo.state == "processing"


def test_told_to_stop_it_gives_the_asset_back(photo):
    pipeline.stopping.set()
    process_asset(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.attempts, photo.lease_token) == ("received", 0, None)


# --- Made anew ------------------------------------------------------------------------------


@pytest.fixture
def shown(photo):
    """A photo that an older recipe made, asked to be made anew."""
    MediaAsset.objects.filter(pk=processed(photo).pk).update(recipe=RECIPE - 1)
    leases.ask_for_renewal(MediaAsset.objects.all())
    return photo


def test_a_renewal_replaces_the_rows_and_leaves_the_old_files(shown):
    """A page opened before the change still finds its pictures."""
    old = list(shown.derivatives.values_list("pk", "file"))
    smaller = jpeg(300, 200)
    replace(originals(), shown.original.name, smaller)
    asset = processed(shown)
    assert (asset.state, asset.recipe, asset.width) == ("ready", RECIPE, 300)
    new = list(asset.derivatives.values_list("pk", "file"))
    assert not set(new) & set(old)
    assert all(derivatives().exists(name) for _pk, name in [*old, *new])


def test_a_renewal_that_finds_the_original_spoiled_changes_nothing_that_is_shown(shown):
    old = list(shown.derivatives.values_list("pk", flat=True))
    replace(originals(), shown.original.name, b"rubbish")
    asset = processed(shown)
    assert (asset.state, asset.reason, asset.recipe) == (
        "ready",
        "name_and_content_differ",
        RECIPE - 1,
    )
    assert list(asset.derivatives.values_list("pk", flat=True)) == old


# --- Files ----------------------------------------------------------------------------------


def test_the_working_folder_is_private_and_gone_afterwards(photo, monkeypatch):
    seen = []

    def look(job):
        seen.append(job.folder.parent)
        assert job.folder.parent.stat().st_mode & 0o077 == 0
        assert job.source.name == "original"
        return photo_deriver.derive(job)

    monkeypatch.setitem(pipeline.DERIVE, "photo", look)
    assert processed(photo).state == "ready"
    assert not seen[0].exists()


@disk_only
def test_a_half_written_file_is_never_there(photo, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    root = Path(derivatives().location)
    before = set(root.rglob("*.*"))
    with pytest.raises(OSError, match="disk full"):
        process_asset(photo.pk)
    assert set(root.rglob("*.*")) == before


def test_what_a_crash_left_is_written_over(photo):
    asset = processed(photo)
    spoiled = asset.derivatives.first().file.name
    good = content(derivatives(), spoiled)
    replace(derivatives(), spoiled, b"spoiled")
    MediaAsset.objects.filter(pk=asset.pk).update(state="received")
    processed(asset)
    assert content(derivatives(), spoiled) == good

"""The real worker, as a process: killed, stopped, poisoned, and started again."""

import os
import signal

import pytest
from django_tasks_db.models import DBTaskResult

from media_processing import tasks
from media_processing.models import Derivative, MediaAsset, WorkerPulse
from media_processing.states import AssetState
from tests.media_processing.arrivals import receive_upload
from tests.media_processing.conftest import assert_public_files_are_whole
from tests.media_processing.makers import PHOTO_RULES, VIDEO_RULES, ffmpeg, jpeg, make_clip
from tests.media_processing.processes import (
    children_of,
    is_alive,
    run_until_idle,
    wait_for,
    worker,
)

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


def long_clip(tmp_path, times):
    """A clip whose transcode takes a while, made fast: a short one repeated."""
    short = make_clip(tmp_path / "short.mp4", seconds=2, size="1280x720", sound=False)
    path = tmp_path / "long.mp4"
    ffmpeg("-stream_loop", str(times - 1), "-i", short, "-c", "copy", path)
    return path.read_bytes()


def receive(content, name, rules=VIDEO_RULES):
    from django.core.files.base import ContentFile

    return receive_upload(ContentFile(content), name, rules)


def in_the_middle_of_the_transcode(asset):
    return lambda: MediaAsset.objects.filter(pk=asset.pk, step="clip", percent__gte=3).exists()


def test_killed_in_the_middle_of_a_transcode_it_ends_ready_exactly_once(environment, tmp_path):
    asset = receive(long_clip(tmp_path, times=3), "long.mp4")
    with worker(environment) as first:
        wait_for(in_the_middle_of_the_transcode(asset))
        children = children_of(first.pid)
        assert children
        os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not any(map(is_alive, children)))
    asset.refresh_from_db()
    assert (asset.state, asset.attempts) == ("processing", 1)

    assert run_until_idle(environment) < 60
    asset.refresh_from_db()
    assert (asset.state, asset.attempts, asset.percent) == ("ready", 2, 100)
    names = sorted(asset.derivatives.values_list("name", flat=True))
    assert names == [
        "playlist-480",
        "playlist-720",
        "playlist-master",
        "poster-1280-jpeg",
        "poster-1280-webp",
        "poster-320-webp",
        "poster-640-webp",
        "strip-jpeg",
        "video-480-mp4",
        "video-720-mp4",
    ]
    assert Derivative.objects.count() == len(names)
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()
    # What the dead worker left half-written bears no public name; the collector takes it.
    assert_public_files_are_whole()


def test_told_to_stop_it_gives_a_transcode_back_and_leaves_no_child(environment, tmp_path):
    asset = receive(long_clip(tmp_path, times=25), "long.mp4")
    with worker(environment) as process:
        wait_for(in_the_middle_of_the_transcode(asset))
        children = children_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert not any(map(is_alive, children))
    asset.refresh_from_db()
    assert (asset.state, asset.attempts, asset.lease_token) == ("received", 0, None)
    assert not WorkerPulse.objects.exists()
    assert list((tmp_path / "work").glob("portal-media-*")) == []


def test_neither_a_poison_file_nor_a_video_delays_the_next_photo(environment, tmp_path):
    """A task that raises, a message without sense, rubbish: and the photo is ready."""
    receive(long_clip(tmp_path, times=4), "long.mp4")
    tasks.process_photo.enqueue("not an id")
    rubbish = receive(b"rubbish", "a.jpg", PHOTO_RULES)
    lost = MediaAsset.objects.create(
        kind="photo",
        original="00/not-there",
        original_name="lost.jpg",
        byte_size=1,
        rules=PHOTO_RULES.as_json(),
        attempts=2,
    )
    tasks.enqueue(lost)
    photo = receive(jpeg(), "good.jpg", PHOTO_RULES)
    run_until_idle(environment)
    ends = {asset.pk: asset for asset in MediaAsset.objects.all()}
    assert ends[rubbish.pk].state == AssetState.REFUSED
    assert (ends[lost.pk].state, ends[lost.pk].reason) == ("failed", "gave_up")
    assert ends[photo.pk].state == AssetState.READY
    (video,) = MediaAsset.objects.filter(kind="video")
    assert video.state == AssetState.READY
    assert ends[photo.pk].finished_at < video.finished_at


def test_two_workers_do_each_asset_once(environment):
    assets = [receive(jpeg(500 + n, 400), f"{n}.jpg", PHOTO_RULES) for n in range(6)]
    for asset in assets:
        tasks.enqueue(asset)  # every message comes twice
    options = "--until-idle"
    with worker(environment, options) as one, worker(environment, options) as other:
        assert (one.wait(180), other.wait(180)) == (0, 0)
    for asset in assets:
        asset.refresh_from_db()
        assert (asset.state, asset.attempts) == ("ready", 1)
        assert asset.derivatives.count() == 3

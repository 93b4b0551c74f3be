"""The real worker, as a process: killed, stopped, poisoned, and started again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django_tasks_db.models import DBTaskResult

from media_processing import tasks
from media_processing.models import Derivative, MediaAsset, WorkerPulse
from media_processing.services import receive_upload
from media_processing.states import AssetState
from tests.media_processing.makers import PHOTO_RULES, VIDEO_RULES, ffmpeg, jpeg, make_clip

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]

LEASE_SECONDS = 3
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def environment(tmp_path):
    """What makes `manage.py worker` work on this test's database and storages."""
    for alias in ("originals", "derivatives"):
        folder = settings.TEST_DIR / alias
        folder.mkdir(exist_ok=True)
        (tmp_path / alias).symlink_to(folder)
    work = tmp_path / "work"
    work.mkdir()
    found = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.development",
        "DATA_DIR": str(tmp_path),
        "MEDIA_LEASE_SECONDS": str(LEASE_SECONDS),
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


@contextmanager
def worker(environment, *options):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", *options], cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_until_idle(environment, seconds=60):
    begun = time.monotonic()
    with worker(environment, "--until-idle") as process:
        assert process.wait(timeout=seconds) == 0
    return time.monotonic() - begun


def wait_for(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


def long_clip(tmp_path, times):
    """A clip whose transcode takes a while, made fast: a short one repeated."""
    short = make_clip(tmp_path / "short.mp4", seconds=2, size="1280x720", sound=False)
    path = tmp_path / "long.mp4"
    ffmpeg("-stream_loop", str(times - 1), "-i", short, "-c", "copy", path)
    return path.read_bytes()


def receive(content, name, rules=VIDEO_RULES):
    from django.core.files.base import ContentFile

    return receive_upload(file=ContentFile(content), name=name, rules=rules, user=None)


def in_the_middle_of_the_transcode(asset):
    return lambda: MediaAsset.objects.filter(pk=asset.pk, step="clip", percent__gte=3).exists()


def children_of(pid):
    """Process ids of living descendants, by /proc."""
    found, level = [], {pid}
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    while level := {child for child, parent in parents.items() if parent in level}:
        found.extend(level)
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_killed_in_the_middle_of_a_transcode_it_ends_ready_exactly_once(environment, tmp_path):
    asset = receive(long_clip(tmp_path, times=3), "long.mp4")
    with worker(environment) as first:
        wait_for(in_the_middle_of_the_transcode(asset))
        children = children_of(first.pid)
        assert children
        os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not any(map(is_alive, children)), seconds=5)
    asset.refresh_from_db()
    assert (asset.state, asset.attempts) == ("processing", 1)

    assert run_until_idle(environment) < 60
    asset.refresh_from_db()
    assert (asset.state, asset.attempts, asset.percent) == ("ready", 2, 100)
    names = sorted(asset.derivatives.values_list("name", flat=True))
    assert names == [
        "poster-1280-jpeg",
        "poster-1280-webp",
        "poster-320-webp",
        "poster-640-webp",
        "video-720-mp4",
    ]
    assert Derivative.objects.count() == 5
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()
    assert list((settings.TEST_DIR / "derivatives").rglob("*.part")) == []


def test_told_to_stop_it_gives_a_transcode_back_and_leaves_no_child(environment, tmp_path):
    asset = receive(long_clip(tmp_path, times=25), "long.mp4")
    with worker(environment) as process:
        wait_for(in_the_middle_of_the_transcode(asset))
        children = children_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
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
        assert (one.wait(60), other.wait(60)) == (0, 0)
    for asset in assets:
        asset.refresh_from_db()
        assert (asset.state, asset.attempts) == ("ready", 1)
        assert asset.derivatives.count() == 3

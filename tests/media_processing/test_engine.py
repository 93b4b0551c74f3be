"""The distributed engine: bells through a real Redis, rows in the database, the same workers."""

import logging
import os
import signal
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from redis import Redis as Client

from media_processing import bells, tasks
from media_processing.lanes import Lane
from media_processing.listening import ListeningLane
from media_processing.models import MediaAsset
from media_processing.worker import lanes_of
from tests.factories import AssetFactory
from tests.media_processing.conftest import upload
from tests.media_processing.makers import jpeg
from tests.media_processing.processes import run_until_idle, wait_for, worker
from tests.servers import free_port, redis

pytestmark = pytest.mark.django_db(transaction=True)

KILLED_BY_A_FILE = """
import os
import django; django.setup()
from media_processing import pipeline
from media_processing.worker import WorkerProcess
process = pipeline._process
pipeline._process = lambda one: (
    os.kill(os.getpid(), 9) if one.original_name == "poison.jpg" else process(one)
)
WorkerProcess(until_idle=False).run()
"""


@pytest.fixture(scope="module")
def server():
    with redis() as server:
        yield server


def listen_at(url, settings):
    settings.BROKER_URL = url
    celery = settings.TASKS["worker"] | {"BACKEND": "media_processing.bells.CeleryBackend"}
    settings.TASKS = settings.TASKS | {"worker": celery}


@pytest.fixture
def forget_the_broker():
    yield
    bells._ringer.cache_clear()
    bells._broker.away_until = 0.0


@pytest.fixture
def broker(server, settings, forget_the_broker):
    """A client of the broker that this test and its workers use."""
    bells._ringer.cache_clear()
    listen_at(server.url, settings)
    with Client.from_url(server.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def celery(environment, broker, server):
    """What makes `manage.py worker` listen to that broker."""
    return environment | {"TASKS": "celery", "BROKER_URL": server.url}


@pytest.fixture(params=["database", "celery"])
def either(request, environment):
    """The same for one engine after the other."""
    if request.param == "celery":
        return request.getfixturevalue("celery")
    return environment | {"TASKS": "database"}


def is_ready(asset):
    return lambda: MediaAsset.objects.filter(pk=asset.pk, state="ready").exists()


# --- Bells ------------------------------------------------------------------------------------


def test_what_is_enqueued_is_a_row_and_rings_when_it_is_committed(broker):
    with transaction.atomic():
        tasks.process_photo.enqueue("an id")
        assert broker.llen("photos") == 0
    assert broker.llen("photos") == 1
    assert DBTaskResult.objects.get().args_kwargs["args"] == ["an id"]
    assert b"an id" not in broker.lindex("photos", 0)


def test_however_many_tasks_wait_the_broker_holds_a_few_bells(broker, monkeypatch):
    monkeypatch.setattr(bells, "BELLS_A_QUEUE", 3)
    for n in range(10):
        tasks.process_photo.enqueue(str(n))
    assert (broker.llen("photos"), DBTaskResult.objects.count()) == (3, 10)


def test_what_is_due_later_rings_when_its_hour_comes(broker):
    in_an_hour = timezone.now() + timedelta(hours=1)
    tasks.process_photo.using(run_after=in_an_hour).enqueue("later")
    bells.ring_for_what_waits(("photos", "videos"))
    assert broker.llen("photos") == 0
    DBTaskResult.objects.update(run_after=timezone.now())
    bells.ring_for_what_waits(("videos",))
    assert broker.llen("photos") == 0
    bells.ring_for_what_waits(("photos", "videos"))
    assert (broker.llen("photos"), broker.llen("videos")) == (1, 0)


def test_without_a_broker_the_task_is_written_and_no_one_waits_twice(
    settings, forget_the_broker, caplog
):
    bells._ringer.cache_clear()
    listen_at(f"redis://127.0.0.1:{free_port()}/0", settings)
    with caplog.at_level(logging.WARNING, logger="media_processing.bells"):
        for n in range(3):
            tasks.process_photo.enqueue(str(n))
    assert DBTaskResult.objects.ready().count() == 3
    (warning,) = caplog.records
    assert "the broker can't be reached" in warning.getMessage()


# --- Whose turn it is ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind_of_lane", [Lane, ListeningLane])
def test_who_waits_before_the_deadline_goes_before_what_is_made_anew(
    kind_of_lane, broker, monkeypatch
):
    """Ten renewals came first; one lane takes the entrant's photo before any of them."""
    taken, photos = [], ("photos",)
    monkeypatch.setattr(tasks, "process_asset", taken.append)
    shown = [AssetFactory(state="ready", derivatives=False) for _ in range(10)]
    entered = AssetFactory(state="received", derivatives=False)
    for asset in [*shown, entered]:
        tasks.enqueue(asset)
    broker.flushall()  # one bell is enough for all of them
    bells.ring("photos")
    lane = kind_of_lane(photos, 0.1)
    wait_for(lambda: len(taken) == 11)
    lane.stop()
    lane.thread.join(60)
    assert not lane.thread.is_alive()
    assert taken == [str(one.pk) for one in [entered, *shown]]
    assert {one.worker_ids[0] for one in DBTaskResult.objects.all()} == {lane.name}


def test_a_task_told_three_times_is_run_once(broker, monkeypatch):
    """Three bells, two lanes: one row, one run."""
    taken = []
    monkeypatch.setattr(tasks, "process_asset", taken.append)
    tasks.process_photo.enqueue("once")
    bells.ring("photos")
    bells.ring("photos")
    assert broker.llen("photos") == 3
    lanes = [ListeningLane(("photos",), 0.1) for _ in range(2)]
    wait_for(lambda: broker.llen("photos") == 0 and not broker.exists("unacked"))
    for lane in lanes:
        lane.stop()
    for lane in lanes:
        lane.thread.join(60)
    assert taken == ["once"]
    assert len(DBTaskResult.objects.get().worker_ids) == 1


@pytest.mark.parametrize(
    ("queues", "lanes"),
    [
        (("photos", "notices"), [("notices", "photos"), ("photos",)]),
        (("videos",), [("videos",)]),
        (("packages", "videos"), [("videos", "packages")]),
    ],
)
def test_a_worker_for_some_queues_has_lanes_for_these(queues, lanes):
    assert lanes_of(queues) == lanes


@pytest.mark.media
def test_a_host_for_photos_leaves_the_videos_alone(either):
    photo, video = upload(jpeg()), AssetFactory(state="received", kind="video", derivatives=False)
    tasks.enqueue(video)
    with worker(either, "--until-idle", "--queues", "photos,notices") as process:
        assert process.wait(timeout=120) == 0
    assert is_ready(photo)()
    assert DBTaskResult.objects.get(queue_name="videos").status == "READY"


def test_a_queue_that_is_none_is_named():
    with pytest.raises(CommandError, match=r"No such queue: foto\. There are notices, photos"):
        call_command("worker", queues="photos,foto")


# --- Deaths -------------------------------------------------------------------------------------


def holder(asset):
    """Return the process id of the worker that has the asset's task."""
    task = DBTaskResult.objects.filter(status="RUNNING", args_kwargs__args=[str(asset.pk)]).first()
    held = MediaAsset.objects.filter(pk=asset.pk, lease_token__isnull=False).exists()
    return int(task.worker_ids[-1].split("-")[-2]) if task and held else None


@pytest.mark.media
def test_a_worker_killed_over_a_photo_is_followed_by_another_within_a_minute(celery):
    with worker(celery) as one, worker(celery) as other:
        asset = upload(jpeg(6000, 4000))
        victim = wait_for(lambda: holder(asset))
        assert victim in (one.pid, other.pid)
        os.kill(victim, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(is_ready(asset), seconds=60)
        print(f"taken over and ready {time.monotonic() - killed:.0f} s after the blow")
        unended = DBTaskResult.objects.exclude(status="SUCCESSFUL")
        wait_for(lambda: not unended.exists())
    asset.refresh_from_db()
    assert asset.attempts == 2


@pytest.mark.media
def test_a_file_that_kills_workers_is_set_aside_after_three_and_others_go_on(either):
    poison = upload(jpeg(), name="poison.jpg")
    set_aside = MediaAsset.objects.filter(pk=poison.pk, state="failed")
    deaths, later = 0, None
    while not set_aside.exists():
        with worker(either, program=["-c", KILLED_BY_A_FILE]) as process:
            wait_for(lambda: process.poll() is not None or set_aside.exists())
            deaths += process.poll() is not None
        later = later or upload(jpeg(500, 400))
    poison.refresh_from_db()
    assert deaths == 3
    assert (poison.reason, poison.attempts) == ("gave_up", 3)
    run_until_idle(either)
    assert is_ready(later)()


# --- The broker's own -----------------------------------------------------------------------------


@pytest.mark.media
def test_bells_that_the_broker_lost_are_rung_again(celery, broker):
    assets = [upload(jpeg(500 + n, 400)) for n in range(3)]
    broker.flushall()
    run_until_idle(celery)
    assert MediaAsset.objects.filter(state="ready").count() == len(assets)


@pytest.mark.media
def test_what_is_uploaded_while_the_broker_is_away_is_made_when_it_is_back(celery, server):
    with worker(celery) as process:
        before = upload(jpeg())
        wait_for(is_ready(before))
        server.stop()
        begun = time.monotonic()
        during = upload(jpeg(500, 400))
        assert time.monotonic() - begun < 20
        server.start()
        wait_for(is_ready(during))
        assert process.poll() is None

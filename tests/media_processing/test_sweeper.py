"""What a dead worker, or a lost message, left lying is taken up."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing import leases, sweeper, tasks
from media_processing.models import MediaAsset, WorkerPulse
from media_processing.sweeper import is_idle, sweep
from media_processing.tasks import all_queues
from media_processing.workbench import PREFIX, clear_abandoned, workbench
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(hours=1)


def asset_in(state, kind="photo", **fields):
    asset = AssetFactory(state=state, kind=kind, derivatives=False, **fields)
    MediaAsset.objects.filter(pk=asset.pk).update(created_at=timezone.now() - LONG_AGO)
    return asset


def held_until(asset, moment):
    MediaAsset.objects.filter(pk=asset.pk).update(lease_until=moment)
    return asset


def waiting():
    ready = DBTaskResult.objects.filter(status="READY").order_by("enqueued_at")
    return [task.args_kwargs["args"][0] for task in ready]


def running(lane, asset, deaths=0, started=LONG_AGO):
    tasks.enqueue(asset)
    task = DBTaskResult.objects.latest("enqueued_at")
    task.worker_ids = [f"dead{n}" for n in range(deaths)]
    task.claim(lane)
    DBTaskResult.objects.filter(pk=task.pk).update(started_at=timezone.now() - started)
    return task


def beat(lane, ago=timedelta(0)):
    WorkerPulse.objects.create(lane=lane, beat_at=timezone.now() - ago)


# --- Assets ---------------------------------------------------------------------------------


def test_what_was_received_and_never_enqueued_is_enqueued_once():
    asset = asset_in("received")
    sweep()
    sweep()
    assert waiting() == [str(asset.pk)]


def test_what_was_just_received_is_left_to_its_own_message():
    AssetFactory(state="received", derivatives=False)
    sweep()
    assert waiting() == []


def test_what_waits_in_the_queue_is_not_enqueued_again():
    asset = asset_in("received")
    tasks.enqueue(asset)
    sweep()
    assert waiting() == [str(asset.pk)]


def test_a_silent_workers_asset_is_enqueued():
    past, future = (timezone.now() + timedelta(seconds=after) for after in (-1, 60))
    silent = held_until(asset_in("processing", attempts=1), past)
    held_until(asset_in("processing", attempts=1), future)
    sweep()
    assert waiting() == [str(silent.pk)]


@pytest.mark.parametrize("state", ["uploading", "ready", "refused", "failed"])
def test_what_has_not_arrived_or_has_ended_is_left_alone(state):
    asset_in(state)
    sweep()
    assert waiting() == []


def test_photos_are_enqueued_before_videos():
    video, photo = asset_in("received", kind="video"), asset_in("received")
    sweep()
    assert waiting() == [str(photo.pk), str(video.pk)]


def test_photos_run_before_videos_whatever_came_first():
    video, photo = asset_in("received", kind="video"), asset_in("received")
    tasks.enqueue(video)
    tasks.enqueue(photo)
    order = [task.args_kwargs["args"][0] for task in DBTaskResult.objects.ready()]
    assert order == [str(photo.pk), str(video.pk)]


def test_a_few_renewals_at_a_time_are_in_the_queue_below_all_others(monkeypatch):
    monkeypatch.setattr(sweeper, "RENEWALS_IN_QUEUE", 2)
    shown = [asset_in("ready") for _ in range(3)]
    leases.ask_for_renewal(MediaAsset.objects.all())
    sweep()
    sweep()
    assert waiting() == [str(one.pk) for one in shown[:2]]
    for kind in ("video", "photo"):
        tasks.enqueue(asset_in("received", kind=kind))
    order = [task.args_kwargs["args"][0] for task in DBTaskResult.objects.ready()]
    assert order[2:] == [str(one.pk) for one in shown[:2]]
    leases.finish(leases.claim_asset(shown[0].pk), [])
    sweep()
    assert waiting()[-1] == str(shown[2].pk)


def test_three_attempts_and_a_dead_worker_are_the_end():
    asset = held_until(asset_in("processing", attempts=3), timezone.now() - LONG_AGO)
    sweep()
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == ("failed", "gave_up")
    assert waiting() == []


# --- Tasks ----------------------------------------------------------------------------------


def test_a_dead_lanes_task_waits_again():
    task = running("lane-1", asset_in("ready"))
    beat("lane-1", ago=LONG_AGO)
    sweep()
    task.refresh_from_db()
    assert (task.status, task.worker_ids) == ("READY", ["lane-1"])


def test_a_dead_lanes_task_waits_again_though_its_clock_was_ahead():
    task = running("lane-1", asset_in("ready"), started=-timedelta(hours=1))
    beat("lane-1", ago=LONG_AGO)
    sweep()
    task.refresh_from_db()
    assert task.status == "READY"


def test_a_living_lanes_task_is_left_to_it():
    task = running("lane-1", asset_in("ready"))
    beat("lane-1")
    sweep()
    task.refresh_from_db()
    assert task.status == "RUNNING"


def test_a_lane_that_is_just_beginning_is_given_time():
    task = running("lane-1", asset_in("ready"), started=timedelta(0))
    sweep()
    task.refresh_from_db()
    assert task.status == "RUNNING"


def test_a_task_that_kills_every_worker_is_ended():
    task = running("lane-1", asset_in("ready"), deaths=2)
    sweep()
    task.refresh_from_db()
    assert task.status == "FAILED"
    assert "3 workers died at it" in task.traceback


def test_tasks_of_other_engines_are_not_ours():
    task = running("lane-1", asset_in("ready"))
    DBTaskResult.objects.filter(pk=task.pk).update(backend_name="other")
    sweep()
    task.refresh_from_db()
    assert task.status == "RUNNING"


def test_old_signs_of_life_are_cleared_away():
    beat("lane-1", ago=timedelta(days=2))
    beat("lane-2")
    sweep()
    assert [one.lane for one in WorkerPulse.objects.all()] == ["lane-2"]


# --- Idle -----------------------------------------------------------------------------------


def test_nothing_to_do_is_idle():
    asset_in("ready")
    asset_in("refused")
    asset_in("uploading")
    assert is_idle(all_queues())


def test_a_renewal_is_not_idle():
    asset_in("ready")
    leases.ask_for_renewal(MediaAsset.objects.all())
    assert not is_idle(all_queues())


@pytest.mark.parametrize("state", ["received", "processing"])
def test_an_asset_on_its_way_is_not_idle(state):
    asset_in(state)
    assert not is_idle(all_queues())


def test_a_task_to_run_or_running_is_not_idle():
    task = running("lane-1", asset_in("ready"))
    assert not is_idle(all_queues())
    DBTaskResult.objects.filter(pk=task.pk).update(status="READY")
    assert not is_idle(all_queues())
    DBTaskResult.objects.filter(pk=task.pk).update(status="FAILED")
    assert is_idle(all_queues())


# --- Folders --------------------------------------------------------------------------------


def test_an_abandoned_workbench_is_cleared_and_a_held_one_is_not(tmp_path, monkeypatch):
    import os
    import tempfile
    import time

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    abandoned, newborn = tmp_path / f"{PREFIX}dead", tmp_path / f"{PREFIX}new"
    stranger = tmp_path / "something-else"
    for folder in (abandoned, newborn, stranger):
        folder.mkdir()
    hour_ago = time.time() - 3600
    with workbench() as held:
        for folder in (abandoned, stranger, held):
            os.utime(folder, (hour_ago, hour_ago))
        assert clear_abandoned() == 1
        assert held.exists()
    assert sorted(tmp_path.iterdir()) == sorted([newborn, stranger])

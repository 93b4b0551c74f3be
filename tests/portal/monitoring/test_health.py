"""/readyz says which part is amiss, soon, and is not worn out by being asked often."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing.models import WorkerPulse
from media_processing.tasks import process_photo
from portal.monitoring import health
from portal.monitoring.health import PARTS, Rounds
from tests.servers import redis

ALL_WELL = dict.fromkeys(PARTS, "ok")


def states(rounds):
    return {name: answer.state for name, answer in rounds.latest().items()}


@pytest.fixture
def site(transactional_db):
    """A site on which everything is well."""
    cache.delete(health.MARK)
    WorkerPulse.objects.create(lane="host-1-a", beat_at=timezone.now())


def test_all_is_well(site):
    assert states(Rounds(PARTS)) == ALL_WELL


def test_the_second_round_writes_nothing(site, monkeypatch):
    written = []
    kept = cache.set
    monkeypatch.setattr(
        caches["default"], "set", lambda *args: written.append(args[0]) or kept(*args)
    )
    assert [health.cache_keeps(), health.cache_keeps()] == [True, True]
    assert written == [health.MARK]


def test_no_worker_lives(site):
    WorkerPulse.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    assert states(Rounds(PARTS)) == {**ALL_WELL, "workers": "amiss"}


@pytest.mark.parametrize(("waited", "state"), [(890, "ok"), (910, "amiss")])
def test_a_file_waits_for_longer_than_the_limit(site, waited, state):
    process_photo.enqueue("an-id")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=waited))
    assert states(Rounds(PARTS)) == {**ALL_WELL, "queues": state}


def test_redis_is_away_and_comes_back(site):
    with redis() as server:
        options = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
        backend = {"BACKEND": "portal.cache.ForgivingRedisCache", "LOCATION": server.url}
        with override_settings(CACHES={"default": {**backend, "OPTIONS": options}}):
            assert states(Rounds(PARTS)) == ALL_WELL
            server.stop()
            assert states(Rounds(PARTS)) == {**ALL_WELL, "cache": "amiss"}
            server.start()
            assert states(Rounds(PARTS)) == ALL_WELL


def test_the_originals_cannot_be_written(site, monkeypatch, tmp_path):
    monkeypatch.setattr(health, "originals", lambda: FileSystemStorage(tmp_path / "a" / "b"))
    assert health.originals_can_be_kept()  # its folder is made with the first file
    nobodys = FileSystemStorage("/proc/nobody/writes/here")
    monkeypatch.setattr(health, "originals", lambda: nobodys)
    monkeypatch.setattr(health.os, "access", lambda path, mode: path != Path("/proc"))
    assert states(Rounds(PARTS)) == {**ALL_WELL, "storage": "amiss"}


def test_an_object_storage_that_refuses_is_amiss(site, monkeypatch):
    class Refusing:
        def exists(self, name):
            raise PermissionError("the key s3cret is wrong")

    monkeypatch.setattr(health, "originals", Refusing)
    assert states(Rounds(PARTS)) == {**ALL_WELL, "storage": "amiss"}


def test_who_does_not_answer_is_not_waited_for_and_not_asked_twice(monkeypatch):
    monkeypatch.setattr(health, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)
    release, asked = threading.Event(), []

    def hang():
        asked.append("hang")
        return release.wait(30)

    rounds = Rounds({"hanging": hang, "quick": lambda: True})
    began = time.monotonic()
    assert states(rounds) == {"hanging": "silent", "quick": "ok"}
    assert states(rounds) == {"hanging": "silent", "quick": "ok"}
    assert time.monotonic() - began < 20
    assert asked == ["hang"]
    release.set()
    rounds.questions["hanging"].join(60)
    assert states(rounds) == {"hanging": "ok", "quick": "ok"}


def test_a_hundred_probes_are_one_round():
    asked = []
    rounds = Rounds({"part": lambda: asked.append(1) is None})
    for _ in range(100):
        assert states(rounds) == {"part": "ok"}
    assert len(asked) == 1


def test_who_asks_during_a_round_is_told_of_the_one_before(monkeypatch):
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)
    entered, release, turns = threading.Event(), threading.Event(), iter([True, False])

    def ask():
        fine = next(turns)
        if not fine:
            entered.set()
            release.wait(30)
        return fine

    rounds = Rounds({"part": ask})
    assert states(rounds) == {"part": "ok"}
    second = threading.Thread(target=rounds.latest)
    second.start()
    assert entered.wait(60)
    assert states(rounds) == {"part": "ok"}
    release.set()
    second.join(60)
    assert rounds.found["part"].state == "amiss"


def test_the_threads_leave_no_connection_behind(site):
    before = connection.connection
    rounds = Rounds(PARTS)
    rounds.latest()
    assert all(not question.is_alive() for question in rounds.questions.values())
    assert connection.connection is before  # ours is left alone

"""How far each queue is behind: what somebody waits for counts, and only since it could begin."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing.queues import QueueFigures, queue_figures
from media_processing.tasks import RENEWAL, process_photo, process_video

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def wait(task, seconds, **how):
    """Enqueue it as if that many seconds ago."""
    result = task.using(**how).enqueue("an-id") if how else task.enqueue("an-id")
    DBTaskResult.objects.filter(pk=result.id).update(enqueued_at=ago(seconds))


def figures(name):
    return next(one for one in queue_figures() if one.name == name)


def test_every_queue_is_there_though_nothing_waits():
    nothing = [QueueFigures(name) for name in ("notices", "photos", "videos", "packages")]
    assert queue_figures() == nothing
    assert nothing[0].lag(NOW) == timedelta(0)


def test_the_lag_is_that_of_the_one_that_waits_longest():
    wait(process_photo, 30)
    wait(process_photo, 90)
    wait(process_video, 500)
    photos = figures("photos")
    assert (photos.waiting, photos.lag(NOW)) == (2, timedelta(seconds=90))
    assert figures("videos").lag(NOW) == timedelta(seconds=500)


def test_nobody_waits_for_what_is_made_anew():
    wait(process_photo, 9000, priority=RENEWAL["photo"])
    assert figures("photos") == QueueFigures("photos", waiting=1)
    wait(process_photo, 5)
    assert figures("photos").lag(NOW) == timedelta(seconds=5)


def test_a_task_for_later_waits_from_its_hour_on():
    wait(process_photo, 9000, run_after=timezone.now() + timedelta(hours=1))
    assert figures("photos") == QueueFigures("photos")
    DBTaskResult.objects.update(run_after=ago(7))
    assert figures("photos").lag(NOW) == timedelta(seconds=7)


def test_what_has_begun_or_ended_waits_no_more():
    for status in ("RUNNING", "SUCCESSFUL", "FAILED"):
        wait(process_photo, 90)
        DBTaskResult.objects.filter(status="READY").update(status=status)
    assert figures("photos") == QueueFigures("photos")


def test_one_query_however_many_wait(django_assert_num_queries):
    for seconds in range(5):
        wait(process_photo, seconds)
    with django_assert_num_queries(1):
        queue_figures()

"""The organiser sees how the queue stands, and sends back what failed."""

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing import leases
from media_processing.derive.recipes import RECIPE
from media_processing.models import MediaAsset, WorkerPulse
from media_processing.overview import figures_by_kind, renewal_figures, workers_alive
from media_processing.queues import queue_figures
from media_processing.tasks import process_photo
from portal.notifications.tasks import send_notice
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db

GAVE_UP = {"reason": "gave_up", "reason_values": {"attempts": 3, "error": "OSError: disk full"}}


def one_of_each():
    for kind in ("photo", "video"):
        for state in ("uploading", "received", "processing", "ready", "refused"):
            AssetFactory(kind=kind, state=state, derivatives=False, finished_at=timezone.now())
        AssetFactory(kind=kind, state="failed", derivatives=False, **GAVE_UP)
    leases.ask_for_renewal(MediaAsset.objects.filter(pk=AssetFactory().pk))
    leases.claim_asset(leases.renewals().latest("created_at").pk)
    AssetFactory(**GAVE_UP)


def page(client):
    return html.unescape(client.get(reverse("media_queue")).content.decode())


def test_it_costs_the_same_with_one_row_and_with_three(organiser):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page(organiser)
        return len(queries)

    one_of_each()
    cost()  # content types and permissions are read once a process
    one = cost()
    one_of_each()
    one_of_each()
    assert cost() == one
    assert one <= 20


def test_the_figures_of_each_kind():
    one_of_each()
    long_ago = timezone.now() - timedelta(hours=2)
    AssetFactory(state="ready", finished_at=long_ago)
    oldest = AssetFactory(state="received")
    MediaAsset.objects.filter(pk=oldest.pk).update(created_at=long_ago)
    photos, videos = figures_by_kind()
    assert (photos.kind, photos.waiting, photos.processing) == ("photo", 2, 1)
    assert (photos.failed, photos.refused, photos.done, photos.oldest) == (1, 1, 1, long_ago)
    assert (videos.kind, videos.waiting, videos.failed, videos.done) == ("video", 1, 1, 1)


def test_an_empty_house_has_figures_too():
    assert [(one.waiting, one.oldest) for one in figures_by_kind()] == [(0, None), (0, None)]
    assert renewal_figures().total == 0


def test_what_waits_in_each_queue_and_since_when(organiser):
    now = timezone.now()
    for minutes in (5, 90):
        process_photo.enqueue(str(minutes))
        waiting = DBTaskResult.objects.filter(args_kwargs__args=[str(minutes)])
        waiting.update(enqueued_at=now - timedelta(minutes=minutes))
    for minutes in (-3, 2):  # to be sent again: one in a while, one that is late
        later = send_notice.using(run_after=now - timedelta(minutes=minutes))
        later.enqueue("1")
    process_photo.enqueue("begun")
    DBTaskResult.objects.get(args_kwargs__args=["begun"]).claim("a-lane")
    figures = {
        one.name: (one.waiting, round(one.lag(now).total_seconds() / 60)) for one in queue_figures()
    }
    assert figures == {"notices": (1, 2), "photos": (2, 90), "videos": (0, 0), "packages": (0, 0)}
    assert "1 小时，30 分钟" in page(organiser).replace("\xa0", " ")


def test_how_far_the_present_recipe_has_come():
    for _ in range(2):
        AssetFactory(recipe=RECIPE)
    AssetFactory(recipe=RECIPE - 1)
    AssetFactory(recipe=RECIPE - 1, reason="gave_up")
    leases.ask_for_renewal(MediaAsset.objects.filter(pk=AssetFactory(recipe=RECIPE - 1).pk))
    figures = renewal_figures()
    assert (figures.total, figures.current, figures.older) == (5, 2, 1)
    assert (figures.left, figures.failed) == (1, 1)


def test_a_worker_is_alive_by_any_of_its_lanes(organiser):
    assert "后台处理进程没有运行" in page(organiser)
    for lane, ago in [("a-host-1-x", 0), ("a-host-1-y", 0), ("a-host-2-z", 0), ("b-3-old", 600)]:
        beat_at = timezone.now() - timedelta(seconds=ago)
        WorkerPulse.objects.create(lane=lane, beat_at=beat_at)
    assert workers_alive() == 2
    assert "后台处理正常，2 个进程在运行。" in page(organiser)


def test_a_failure_is_there_with_its_reason_its_error_and_a_way_to_try_again(organiser):
    failed = AssetFactory(state="failed", original_name="<b>片.jpg", **GAVE_UP)
    found = page(organiser)
    assert "已尝试 3 次" in found
    assert "OSError: disk full" in found
    assert reverse("media_retry", args=[failed.pk]) in found
    assert "&lt;b&gt;片.jpg" in organiser.get(reverse("media_queue")).content.decode()


def test_all_that_failed_goes_back_at_once(organiser):
    for _ in range(2):
        AssetFactory(state="failed", derivatives=False, **GAVE_UP)
    AssetFactory(state="refused", reason="damaged", derivatives=False)
    assert "全部重试（2 个）" in page(organiser)
    answer = organiser.post(reverse("media_queue"), follow=True)
    assert "已有 2 个文件重新排队。" in answer.content.decode()
    assert sorted(MediaAsset.objects.values_list("state", flat=True)) == [
        "received",
        "received",
        "refused",
    ]


def test_it_is_in_the_organisers_menu_and_closed_to_others(organiser, manager, judge, entrant):
    url = reverse("media_queue")
    assert url in organiser.get(reverse("wagtailadmin_home")).content.decode()
    for other in (manager, judge, entrant):
        assert other.get(url).status_code in (302, 403)
        assert other.post(url).status_code in (302, 403)

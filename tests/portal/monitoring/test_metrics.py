"""What Prometheus reads is what the database says, in few queries, whoever answers."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing.models import WorkerPulse
from media_processing.tasks import process_photo
from portal.monitoring.metrics import site_registry
from tests.factories import AssetFactory, BallotFactory, EditionFactory, PollFactory

pytestmark = pytest.mark.django_db

# Two processes of a web server as the settings put it together; its only view answers nothing.
COUNTING = """
import os
import django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string
from django_prometheus.exports import ExportToDjangoView
answer = lambda request: HttpResponse()
for middleware in (settings.MIDDLEWARE[-1], settings.MIDDLEWARE[2]):
    answer = import_string(middleware)(answer)
child = os.fork()
answer(RequestFactory().get("/"))
answer(RequestFactory().generic("GUESSED17", "/"))
if not child:
    os._exit(0)
os.waitpid(child, 0)
print(ExportToDjangoView(None).content.decode())
"""


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.delete("metrics-ballots")


def value(name, **labels):
    return site_registry().get_sample_value(name, labels)


def test_queues_and_workers():
    process_photo.enqueue("an-id")
    process_photo.enqueue("another")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=100))
    WorkerPulse.objects.create(lane="host-1-a", beat_at=timezone.now())
    WorkerPulse.objects.create(lane="host-1-b", beat_at=timezone.now())
    WorkerPulse.objects.create(lane="host-2-a", beat_at=timezone.now() - timedelta(hours=1))
    assert value("portal_queue_waiting", queue="photos") == 2
    assert 100 <= value("portal_queue_lag_seconds", queue="photos") < 160
    assert value("portal_queue_waiting", queue="videos") == 0
    assert value("portal_queue_lag_seconds", queue="videos") == 0
    assert value("portal_workers_alive") == 1


def test_what_became_of_the_files():
    AssetFactory.create_batch(2, derivatives=False)
    AssetFactory(state="refused", reason="too_small")
    AssetFactory(kind="video", state="failed", reason="gave_up")
    AssetFactory(kind="video", state="uploading")
    AssetFactory(state="uploading")
    files = "portal_media_files"
    assert value(files, kind="photo", state="ready", reason="") == 2
    assert value(files, kind="photo", state="refused", reason="too_small") == 1
    assert value(files, kind="video", state="failed", reason="gave_up") == 1
    assert value("portal_uploads_in_progress") == 2


def test_ballots_by_edition_and_whether_they_count():
    poll = PollFactory(edition=EditionFactory(slug="2026"))
    BallotFactory.create_batch(3, poll=poll)
    BallotFactory(poll=poll, status=2, code="address_cluster", void_reason="x")
    assert value("portal_ballots", edition="2026", status="counted") == 3
    assert value("portal_ballots", edition="2026", status="void") == 1
    assert value("portal_ballots", edition="2026", status="quarantined") is None


def test_a_minute_of_scrapes_counts_the_ballots_once():
    poll = PollFactory(edition=EditionFactory(slug="2026"))
    BallotFactory(poll=poll)
    for _ in range(2):
        assert value("portal_ballots", edition="2026", status="counted") == 1
        BallotFactory(poll=poll)


def test_it_costs_the_same_with_one_row_and_with_three():
    def cost():
        cache.delete("metrics-ballots")
        BallotFactory()
        process_photo.enqueue("an-id")
        AssetFactory(state="refused", reason="too_small")
        with CaptureQueriesContext(connection) as queries:
            list(site_registry().collect())
        # A cache in the database asks in a transaction of its own.
        of_the_cache = re.compile("cache_entries|^(RELEASE )?SAVEPOINT")
        return len([one for one in queries if not of_the_cache.search(one["sql"])])

    # On PostgreSQL the hour by which workers live is asked for as well.
    wanted = 5 if connection.vendor == "postgresql" else 4
    assert cost() == wanted
    cost()
    assert cost() == wanted


def test_who_has_the_token_reads_requests_and_the_site():
    with override_settings(METRICS_TOKEN="right"):
        answer = Client().get("/metrics", headers={"Authorization": "Bearer right"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert b"\nportal_workers_alive 0.0\n" in answer.content
    assert b"\n# TYPE python_gc_objects_collected_total counter\n" in answer.content


def test_processes_add_up_what_they_count_and_strangers_add_no_labels(tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.development",
        "DATA_DIR": str(tmp_path / "data"),
        "METRICS_TOKEN": "right",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counts"),
    }
    (tmp_path / "counts").mkdir()
    told = subprocess.run(
        [sys.executable, "-c", COUNTING],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "django_http_requests_before_middlewares_total 4.0\n" in told
    assert 'django_http_requests_total_by_method_total{method="<invalid method>"} 2.0' in told
    assert "GUESSED17" not in told

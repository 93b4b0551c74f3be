"""What Prometheus is told of the site: counted in the database when it asks.

So every process tells the same, and nothing is lost with one that dies.
"""

import shutil
from collections.abc import Iterator

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media_processing.models import MediaAsset
from media_processing.overview import workers_alive
from media_processing.queues import queue_figures
from media_processing.states import AssetState
from media_processing.unfinished import place
from voting.models import Ballot

BALLOTS_KEPT_SECONDS = 60  # to count a million takes a good part of a second


class Site(Collector):
    """Queues, workers, files, ballots, disk."""

    def collect(self) -> Iterator[Metric]:
        """Yield each family of figures; a few queries, however much there is."""
        yield from _queues()
        yield GaugeMetricFamily("portal_workers_alive", "Worker processes.", workers_alive())
        yield from _files()
        yield _ballots()
        free = shutil.disk_usage(place()).free
        yield GaugeMetricFamily("portal_disk_free_bytes", "Bytes free where uploads arrive.", free)


def site_registry() -> CollectorRegistry:
    """Return a registry with the site's figures and nothing else."""
    registry = CollectorRegistry()
    registry.register(Site())
    return registry


def _queues() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("portal_queue_waiting", "Tasks that wait.", labels=["queue"])
    words = "How long the first of those that somebody waits for has waited."
    lag = GaugeMetricFamily("portal_queue_lag_seconds", words, labels=["queue"])
    now = timezone.now()
    for figures in queue_figures():
        waiting.add_metric([figures.name], figures.waiting)
        lag.add_metric([figures.name], figures.lag(now).total_seconds())
    yield waiting
    yield lag


def _files() -> Iterator[Metric]:
    words = "Files by what became of them."
    files = GaugeMetricFamily("portal_media_files", words, labels=["kind", "state", "reason"])
    uploads = 0
    rows = MediaAsset.objects.order_by().values_list("kind", "state", "reason")
    for kind, state, reason, count in rows.annotate(Count("pk")):
        files.add_metric([kind, state, reason], count)
        uploads += count if state == AssetState.UPLOADING else 0
    yield files
    yield GaugeMetricFamily("portal_uploads_in_progress", "Uploads not complete.", uploads)


def _ballots() -> Metric:
    words = f"Ballots by edition and status, at most {BALLOTS_KEPT_SECONDS} seconds old."
    ballots = GaugeMetricFamily("portal_ballots", words, labels=["edition", "status"])
    counts = cache.get_or_set("metrics-ballots", _count_ballots, BALLOTS_KEPT_SECONDS)
    for edition, status, count in counts or []:
        ballots.add_metric([edition, Ballot.Status(status).name.lower()], count)
    return ballots


def _count_ballots() -> list[tuple[str, int, int]]:
    rows = Ballot.objects.order_by().values_list("poll__edition__slug", "status")
    return list(rows.annotate(Count("pk")))

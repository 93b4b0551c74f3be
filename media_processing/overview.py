"""How the queue stands: a few figures and lists, in as many queries however long it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from media_processing.derive.recipes import RECIPE
from media_processing.leases import failed_renewals, lease_seconds, shared_now
from media_processing.models import MediaAsset, WorkerPulse
from media_processing.states import AssetState

KINDS = MediaAsset._meta.get_field("kind").choices
NOBODY: dict[str, Any] = {
    "waiting": 0,
    "processing": 0,
    "failed": 0,
    "refused": 0,
    "done": 0,
    "oldest": None,
}


@dataclass(frozen=True)
class KindFigures:
    """How the files of one kind stand. `done` were made ready in the last hour."""

    kind: str
    label: str
    waiting: int
    processing: int
    failed: int
    refused: int
    done: int
    oldest: datetime | None  # when the one that waits longest was received

    @property
    def waits_for_minutes(self) -> bool:
        return self.oldest is not None and timezone.now() - self.oldest >= timedelta(minutes=1)


@dataclass(frozen=True)
class RenewalFigures:
    """How far what is shown is by the present recipe, in files."""

    left: int  # wait or are at work
    failed: int
    older: int  # by an older recipe, and nobody has asked for them yet
    total: int

    @property
    def current(self) -> int:
        return self.total - self.left - self.failed - self.older


def figures_by_kind() -> list[KindFigures]:
    """Return the figures of photos, then of videos. One query."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    waits = Q(state=AssetState.RECEIVED)
    rows = (
        MediaAsset.objects.order_by()
        .values("kind")
        .annotate(
            waiting=Count("pk", filter=waits),
            processing=Count("pk", filter=Q(state=AssetState.PROCESSING)),
            failed=Count("pk", filter=Q(state=AssetState.FAILED)),
            refused=Count("pk", filter=Q(state=AssetState.REFUSED)),
            done=Count("pk", filter=Q(state=AssetState.READY, finished_at__gte=an_hour_ago)),
            oldest=Min("created_at", filter=waits),
        )
    )
    found = {row["kind"]: row for row in rows}
    return [
        KindFigures(**{**NOBODY, **found.get(kind, {}), "kind": kind, "label": label})
        for kind, label in KINDS
    ]


def renewal_figures() -> RenewalFigures:
    """Return how far the present recipe has come. One query."""
    asked, failed = Q(lease_until__isnull=False), ~Q(reason="")
    counts = MediaAsset.objects.filter(state=AssetState.READY).aggregate(
        left=Count("pk", filter=asked),
        failed=Count("pk", filter=failed & ~asked),
        older=Count("pk", filter=Q(recipe__lt=RECIPE) & ~failed & ~asked),
        total=Count("pk"),
    )
    return RenewalFigures(**counts)


def workers_alive() -> int:
    """Return how many worker processes gave a sign of life lately."""
    since = shared_now() - timedelta(seconds=lease_seconds())
    lanes = WorkerPulse.objects.filter(beat_at__gte=since).values_list("lane", flat=True)
    return len({lane.rpartition("-")[0] for lane in lanes})


def at_work() -> "QuerySet[MediaAsset]":
    """Return the files that somebody works on at this moment."""
    return MediaAsset.objects.filter(lease_token__isnull=False).order_by("kind", "created_at")


def given_up() -> "QuerySet[MediaAsset]":
    """Return what we could not do, new files and renewals alike; the latest first."""
    failed = MediaAsset.objects.filter(state=AssetState.FAILED) | failed_renewals()
    return failed.filter(lease_until=None).order_by("-finished_at")

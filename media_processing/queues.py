"""How many tasks wait in each queue, and for how long. The rows are the truth for every engine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django_tasks import task_backends
from django_tasks_db.models import DBTaskResult, get_date_max

from media_processing.tasks import BACKEND, RENEWAL


@dataclass(frozen=True)
class QueueFigures:
    """One queue. What is made anew counts as waiting, but nobody waits for it."""

    name: str
    waiting: int = 0
    oldest: datetime | None = None  # since when the one that waits longest could have begun

    def lag(self, now: datetime) -> timedelta:
        """Return how long somebody has waited by now."""
        return max(now - self.oldest, timedelta()) if self.oldest else timedelta()


def queue_figures() -> list[QueueFigures]:
    """Return the figures of every queue, also of those where nothing waits. One query."""
    is_asked_for = Q(priority__gt=max(RENEWAL.values()))
    at_once = Q(run_after=get_date_max())
    rows = (
        DBTaskResult.objects.ready()
        .filter(backend_name=BACKEND)
        .order_by()
        .values("queue_name")
        .annotate(
            count=Count("pk"),
            enqueued=Min("enqueued_at", filter=is_asked_for & at_once),
            due=Min("run_after", filter=is_asked_for & ~at_once),
        )
    )
    found = {row["queue_name"]: _figures(**row) for row in rows}
    return [found.get(name, QueueFigures(name)) for name in sorted(task_backends[BACKEND].queues)]


def _figures(
    queue_name: str, count: int, enqueued: datetime | None, due: datetime | None
) -> QueueFigures:
    since = [moment for moment in (enqueued, due) if moment]
    return QueueFigures(queue_name, count, min(since, default=None))

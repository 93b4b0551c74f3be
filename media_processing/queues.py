"""How many tasks wait in each queue, and for how long. The rows are the truth for every engine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Min, Q, When
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult, get_date_max

from media_processing.tasks import BACKEND, RENEWAL, all_queues

LABELS = {
    "notices": _("Mails in the queue"),
    "photos": _("Photos in the queue"),
    "videos": _("Videos in the queue"),
    "packages": _("Packages in the queue"),
}


@dataclass(frozen=True)
class QueueFigures:
    """One queue. What is made anew counts as waiting, but nobody waits for it."""

    name: str
    waiting: int = 0
    since: datetime | None = None  # when the one that waits longest could have begun

    @property
    def label(self) -> str:
        return str(LABELS[self.name])

    def lag(self, now: datetime) -> timedelta:
        """Return how long somebody has waited by now."""
        return max(now - self.since, timedelta()) if self.since else timedelta()


def queue_figures() -> list[QueueFigures]:
    """Return the figures of every queue, also of those where nothing waits. One query."""
    due = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    is_asked_for = Q(priority__gt=max(RENEWAL.values()))
    waiting = DBTaskResult.objects.ready().filter(backend_name=BACKEND).order_by()
    counted = waiting.values("queue_name").annotate(
        count=Count("pk"), since=Min(due, filter=is_asked_for)
    )
    rows = counted.values_list("queue_name", "count", "since")
    found = {name: QueueFigures(name, count, since) for name, count, since in rows}
    return [found.get(name, QueueFigures(name)) for name in all_queues()]

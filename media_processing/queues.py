"""How long tasks wait: the measure of whether there are workers enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Min, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult, get_date_max

from media_processing.tasks import BACKEND, all_queues

LABELS = {
    "notices": _("Mails in the queue"),
    "photos": _("Photos in the queue"),
    "videos": _("Videos in the queue"),
    "packages": _("Packages in the queue"),
}


@dataclass(frozen=True)
class QueueFigures:
    """How many tasks of a queue are due and not begun, and since when the first of them is."""

    name: str
    waiting: int = 0
    since: datetime | None = None

    @property
    def label(self) -> str:
        return str(LABELS[self.name])

    @property
    def lag(self) -> timedelta:
        """How long ago work was due that nobody has begun."""
        return timezone.now() - self.since if self.since else timedelta(0)


def figures_by_queue() -> list[QueueFigures]:
    """Return the figures of every queue that workers take from. One query."""
    due = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    waiting = DBTaskResult.objects.ready().filter(backend_name=BACKEND).order_by()
    counted = waiting.values("queue_name").annotate(count=Count("pk"), since=Min(due))
    rows = counted.values_list("queue_name", "count", "since")
    found = {name: QueueFigures(name, count, since) for name, count, since in rows}
    return [found.get(name, QueueFigures(name)) for name in all_queues()]

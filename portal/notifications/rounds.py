"""What nobody asks for but the clock. A worker calls these every few seconds.

Each call does a small part; what is done is told from the outbox itself, so the next call,
or another worker's, goes on where this one ended.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format

from competition.editions.models import Phase
from competition.entries.models import Entry
from competition.entries.queries import open_calls
from portal.accounts.models import User
from portal.notifications.congratulations import congratulate
from portal.notifications.queries import (
    drafts_to_remind_of,
    ids_with_a_task,
    lying_notices,
    tasks_due,
)
from portal.notifications.rules import FIRST_REMINDER, reminder_due
from portal.notifications.services import queue_notice
from portal.notifications.tasks import send_notice

PEOPLE_A_ROUND = 50
MAILS_IN_QUEUE = 50
LEFT_AFTER = timedelta(minutes=1)


def make_rounds(now: datetime) -> None:
    """Remind of deadlines, see that somebody sends every notice, tell who is awarded."""
    for call in open_calls(now).filter(closes_at__lte=now + FIRST_REMINDER):
        remind_of_deadline(call, now)
    take_up_lying(now)
    congratulate(now)


@transaction.atomic
def remind_of_deadline(call: Phase, now: datetime) -> None:
    """Write to those who have drafts, once for each reminder and day of closing.

    A deadline moved to another day has reminders of its own.
    """
    days = reminder_due(call.closes_at, now)
    if days is None:
        return
    closes_at = timezone.localtime(call.closes_at)
    key = f"deadline-{call.edition_id}-{closes_at:%Y%m%d}-{days}"
    drafts = drafts_to_remind_of(call, days).exclude(created_by__notices__key=key)
    authors = drafts.order_by("created_by").values_list("created_by", flat=True).distinct()
    theirs: dict[User, list[Entry]] = defaultdict(list)
    some = list(authors[:PEOPLE_A_ROUND])
    for draft in drafts.filter(created_by__in=some).select_related("created_by", "section"):
        theirs[draft.created_by].append(draft)
    for person, works in theirs.items():
        context = _deadline_context(call, closes_at, person, works)
        queue_notice(recipient=person, kind="deadline", key=key, context=context)


def _deadline_context(
    call: Phase, closes_at: datetime, person: User, works: list[Entry]
) -> dict[str, Any]:
    with translation.override(person.language):
        return {
            "edition": str(call.edition.local_title),
            "closes_at": date_format(closes_at, "Y-m-d H:i"),
            "works": [
                {"entry_id": work.pk, "title": work.title, "section": str(work.section)}
                for work in works
            ],
        }


def take_up_lying(now: datetime) -> None:
    """Ask a worker to send what has no task: a process died, or the notice is one of many.

    One task too many would do no harm: who claims the notice sends it.
    """
    lying = lying_notices(now - LEFT_AFTER)
    room = MAILS_IN_QUEUE - tasks_due()
    if room <= 0 or not lying.exists():
        return
    for pk in lying.exclude(pk__in=ids_with_a_task()).values_list("pk", flat=True)[:room]:
        send_notice.enqueue(str(pk))

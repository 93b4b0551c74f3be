"""Who is written to, and what has not left yet."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from competition.awards.models import Award, AwardList
from competition.editions.models import Phase
from competition.entries.models import Entry
from competition.entries.queries import UNCOUNTED
from competition.entries.states import State
from competition.organisations.models import Membership
from competition.reports.models import Honour
from portal.accounts.models import User
from portal.notifications.models import Mailing, Notice

QUEUE = "notices"
MOST_ATTEMPTS = 5


def audience_of(mailing: Mailing) -> QuerySet[User]:
    """Return the people the mailing goes to: who made or submitted one of its works."""
    works = Entry.objects.filter(edition=mailing.edition_id)
    if mailing.association_id:
        works = works.filter(
            Q(organisation=mailing.association_id)
            | Q(organisation__association=mailing.association_id)
        )
    if mailing.audience == Mailing.Audience.DRAFTS:
        works = works.filter(state=State.DRAFT)
    elif mailing.audience == Mailing.Audience.SUBMITTED:
        works = works.exclude(state__in=UNCOUNTED)
    theirs = Q(pk__in=works.values("created_by")) | Q(pk__in=works.values("rights_accepted_by"))
    return User.objects.filter(theirs, is_active=True).order_by("pk")


def fingerprint(mailing: Mailing) -> str:
    """Return a digest of what would be sent and to whom: what somebody saw, and no other."""
    texts = [mailing.subject, mailing.subject_en, mailing.body, mailing.body_en]
    people = list(audience_of(mailing).values_list("pk", flat=True))
    return hashlib.sha256(json.dumps([texts, people]).encode()).hexdigest()


def with_progress(mailings: QuerySet[Mailing]) -> QuerySet[Mailing]:
    """Count each mailing's notices (`queued`) and those that left (`sent`)."""
    left = Q(notices__sent_at__isnull=False)
    return mailings.annotate(queued=Count("notices"), sent=Count("notices", filter=left))


def drafts_to_remind_of(call: Phase, days: int) -> QuerySet[Entry]:
    """Return the call's drafts that were there so many days before its end.

    Who begins a work later knows the deadline from its page.
    """
    before = call.closes_at - timedelta(days=days)
    return Entry.objects.filter(
        edition=call.edition_id,
        state=State.DRAFT,
        created_at__lte=before,
        created_by__is_active=True,
    )


def people_with_awards(award_list: AwardList) -> QuerySet[User]:
    """Return who made or submitted a work that the list awards, and that takes part to this day."""
    works = Entry.objects.filter(awards__award_list=award_list, state=State.ADMITTED)
    theirs = Q(pk__in=works.values("created_by")) | Q(pk__in=works.values("rights_accepted_by"))
    return User.objects.filter(theirs, is_active=True).order_by("pk")


def awards_to_tell_of(award_list: AwardList, people: Collection[User]) -> QuerySet[Award]:
    """Return the awards of these people's works, with what a mail says of them; one query."""
    theirs = Q(entry__created_by__in=people) | Q(entry__rights_accepted_by__in=people)
    awards = award_list.awards.filter(theirs, entry__state=State.ADMITTED)
    return awards.select_related("category", "certificate", "entry__section", "entry__organisation")


def managers_of(honours: QuerySet[Honour]) -> QuerySet[Membership]:
    """Return who manages the honoured organisations, with the people."""
    honoured = Q(organisation__in=honours.order_by().values("organisation"))
    managers = Membership.objects.filter(honoured, role=Membership.Role.MANAGER)
    return managers.filter(user__is_active=True).select_related("user").order_by("pk")


def lying_notices(since: datetime) -> QuerySet[Notice]:
    """Return what should have been taken for sending by `since`, and was not."""
    unclaimed = Notice.objects.filter(claimed_at=None, sent_at=None, due_at__lt=since)
    return unclaimed.filter(attempts__lt=MOST_ATTEMPTS).order_by("pk")


def tasks_due() -> int:
    """Return how many mails a worker would send now if it had the time."""
    return _tasks().ready().count()


def ids_with_a_task() -> set[int]:
    """Return the ids of the notices that a task, now or later, will look at."""
    states = [TaskResultStatus.READY, TaskResultStatus.RUNNING]
    tasks = _tasks().filter(status__in=states).only("args_kwargs")
    return {int(task.args_kwargs["args"][0]) for task in tasks}


def _tasks() -> "DBTaskResultQuerySet":
    return DBTaskResult.objects.filter(queue_name=QUEUE)

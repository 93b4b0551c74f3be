"""What is kept of persons, until when, and how it goes: one line each.

What has a rule of its own (voters, objectors) keeps it in its room and is told of here. Kept for
good: submitted works, scores, awards, ballots under pseudonyms, and the audit log.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Exists, Model, OuterRef, ProtectedError, QuerySet
from django.utils import timezone

from competition.awards.retention import KEPT_AFTER_PUBLICATION, forget_objectors, objectors_due
from competition.editions.models import Edition, Phase
from competition.entries.checks import EntryRefused
from competition.entries.models import Entry
from competition.entries.services import delete_draft
from competition.entries.states import State
from competition.organisations.models import Invitation
from portal.accounts.models import User
from portal.notifications.models import Notice
from voting.models import Poll, ProofCode
from voting.retention import (
    CODES_KEPT,
    check_may_forget,
    forget_voters,
    polls_to_forget,
    to_forget,
)
from voting.services import PollRefused

logger = logging.getLogger(__name__)

DAY_SECONDS = 24 * 60 * 60
INVITATION_KEPT = timedelta(days=30)  # after its end: who asks why it does not open is answered
SIGN_UP_KEPT = timedelta(days=30)  # without a click on the link in the mail it is nobody's


@dataclass(frozen=True)
class Rule:
    """One thing that is kept: its name, until when in words, which rows are over, how they go."""

    what: str
    until: str
    over: Callable[[datetime], QuerySet]
    forget: Callable[[QuerySet], int]


@dataclass(frozen=True)
class Line:
    """What the command says of one thing: how much is over now, or why not yet."""

    what: str
    count: int
    until: str
    why_not: str = ""


def _sessions(now: datetime) -> QuerySet:
    return Session.objects.filter(expire_date__lt=now)


def _codes(now: datetime) -> QuerySet:
    return ProofCode.objects.filter(sent_at__lt=now - CODES_KEPT)


def _invitations(now: datetime) -> QuerySet:
    return Invitation.objects.exclude(email="").filter(expires_at__lt=now - INVITATION_KEPT)


def _sign_ups(now: datetime) -> QuerySet:
    """Return the accounts that nobody ever could use, and nobody gave a part."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    asked = EmailAddress.objects.filter(user=OuterRef("pk"), verified=False)
    nobody = User.objects.filter(is_staff=False, groups=None, memberships=None, last_login=None)
    nobody = nobody.filter(Exists(asked), ~Exists(confirmed))
    return nobody.filter(date_joined__lt=now - SIGN_UP_KEPT)


def _notices(now: datetime) -> QuerySet:
    kept = timedelta(days=settings.RETENTION_NOTICE_DAYS)
    return Notice.objects.filter(sent_at__lt=now - kept)


def _drafts(now: datetime) -> QuerySet:
    """Return the drafts whose call is long over."""
    kept = timedelta(days=settings.RETENTION_DRAFT_DAYS)
    calls = Phase.objects.filter(kind=Phase.Kind.CALL, closes_at__lt=now - kept)
    return Entry.objects.filter(state=State.DRAFT, edition__in=calls.values("edition"))


def _delete(rows: QuerySet) -> int:
    return rows.delete()[0]


def _delete_each(rows: QuerySet) -> int:
    return sum(_deleted(row) for row in rows)


def _deleted(row: Model) -> bool:
    try:
        row.delete()
    except ProtectedError:  # somebody gave it a part after all
        return False
    return True


def _empty_address(rows: QuerySet) -> int:
    return rows.update(email="")


def _delete_drafts(drafts: QuerySet) -> int:
    return sum(_draft_deleted(draft) for draft in drafts)


def _draft_deleted(draft: Entry) -> bool:
    try:
        delete_draft(entry=draft, user=None)
    except EntryRefused:  # submitted meanwhile
        return False
    return True


def rules() -> list[Rule]:
    """Return what is forgotten by the clock alone."""
    notices, drafts = settings.RETENTION_NOTICE_DAYS, settings.RETENTION_DRAFT_DAYS
    return [
        Rule("sessions", "they end", _sessions, _delete),
        Rule("codes sent to voters", f"{CODES_KEPT.days} days old", _codes, _delete),
        Rule(
            "addresses of invitations",
            f"{INVITATION_KEPT.days} days after their end",
            _invitations,
            _empty_address,
        ),
        Rule("accounts never confirmed", f"{SIGN_UP_KEPT.days} days old", _sign_ups, _delete_each),
        Rule("mails that were sent", f"{notices} days old", _notices, _delete),
        Rule("works never submitted", f"{drafts} days after their call", _drafts, _delete_drafts),
    ]


def survey(now: datetime) -> list[Line]:
    """Return how much of what is over, and changes nothing."""
    lines = [Line(rule.what, rule.over(now).count(), rule.until) for rule in rules()]
    lines += [_objectors(edition, objectors_due(edition, now)) for edition in _objected()]
    return lines + [_voters_due(poll) for poll in polls_to_forget()]


def forget(now: datetime) -> list[Line]:
    """Forget all that is over; return of what how much. May be stopped and run again."""
    lines = forget_by_the_clock(now)
    lines += [_objectors(edition, forget_objectors(edition, now)) for edition in _objected()]
    return lines + [_forget_voters(poll) for poll in polls_to_forget()]


def forget_by_the_clock(now: datetime) -> list[Line]:
    """Forget what has a rule here; the other rooms look at theirs by themselves."""
    return [Line(rule.what, rule.forget(rule.over(now)), rule.until) for rule in rules()]


def forget_where_due() -> None:
    """Forget where it is time; by a worker, looked at once a day."""
    if not cache.add("personal.retention", 1, DAY_SECONDS):
        return
    for line in forget_by_the_clock(timezone.now()):
        if line.count:
            logger.info("%s forgotten: %s", line.what, line.count)


def _objected() -> QuerySet[Edition]:
    return Edition.objects.filter(objections__isnull=False).order_by("pk").distinct()


def _objectors(edition: Edition, count: int) -> Line:
    return Line(
        f"objectors of {edition.slug}",
        count,
        f"{KEPT_AFTER_PUBLICATION.days} days after the publication",
    )


def _voters(poll: Poll, count: int, why_not: str = "") -> Line:
    return Line(f"voters of {poll.edition.slug}", count, "the notice period ends", why_not)


def _voters_due(poll: Poll) -> Line:
    try:
        check_may_forget(poll)
    except PollRefused as refusal:
        return _voters(poll, 0, " ".join(refusal.messages))
    return _voters(poll, to_forget(poll).voters)


def _forget_voters(poll: Poll) -> Line:
    try:
        return _voters(poll, forget_voters(poll=poll).voters)
    except PollRefused as refusal:
        return _voters(poll, 0, " ".join(refusal.messages))

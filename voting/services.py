"""Casting, voiding and counting ballots. The database's constraints have the last word."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.judging.models import StandingList
from competition.judging.scoring import StandingLine
from competition.judging.services import freeze_standings
from competition.organisations.queries import is_member
from portal.accounts.models import User
from voting.ballots import CONFLICT, Answer, Asked, insert
from voting.evidence import Facts
from voting.identity import Voter
from voting.ledger.receipts import receipt_text
from voting.models import REASON_LENGTH, Ballot, Poll
from voting.quarantine import ORGANISER
from voting.queries import entries_in, tally
from voting.sealing import seal_all
from voting.terms import Terms, Work, terms_of, work_of

REFUSALS = {
    "closed": _(
        "Voting is not open now, so this vote was not counted. "
        "Votes given while it was open are kept."
    ),
    "not_in_poll": _(
        "This work does not take part in the public vote. "
        "Nothing was counted, and none of today's votes was used."
    ),
    "unproved": _(
        "Please show first that a person is voting. Nothing was counted yet, and none of today's "
        "votes was used."
    ),
    "own_work": _(
        "This work is from your own organisation, so the vote was not counted. "
        "You can vote for any other work."
    ),
    "already_today": _(
        "You have already voted for this work today, and that vote is kept. "
        "You can vote for it again tomorrow."
    ),
    "limit": _(
        "You have used all your votes for today, and they are kept. "
        "This one was not counted; come back tomorrow."
    ),
}


class VoteRefused(Exception):
    """A vote that does not count. `code` is a key of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        """Return what happened, what was kept and what to do next, in the visitor's language."""
        return str(REFUSALS[self.code])


class PollRefused(Exception):
    """Something that cannot be done with a poll. `messages` are for people to read."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


@dataclass(frozen=True)
class Cast:
    """A ballot that is cast and kept. `left`: votes the voter still has that day."""

    ballot_id: int
    slot: int
    receipt: str
    left: int


def cast_ballot(
    *,
    poll: Poll,
    entry: Entry,
    voter: Voter,
    user: Any = None,
    evidence: Facts | None = None,
    at: datetime | None = None,
) -> Cast:
    """Write down one vote. `user` is the account signed in, if any; `at` the moment of the vote.

    Raises VoteRefused.
    """
    return cast_known(
        terms=terms_of(poll),
        work=work_of(poll, entry),
        voter=voter,
        user=user,
        evidence=evidence,
        at=at,
    )


def cast_known(
    *,
    terms: Terms,
    work: Work | None,
    voter: Voter,
    user: Any = None,
    evidence: Facts | None = None,
    at: datetime | None = None,
) -> Cast:
    """Do what cast_ballot does, for a poll known already; `work` None takes no part in it.

    Raises VoteRefused. What needs no query is refused first.
    """
    at = at or timezone.now()
    if not terms.is_open(at):
        raise VoteRefused("closed")
    if work is None:
        raise VoteRefused("not_in_poll")
    if voter.kind != terms.identity:
        raise VoteRefused("unproved")
    if user is not None and user.is_authenticated and is_member(user, work.organisation_id):
        raise VoteRefused("own_work")
    asked = Asked(
        poll=terms.poll_id,
        entry=work.id,
        voter=voter.key,
        day=timezone.localdate(at),
        at=at,
        votes=terms.votes_per_day,
        facts=evidence,
    )
    answer = _insert(asked)
    left = max(0, terms.votes_per_day - answer.slot)
    return Cast(answer.ballot_id, answer.slot, receipt_text(answer.ballot_id, asked.secret), left)


def _insert(asked: Asked) -> Answer:
    """Insert the voter's next ballot of the day. Raises VoteRefused.

    After a conflict one looks again. Each shows one more of the voter's ballots, so the day's
    limit ends this.
    """
    for _look in range(asked.votes + 2):
        answer = insert(asked)
        if answer.code == "":
            return answer
        if answer.code != CONFLICT:
            raise VoteRefused(answer.code)
    raise DatabaseError(
        "The database refuses a ballot and does not show what it is in conflict with."
    )


def close_poll(*, poll: Poll, actor: User | None) -> StandingList:
    """Accept no more ballots, seal the last, count those that count, and freeze the standings.

    An organiser may close before the voting phase is over; nobody (`actor` None, a timer)
    may not. Raises PollRefused.
    """
    with transaction.atomic():
        _lock(poll)
        phase = find_phase(poll.edition, Phase.Kind.VOTING)
        if poll.closed_at is not None:
            raise PollRefused(gettext("This poll is closed already; its result is frozen."))
        if phase is None or timezone.now() < phase.opens_at:
            raise PollRefused(gettext("Voting has not begun, so there is nothing to count yet."))
        if actor is None and not phase.has_closed():
            raise PollRefused(gettext("Voting is still open; only an organiser can end it early."))
        poll.closed_at = timezone.now()
        poll.save(update_fields=["closed_at"])
        seal_all(poll)
        standings = freeze_poll(poll, actor)
        data = {"standings": standings.version, "early": not phase.has_closed()}
        log(instance=poll, action="voting.poll.close", user=actor, data=data)
    return standings


def void_ballots(*, ballots: Iterable[Ballot], reason: str, actor: User | None) -> int:
    """Make ballots void, for a reason; they stay, and stay used. Return how many were changed.

    Where the poll is closed, its standings are frozen anew, as the next version.
    Raises PollRefused when the reason is missing or too long.
    """
    reason = checked_reason(reason)
    poll_of = {ballot.pk: ballot.poll_id for ballot in ballots}
    with transaction.atomic():
        voided = 0
        for poll in Poll.objects.select_for_update().filter(pk__in=poll_of.values()).order_by("pk"):
            counted = Ballot.objects.filter(poll=poll, pk__in=poll_of).exclude(
                status=Ballot.Status.VOID
            )
            changed = sorted(counted.values_list("pk", flat=True))
            if not changed:
                continue
            voided += counted.update(status=Ballot.Status.VOID, code=ORGANISER, void_reason=reason)
            data = {"ballots": changed, "why": reason}
            log(instance=poll, action="voting.ballot.void", user=actor, data=data)
            if poll.closed_at is not None:
                freeze_poll(poll, actor)
    return voided


def checked_reason(reason: str) -> str:
    """Return the reason of a decision as it is kept. Raises PollRefused: missing or too long."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH:
        raise PollRefused(
            gettext("Nothing was changed. Please give the reason, in at most %(n)d characters.")
            % {"n": REASON_LENGTH}
        )
    return reason


def _lock(poll: Poll) -> None:
    poll.refresh_from_db(from_queryset=Poll.objects.select_for_update())


def freeze_poll(poll: Poll, actor: User | None) -> StandingList:
    """Write the poll's result as the next version of the public's standings."""
    votes = tally(poll)
    lines = [
        StandingLine(entry, section, Decimal(votes.get(entry, 0)), votes.get(entry, 0))
        for entry, section in entries_in(poll).order_by("pk").values_list("pk", "section_id")
    ]
    return freeze_standings(
        edition=poll.edition, source=StandingList.Source.PUBLIC, lines=lines, actor=actor
    )

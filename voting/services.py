"""Casting, voiding and counting ballots. The database's constraints have the last word."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
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
from voting.models import REASON_LENGTH, Ballot, Poll
from voting.quarantine import ORGANISER
from voting.queries import entries_in, is_poll_open, tally, votes_of
from voting.sealing import seal_all

REFUSALS = {
    "closed": _(
        "Voting is not open now, so this vote was not counted. "
        "Votes given while it was open are kept."
    ),
    "not_in_poll": _(
        "This work does not take part in the public vote. "
        "Nothing was counted, and none of today's votes was used."
    ),
    "own_work": _(
        "This work is from your own organisation, so the vote was not counted. "
        "You can vote for any other work."
    ),
    "unproved": _(
        "This vote first asks who votes, so nothing was counted yet. "
        "Please show it on the page that follows, then vote."
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


def cast_ballot(
    *, poll: Poll, entry: Entry, voter: str, user: User | None = None, at: datetime | None = None
) -> Ballot:
    """Count one vote of `voter` (a hash by voting.identity) for `entry`; return the ballot.

    When this returns outside of a transaction, the ballot is committed. `user` is the account
    signed in, if any; `at` the moment of the vote (default: now).

    Raises VoteRefused; the cheapest refusals come first.
    """
    at = at or timezone.now()
    if not is_poll_open(poll, at):
        raise VoteRefused("closed")
    if not entries_in(poll).filter(pk=entry.pk).exists():
        raise VoteRefused("not_in_poll")
    if user is not None and user.is_authenticated and is_member(user, entry.organisation):
        raise VoteRefused("own_work")
    conflicts = 0
    while True:
        try:
            with transaction.atomic():
                return _insert_ballot(poll, entry, voter, at)
        except IntegrityError:
            # A vote cast at the same moment took our slot, or was this very vote. Look again:
            # each conflict shows one more of the voter's ballots, so the limit ends this.
            conflicts += 1
            if conflicts > poll.votes_per_day:
                raise


def _insert_ballot(poll: Poll, entry: Entry, voter: str, at: datetime) -> Ballot:
    """Insert the voter's next ballot of the day. Raises VoteRefused or IntegrityError."""
    if _is_closed_for_good(poll):
        raise VoteRefused("closed")
    day = timezone.localdate(at)
    voted = votes_of(poll, voter, day)
    if entry.pk in voted:
        raise VoteRefused("already_today")
    if len(voted) >= poll.votes_per_day:
        raise VoteRefused("limit")
    return Ballot.objects.create(
        poll=poll, entry=entry, voter=voter, day=day, slot=len(voted) + 1, cast_at=at
    )


def _is_closed_for_good(poll: Poll) -> bool:
    """Tell whether somebody closed the poll, and keep it as it is until the transaction ends.

    A shared lock: votes do not wait for each other, but close_poll waits for all of them, and
    those that come after it see that it is closed. SQLite has one writer at a time anyway.
    """
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {Poll._meta.db_table} "  # noqa: S608
            f"WHERE id = %s AND closed_at IS NULL{lock}",
            [poll.pk],
        )
        return cursor.fetchone() is None


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
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH:
        raise PollRefused(
            gettext("Nothing was changed. Please give the reason, in at most %(n)d characters.")
            % {"n": REASON_LENGTH}
        )
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

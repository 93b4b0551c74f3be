"""What is known of a poll: is it open, who got how many votes, what may this voter still do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from competition.awards.models import AwardCategory
from competition.awards.queries import noticed_list, published_list
from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.entries.states import State
from voting.identity import voter_of
from voting.models import Ballot, Poll

RECENT_SECONDS = 5


def is_poll_open(poll: Poll, at: datetime | None = None) -> bool:
    """Tell whether the voting phase is open at `at` (default: now) and nobody closed the poll."""
    return _is_open(poll, find_phase(poll.edition, Phase.Kind.VOTING), at)


def _is_open(poll: Poll, phase: Phase | None, at: datetime | None = None) -> bool:
    return poll.closed_at is None and phase is not None and phase.is_open(at)


def lock_poll(poll: Poll) -> Poll:
    """Return the poll's row, locked until the transaction ends: to seal, or change what counts.

    Sealers, examinations, decisions and the close wait for each other; votes, which hold the
    row only against a change of its key, do not wait.
    """
    return Poll.objects.select_for_update(no_key=True).get(pk=poll.pk)


def entries_in(poll: Poll) -> QuerySet[Entry]:
    """Return the works that can be voted for."""
    return Entry.objects.filter(
        edition=poll.edition_id, state=State.ADMITTED, section__in=poll.sections.all()
    )


def is_result_public(poll: Poll) -> bool:
    """Tell whether everybody may see a published count; at most three queries.

    Where awards rest on the public's standing the count tells them, so it comes with them: when
    they are put on notice or, without a notice, published.
    """
    deciding = [AwardCategory.Source.PUBLIC, AwardCategory.Source.COMBINED]
    deciding.append(AwardCategory.Source.WEIGHTED)
    if not AwardCategory.objects.filter(edition=poll.edition_id, source__in=deciding).exists():
        return True
    edition = poll.edition
    return noticed_list(edition) is not None or published_list(edition) is not None


def votes_of(poll: Poll | int, voter: str, day: date) -> set[int]:
    """Return the entries the voter voted for on that day; what does not count stays used."""
    ballots = Ballot.objects.filter(poll=poll, voter=voter, day=day)
    return set(ballots.values_list("entry_id", flat=True))


def tally(poll: Poll) -> dict[int, int]:
    """Return entry id -> number of ballots that count; entries without any are absent."""
    counted = Ballot.objects.filter(poll=poll, status=Ballot.Status.COUNTED).values_list("entry_id")
    return dict(counted.annotate(Count("pk")).order_by())


def recent_tally(poll: Poll) -> dict[int, int]:
    """Return the tally as it was at most RECENT_SECONDS ago: for pages, never for a result.

    Counting all anew is quick enough for a million ballots, and cannot drift from the truth
    when some are set aside or made void.
    """
    key = f"voting.tally.{poll.pk}"
    known: dict[int, int] | None = cache.get(key)
    if known is None:
        known = tally(poll)
        cache.set(key, known, RECENT_SECONDS)
    return known


class Votable(Protocol):
    """A work, or as much of it as a ballot box asks for."""

    @property
    def pk(self) -> int: ...
    @property
    def section_id(self) -> int: ...


@dataclass(frozen=True)
class BallotBox:
    """What a page with vote buttons knows: one for all the works it shows."""

    poll: Poll
    is_open: bool
    has_ended: bool
    sections: frozenset[int]
    voted: frozenset[int]  # entries this voter has voted for today
    votes_left: int
    totals: Mapping[int, int] | None  # None: not to be shown
    is_personal: bool = True  # False: shown to many, so it knows nobody's votes

    def state_of(self, entry: Votable) -> str:
        """Return what the voter can do: ready, voted, limit, closed, or "" for nothing."""
        if entry.section_id not in self.sections:
            return ""
        if not self.is_open:
            return "closed" if self.has_ended else ""
        if entry.pk in self.voted:
            return "voted"
        return "ready" if self.votes_left else "limit"

    def total_of(self, entry: Votable) -> int | None:
        """Return the work's votes, or None where they are not to be shown."""
        if self.totals is None or entry.section_id not in self.sections:
            return None
        return self.totals.get(entry.pk, 0)


def ballot_box(
    request: HttpRequest, edition: Edition, *, is_personal: bool = True
) -> BallotBox | None:
    """Return the edition's ballot box for this visitor; None when it has no poll.

    At most seven queries, however many works the page shows. While the poll is open the
    visitor becomes a voter: the response brings the cookie. For a page that is shown to many
    (`is_personal` False) nobody has voted yet.
    """
    poll = Poll.objects.filter(edition=edition).first()
    if poll is None:
        return None
    poll.edition = edition
    phase = find_phase(edition, Phase.Kind.VOTING)
    is_open = _is_open(poll, phase)
    voted = _voted_today(poll, request) if is_open and is_personal else set()
    return BallotBox(
        poll=poll,
        is_open=is_open,
        has_ended=poll.closed_at is not None or (phase is not None and phase.has_closed()),
        sections=frozenset(poll.sections.values_list("pk", flat=True)),
        voted=frozenset(voted),
        votes_left=max(0, poll.votes_per_day - len(voted)),
        totals=visible_totals(poll),
        is_personal=is_personal,
    )


def _voted_today(poll: Poll, request: HttpRequest) -> set[int]:
    return votes_of(poll, voter_of(request, poll.identity).key, timezone.localdate())


def visible_totals(poll: Poll) -> dict[int, int] | None:
    """Return entry id -> votes as anybody may see them now, or None.

    Once awards are published, the frozen result they rest on; before that the live tally,
    and only where the poll shows it.
    """
    published = published_list(poll.edition)
    if published is not None and published.public_standings is not None:
        standings = published.public_standings.standings
        return dict(standings.values_list("entry_id", "readings"))
    return recent_tally(poll) if poll.shows_totals else None

"""What a vote is checked against before the database is asked: known for two seconds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from voting.models import Poll
from voting.queries import entries_in

KNOWN_SECONDS = 2.0


@dataclass(frozen=True)
class Work:
    """A work that can be voted for."""

    id: int
    organisation_id: int


@dataclass(frozen=True)
class Terms:
    """Of one poll: who votes, how often and when."""

    poll_id: int
    slug: str  # of its edition
    identity: str
    votes_per_day: int
    opens_at: datetime | None
    closes_at: datetime | None
    is_closed: bool  # somebody closed it

    def is_open(self, at: datetime) -> bool:
        """Tell whether the clock stands in [opens_at, closes_at) and nobody closed the poll."""
        if self.is_closed or self.opens_at is None or self.closes_at is None:
            return False
        return self.opens_at <= at < self.closes_at


@dataclass(frozen=True)
class KnownPoll:
    """A poll's terms, and its works by number, as they were about two seconds ago at most."""

    terms: Terms
    works: Mapping[str | None, Work]


def terms_of(poll: Poll) -> Terms:
    """Return the poll's terms as they are now; one query."""
    phase = find_phase(poll.edition, Phase.Kind.VOTING)
    return Terms(
        poll_id=poll.pk,
        slug=poll.edition.slug,
        identity=poll.identity,
        votes_per_day=poll.votes_per_day,
        opens_at=phase.opens_at if phase else None,
        closes_at=phase.closes_at if phase else None,
        is_closed=poll.closed_at is not None,
    )


def work_of(poll: Poll, entry: Entry) -> Work | None:
    """Return the entry as it takes part in the poll now, or None when it does not."""
    found = entries_in(poll).filter(pk=entry.pk).values_list("pk", "organisation_id").first()
    return Work(*found) if found else None


_known: dict[str, tuple[float, KnownPoll]] = {}


def known_poll(edition: str) -> KnownPoll | None:
    """Return the poll of the edition of that slug, or None; from memory while it is fresh.

    What must not be two seconds late is asked again in the statement that inserts: whether
    the poll is closed, and what the voter has used.
    """
    now = time.monotonic()
    until, known = _known.get(edition, (0.0, None))
    if known is not None:
        if now < until:
            return known
        _known[edition] = (now + KNOWN_SECONDS, known)  # one reads; the others need not, too
    known = _read(edition)
    if known is not None:
        _known[edition] = (now + KNOWN_SECONDS, known)
    return known


def forget_polls() -> None:
    """Read every poll anew at the next vote; for tests, which change them faster than people."""
    _known.clear()


def _read(edition: str) -> KnownPoll | None:
    poll = Poll.objects.select_related("edition").filter(edition__slug=edition).first()
    if poll is None:
        return None
    rows = entries_in(poll).values_list("number", "pk", "organisation_id")
    works = {number: Work(pk, organisation_id) for number, pk, organisation_id in rows}
    return KnownPoll(terms_of(poll), works)

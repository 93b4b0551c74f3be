"""The public vote: cast in batches, sealed as it goes, examined, reviewed, closed."""

from typing import Any

from django.db import transaction
from tqdm import tqdm

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from portal.demo.ballots import Vote, review
from portal.demo.cast import Cast
from portal.demo.editions import LAST_YEAR, set_windows
from portal.rehearsal import journal
from portal.rehearsal.crowd import Crowd
from portal.rehearsal.editions import the_edition
from portal.rehearsal.size import Size
from voting.ledger.receipts import receipt_text
from voting.models import Cluster, Poll
from voting.publishing import publish_ledger
from voting.queries import entries_in
from voting.sealing import seal_all
from voting.services import VoteRefused, cast_known, close_poll
from voting.terms import Terms, Work, terms_of

SEAL_EVERY = 20  # batches
DONE = "votes"
COMPLAINTS = 3


def open_vote() -> int:
    """Give the edition the dates of last year: votes have moments of their own; return 1."""
    set_windows(the_edition(), LAST_YEAR)
    return 1


def cast_votes(size: Size) -> tuple[int, dict[str, Any]]:
    """Cast all votes that are missing; return how many there are, and what was refused.

    A batch is one transaction, and so is the note that it is done. In each, one voter votes a
    second time for the same work, and is refused.
    """
    poll = the_edition().poll
    crowd, terms = _crowd(poll, size), terms_of(poll)
    done = journal.read(DONE) or {"batches": 0, "cast": 0, "refused": {}}
    with tqdm(total=size.votes, initial=done["cast"], desc="Votes", mininterval=5) as bar:
        for number in range(done["batches"], crowd.batches):
            votes = crowd.batch(number)
            with transaction.atomic():
                _cast_all([*votes, votes[0]], terms, done)
                done["batches"] = number + 1
                journal.write(DONE, done)
            bar.update(len(votes))
            if number % SEAL_EVERY == 0:
                seal_all(poll)
    seal_all(poll)
    return done["cast"], {"refused": done["refused"]}


def review_votes(cast: Cast) -> int:
    """Examine the poll, make void what is found, and let three votes count that were doubted."""
    poll = the_edition().poll
    first = poll.ballots.order_by("pk").values_list("pk", "secret")[:COMPLAINTS]
    review(poll, [receipt_text(pk, secret) for pk, secret in first], cast.organiser)
    return poll.clusters.exclude(decision=Cluster.Decision.OPEN).count()


def close_vote(cast: Cast) -> int:
    """Close the poll and publish its ledger; return the ledger's lines."""
    poll = the_edition().poll
    close_poll(poll=poll, actor=cast.organiser)
    return publish_ledger(poll=poll, actor=cast.organiser).lines


def _crowd(poll: Poll, size: Size) -> Crowd:
    window = find_phase(poll.edition, Phase.Kind.VOTING)
    assert window is not None
    works = list(entries_in(poll).only("pk", "organisation").order_by("pk"))
    size.chance("fame").shuffle(works)
    return Crowd(poll, size, works, window.opens_at, window.closes_at)


def _cast_all(votes: list[Vote], terms: Terms, done: dict[str, Any]) -> None:
    for vote in votes:
        work = Work(vote.entry.pk, vote.entry.organisation_id)
        try:
            cast_known(terms=terms, work=work, voter=vote.voter, evidence=vote.facts, at=vote.at)
            done["cast"] += 1
        except VoteRefused as refusal:
            done["refused"][refusal.code] = done["refused"].get(refusal.code, 0) + 1

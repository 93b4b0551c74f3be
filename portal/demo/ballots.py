"""The demo's votes: those of people, and those of somebody with many cookies and one computer."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from competition.entries.models import Entry
from portal.accounts.models import User
from voting.evidence import Facts
from voting.examination import examine_poll
from voting.identity import Voter
from voting.models import Cluster, Poll
from voting.review import name_ballots, restore_clusters, stamp, void_clusters
from voting.sealing import seal
from voting.services import Cast, cast_ballot

BROWSERS = 23
HOUSEHOLD = 3  # voters behind one address
COOKIES = 30  # of the one with many
EVERY = timedelta(seconds=47)


@dataclass(frozen=True)
class Vote:
    """What one voter does at one moment."""

    at: datetime
    entry: Entry
    voter: Voter
    facts: Facts


def honest_vote(
    poll: Poll, n: int, entry: Entry, at: datetime, *, browsers: int = BROWSERS
) -> Vote:
    """Return a vote of person `n`, who has looked at the gallery for some minutes before.

    `browsers`: how many kinds there are among all people.
    """
    since = at - timedelta(minutes=1 + n % 40)
    place = f"home {n // HOUSEHOLD}"
    return _vote(poll, f"voter {n}", entry, at, since, place, f"browser {n % browsers}")


def bought_votes(
    poll: Poll, entry: Entry, begins: datetime, *, cookies: int = COOKIES, buyer: str = "one"
) -> list[Vote]:
    """Return votes for one work: a new cookie every 47 seconds, on the buyer's one computer."""
    place, device = f"{buyer} room", f"{buyer} computer"
    who = "cookie" if buyer == "one" else f"{buyer} cookie"
    return [
        _vote(poll, f"{who} {n}", entry, at, at - timedelta(seconds=4), place, device)
        for n, at in enumerate(begins + n * EVERY for n in range(cookies))
    ]


def _vote(
    poll: Poll, who: str, entry: Entry, at: datetime, since: datetime, place: str, device: str
) -> Vote:
    is_person = place.startswith("home")
    voter = Voter(_hash(who) + _hash(f"rest of {who}"), poll.identity, since, is_person)
    facts = Facts(
        address=_hash(f"address of {place}"),
        network=_hash(f"network of {place}"),
        device=_hash(device),
        referrer="here" if is_person else "none",
        saw_gallery=is_person,
        voter_since=since,
    )
    return Vote(at, entry, voter, facts)


def _hash(text: str) -> str:
    return hashlib.sha256(f"demo {text}".encode()).hexdigest()[:32]


def cast_and_seal(poll: Poll, votes: Iterable[Vote]) -> list[Cast]:
    """Cast the votes in the order of their moments, and seal each day's; return them as cast."""
    ordered = sorted(votes, key=lambda vote: vote.at)
    done = []
    for _day, some in groupby(ordered, key=lambda vote: timezone.localdate(vote.at)):
        for vote in some:
            done.append(
                cast_ballot(
                    poll=poll, entry=vote.entry, voter=vote.voter, evidence=vote.facts, at=vote.at
                )
            )
        if batch := seal(poll):
            batch.sealed_at = vote.at  # the story is told in a minute
            batch.save(update_fields=["sealed_at"])
    return done


def review(poll: Poll, receipts: Sequence[str], organiser: User) -> None:
    """Make void what the rules find; look into a complaint about these votes and let them count."""
    examine_poll(poll, organiser)
    found = list(poll.clusters.all())
    void_clusters(
        clusters=found,
        reason="同一台电脑每隔 47 秒换一个身份投票，经核查属于刷票。",
        seen=stamp(found),
        actor=organiser,
    )
    complaint = "\n".join(receipts)
    named: list[Cluster] = [name_ballots(poll=poll, receipts=complaint, actor=organiser)]
    restore_clusters(
        clusters=named,
        reason="经核实，这几票由不同的人各自投出，投诉不成立。",
        seen=stamp(named),
        actor=organiser,
    )

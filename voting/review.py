"""A person decides what becomes of suspicious ballots; a look at what would change comes first."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.log_actions import log

from competition.judging.scoring import StandingLine, rank_in_sections
from portal.accounts.models import User
from voting.antifraud import Suspicion
from voting.ledger.receipts import parse_receipt
from voting.models import Ballot, Cluster, Finding, Poll
from voting.quarantine import COUNTED, Decision, ballots_in, restate, set_aside
from voting.queries import entries_in, lock_poll, tally
from voting.services import PollRefused, checked_reason, freeze_poll

BY_HAND = "by_hand"  # the code of a cluster whose ballots the organiser named
RECEIPTS_AT_ONCE = 500


@dataclass(frozen=True)
class WorkChange:
    """One work's votes that count and its rank in its section, before a decision and after."""

    entry: int
    touched: int  # its ballots in the clusters
    votes_before: int
    votes_after: int
    rank_before: int
    rank_after: int


@dataclass(frozen=True)
class Preview:
    """What a decision would do. `seen` goes with the decision: it fails if anything has changed."""

    clusters: int
    ballots: int
    voters: int
    works: list[WorkChange]  # those with ballots in the clusters, or whose rank would change
    seen: str


def preview(*, poll: Poll, clusters: Sequence[Cluster], decision: str) -> Preview:
    """Return what `decision` (Cluster.Decision) on these clusters of the poll would change."""
    ballots = ballots_in(clusters)
    touched = _by_entry(ballots)
    before = tally(poll)
    after = {pk: before.get(pk, 0) + gain for pk, gain in _gains(poll, clusters, decision).items()}
    sections = dict(entries_in(poll).order_by("number").values_list("pk", "section"))
    ranks_before, ranks_after = _ranks(sections, before), _ranks(sections, before | after)
    works = [
        WorkChange(
            entry=pk,
            touched=touched.get(pk, 0),
            votes_before=before.get(pk, 0),
            votes_after=after.get(pk, before.get(pk, 0)),
            rank_before=ranks_before[pk],
            rank_after=ranks_after[pk],
        )
        for pk in sections
        if pk in touched or ranks_before[pk] != ranks_after[pk]
    ]
    return Preview(
        clusters=len(clusters),
        ballots=sum(touched.values()),
        voters=ballots.values("voter").distinct().count(),
        works=sorted(works, key=lambda work: -work.touched),
        seen=stamp(clusters),
    )


def _by_entry(ballots: QuerySet[Ballot]) -> dict[int, int]:
    return dict(ballots.order_by().values_list("entry").annotate(Count("pk")))


def _gains(poll: Poll, clusters: Sequence[Cluster], decision: str) -> dict[int, int]:
    """Return entry id -> how many more of its ballots would count; fewer: below nought."""
    ballots = ballots_in(clusters)
    if decision == Decision.VOID:
        return {pk: -lost for pk, lost in _by_entry(ballots.filter(status=COUNTED)).items()}
    others = (
        Finding.objects.filter(cluster__poll=poll)
        .exclude(cluster__in=list(clusters))
        .exclude(cluster__decision=Decision.RESTORED)
    )
    back = ballots.exclude(status=COUNTED).exclude(pk__in=others.values("ballot"))
    return _by_entry(back)


def _ranks(sections: Mapping[int, int], votes: Mapping[int, int]) -> dict[int, int]:
    counts = {pk: votes.get(pk, 0) for pk in sections}
    return rank_in_sections(
        StandingLine(pk, section, Decimal(counts[pk]), counts[pk])
        for pk, section in sections.items()
    )


def stamp(clusters: Iterable[Cluster]) -> str:
    """Return 16 hex digits that change with the clusters' decisions or numbers of ballots."""
    ids = [one.pk for one in clusters]
    rows = Cluster.objects.filter(pk__in=ids).annotate(Count("findings")).order_by("pk")
    text = repr(list(rows.values_list("pk", "decision", "findings__count")))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def void_clusters(
    *, clusters: Sequence[Cluster], reason: str, seen: str, actor: User | None
) -> int:
    """Make the clusters' ballots void, for a reason; return how many. See `_decide`."""
    return _decide(clusters, Decision.VOID, reason, seen, actor)


def restore_clusters(
    *, clusters: Sequence[Cluster], reason: str, seen: str, actor: User | None
) -> int:
    """Let the clusters' ballots count again, for a reason; return how many are in them.

    A ballot counts once none of its clusters is void or open. See `_decide`.
    """
    return _decide(clusters, Decision.RESTORED, reason, seen, actor)


def _decide(
    clusters: Sequence[Cluster], decision: Decision, reason: str, seen: str, actor: User | None
) -> int:
    """Decide clusters of one poll; where it is closed, freeze its standings anew.

    `seen`: the stamp of what the person looked at. Raises PollRefused when it is not so any
    more, when nothing would be decided, or without a reason.
    """
    reason = checked_reason(reason)
    if not clusters:
        raise PollRefused(gettext("Nothing was changed. Please choose at least one cluster."))
    with transaction.atomic():
        poll = lock_poll(clusters[0].poll)
        rows = Cluster.objects.filter(poll=poll, pk__in=[one.pk for one in clusters])
        if stamp(rows) != seen:
            raise PollRefused(
                gettext(
                    "Nothing was changed: since you looked, somebody decided one of these "
                    "clusters or more ballots joined it. Please look again and decide then."
                )
            )
        if rows.filter(decision=decision).exists():
            raise PollRefused(
                gettext("Nothing was changed: one of these clusters is decided like this already.")
            )
        ids = sorted(rows.values_list("pk", flat=True))
        rows.update(decision=decision, decided_at=timezone.now(), why=reason)
        restate(ids)
        ballots = ballots_in(ids).count()
        data = {"clusters": ids, "ballots": ballots, "why": reason}
        log(instance=poll, action=f"voting.cluster.{ACTIONS[decision]}", user=actor, data=data)
        if poll.closed_at is not None:
            freeze_poll(poll, actor)
    return ballots


ACTIONS = {Decision.VOID: "void", Decision.RESTORED: "restore"}


def name_ballots(*, poll: Poll, receipts: str, actor: User | None) -> Cluster:
    """Put the ballots with these receipts (one a line) into a cluster of their own, set aside.

    The same receipts make the same cluster. Raises PollRefused, naming each line that is no
    receipt of this poll.
    """
    lines = [line.strip() for line in receipts.splitlines() if line.strip()]
    if not 0 < len(lines) <= RECEIPTS_AT_ONCE:
        raise PollRefused(
            gettext("Nothing was changed. Please give at least one receipt, at most %(n)d.")
            % {"n": RECEIPTS_AT_ONCE}
        )
    found = {line: _ballot_of(poll, line) for line in lines}
    wrong = [line for line, pk in found.items() if pk is None]
    if wrong:
        raise PollRefused(
            gettext("Nothing was changed. These are no receipts of this vote: %(lines)s")
            % {"lines": "、".join(wrong[:10])}
        )
    ballots = tuple(sorted({pk for pk in found.values() if pk is not None}))
    key = hashlib.sha256(repr(ballots).encode()).hexdigest()
    with transaction.atomic():
        _new, aside = set_aside(poll=poll, suspicions=[Suspicion(BY_HAND, key, ballots, {})])
        data = {"ballots": len(ballots)}
        log(instance=poll, action="voting.cluster.name", user=actor, data=data)
        poll.refresh_from_db()
        if aside and poll.closed_at is not None:
            freeze_poll(poll, actor)
        return Cluster.objects.get(poll=poll, code=BY_HAND, key=key)


def _ballot_of(poll: Poll, receipt: str) -> int | None:
    try:
        pk, secret = parse_receipt(receipt)
    except ValueError:
        return None
    ballots = Ballot.objects.filter(poll=poll, pk=pk, secret=secret)
    return ballots.values_list("pk", flat=True).first()

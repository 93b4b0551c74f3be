"""What a reviewer sees of a poll's clusters. Only ever read."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, QuerySet
from django.db.models.functions import TruncMinute

from voting.models import Ballot, Cluster, Evidence, Finding, Poll
from voting.timeline import Timeline, timeline, window_around

ROWS_SHOWN = 20  # of voters, addresses and devices: the largest
SHORT = 8  # hex digits of a hash that a person compares


@dataclass(frozen=True)
class WorkTotals:
    """One work's ballots by status."""

    counted: int = 0
    quarantined: int = 0
    void: int = 0

    @property
    def raw(self) -> int:
        return self.counted + self.quarantined + self.void


@dataclass(frozen=True)
class Share:
    """What shares a hash: ballots and voters of the cluster, and ballots of the whole poll."""

    name: str
    ballots: int
    voters: int
    in_poll: int


def totals_by_work(poll: Poll) -> dict[int, WorkTotals]:
    """Return entry id -> its totals; entries without any ballot are absent. One query."""
    rows = Ballot.objects.filter(poll=poll).order_by().values_list("entry", "status")
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for entry, status, count in rows.annotate(Count("pk")):
        found[entry][Ballot.Status(status).name.lower()] = count
    return {entry: WorkTotals(**counts) for entry, counts in found.items()}


def list_clusters(
    poll: Poll, *, code: str = "", decision: str | None = None, number: str = ""
) -> QuerySet[Cluster]:
    """Return clusters with `.ballots` (how many), the largest first, by rule, decision, work."""
    clusters = poll.clusters.annotate(ballots=Count("findings")).order_by("-ballots", "pk")
    if code:
        clusters = clusters.filter(code=code)
    if decision is not None:
        clusters = clusters.filter(decision=decision)
    if number:
        theirs = Finding.objects.filter(cluster=OuterRef("pk"), ballot__entry__number=number)
        clusters = clusters.filter(Exists(theirs))
    return clusters


def works_of(clusters: list[Cluster]) -> dict[int, list[tuple[str, int]]]:
    """Return cluster id -> (work's number, ballots in the cluster), the most first. One query."""
    rows = (
        Finding.objects.filter(cluster__in=clusters)
        .values_list("cluster", "ballot__entry__number")
        .annotate(ballots=Count("pk"))
        .order_by("cluster", "-ballots", "ballot__entry__number")
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for cluster, number, ballots in rows:
        found[cluster].append((number, ballots))
    return found


def works_in(cluster: Cluster) -> dict[int, int]:
    """Return entry id -> its ballots in the cluster, the most first."""
    rows = cluster.findings.values_list("ballot__entry").annotate(ballots=Count("pk"))
    return dict(rows.order_by("-ballots", "ballot__entry"))


def voters_in(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the voters with most ballots in the cluster: voter, ballots, works, first, last."""
    rows = cluster.findings.values(voter=F("ballot__voter")).annotate(
        ballots=Count("pk"),
        works=Count("ballot__entry", distinct=True),
        first=Min("ballot__cast_at"),
        last=Max("ballot__cast_at"),
    )
    return [
        {**row, "voter": row["voter"][:SHORT]}
        for row in rows.order_by("-ballots", "voter")[:ROWS_SHOWN]
    ]


def shares_in(cluster: Cluster, what: str) -> list[Share]:
    """Return the addresses (`what`: "address", "network" or "device") with most ballots in it."""
    rows = (
        Evidence.objects.filter(ballot__findings__cluster=cluster)
        .values_list(what)
        .annotate(ballots=Count("pk"), voters=Count("ballot__voter", distinct=True))
        .order_by("-ballots", what)[:ROWS_SHOWN]
    )
    found = list(rows)
    names = [name for name, _ballots, _voters in found]
    same = Evidence.objects.filter(ballot__poll=cluster.poll_id, **{f"{what}__in": names})
    in_poll = dict(same.order_by().values_list(what).annotate(Count("pk")))
    return [Share(name[:SHORT], ballots, voters, in_poll[name]) for name, ballots, voters in found]


def timeline_of(cluster: Cluster) -> Timeline | None:
    """Return its ballots over time, on those of the same works that are not in it."""
    found = _by_minute(Ballot.objects.filter(findings__cluster=cluster))
    if not found:
        return None
    window = window_around(found)
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (window.begins, window.ends))
    others = Ballot.objects.filter(
        poll=cluster.poll_id,
        entry__in=list(works_in(cluster)),
        cast_at__gte=begins,
        cast_at__lt=ends,
    ).exclude(pk__in=cluster.findings.values("ballot"))
    return timeline(window, found, _by_minute(others))


def _by_minute(ballots: QuerySet[Ballot]) -> dict[float, int]:
    """Return minute (unix seconds) -> ballots; the drawing's steps are whole minutes."""
    minutes = ballots.order_by().values_list(TruncMinute("cast_at", tzinfo=UTC))
    return {at.timestamp(): count for at, count in minutes.annotate(Count("pk"))}

"""What rules found suspicious is set aside until a person has looked at it.

A ballot's status is what its clusters say together: void if one of them is void, else set aside
if one is still open, else it counts. Ballots that a person made void without a finding stay so.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from voting.antifraud import Suspicion
from voting.models import Ballot, Cluster, Finding, Poll
from voting.queries import lock_poll

ORGANISER = "organiser"  # the code of a ballot that a person made void without a rule's finding
KEY_LENGTH = 64
ROWS_A_STATEMENT = 5_000

COUNTED, QUARANTINED, VOID = Ballot.Status.COUNTED, Ballot.Status.QUARANTINED, Ballot.Status.VOID
Decision = Cluster.Decision


def set_aside(*, poll: Poll, suspicions: Iterable[Suspicion]) -> tuple[int, int]:
    """Keep what the rules found, and set aside the ballots of undecided clusters that count.

    Safe to run again: what is found again joins the cluster of the same rule and key. What a
    person has decided stays decided, see `_Known`. Return the numbers of (new clusters, ballots
    set aside).
    """
    with transaction.atomic():
        poll = lock_poll(poll)
        return _keep(poll, suspicions), _set_open_ones_aside(poll)


class _Known:
    """The poll's clusters, and which ballots are decided under which rule."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self.clusters = {(one.code, one.key): one for one in poll.clusters.all()}
        self.void = self._ballots(Decision.VOID)
        self.restored = self._ballots(Decision.RESTORED)
        # Cluster -> its ballots: found again every ten minutes, they are not written again.
        self.waiting: dict[int, set[int]] = defaultdict(set)
        for cluster, ballot in _findings(poll, Decision.OPEN).values_list("cluster", "ballot"):
            self.waiting[cluster].add(ballot)

    def _ballots(self, decision: str) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for code, ballot in _findings(self.poll, decision).values_list("cluster__code", "ballot"):
            found[code].add(ballot)
        return found

    def place(self, suspicion: Suspicion) -> tuple[Cluster, set[int]] | None:
        """Return the open cluster a suspicion belongs to, perhaps a new one, and its ballots.

        None where a person has let this cluster count, or most of its ballots under this rule:
        a key may change a little as votes come in. Ballots that are void under it are left out,
        and the others make a new cluster, for a person to decide.
        """
        ballots, code = set(suspicion.ballots), suspicion.code
        restored = ballots & self.restored[code]
        new = ballots - restored - self.void[code]
        number = 1
        while True:
            key = _numbered(suspicion.key, number)
            cluster = self.clusters.get((code, key))
            if cluster is None or cluster.decision != Decision.VOID:
                break
            number += 1
        if cluster is None:
            cluster = self.clusters[code, key] = Cluster(poll=self.poll, code=code, key=key)
        if cluster.decision == Decision.RESTORED or not new or 2 * len(restored) > len(ballots):
            return None
        cluster.details = suspicion.details
        return cluster, new


def _keep(poll: Poll, suspicions: Iterable[Suspicion]) -> int:
    """Write clusters and findings; return how many clusters are new."""
    known = _Known(poll)
    placed = [place for one in suspicions if (place := known.place(one))]
    new = list({id(one): one for one, _ballots in placed if one.pk is None}.values())
    again = list({one.pk: one for one, _ballots in placed if one.pk is not None}.values())
    Cluster.objects.bulk_create(new, batch_size=ROWS_A_STATEMENT)
    Cluster.objects.bulk_update(again, ["details"], batch_size=100)
    Finding.objects.bulk_create(
        (
            Finding(cluster=cluster, ballot_id=pk)
            for cluster, pks in placed
            for pk in sorted(pks - known.waiting[cluster.pk])
        ),
        ignore_conflicts=True,
        batch_size=ROWS_A_STATEMENT,
    )
    return len(new)


def _numbered(key: str, number: int) -> str:
    text = key if number == 1 else f"{key}+{number}"
    return text if len(text) <= KEY_LENGTH else hashlib.sha256(text.encode()).hexdigest()


def _findings(poll: Poll, decision: str) -> QuerySet[Finding]:
    return Finding.objects.filter(cluster__poll=poll, cluster__decision=decision)


def _set_open_ones_aside(poll: Poll) -> int:
    counted = _findings(poll, Decision.OPEN).filter(ballot__status=COUNTED)
    return _write(_states(counted))


def ballots_in(clusters: Iterable[Cluster | int]) -> QuerySet[Ballot]:
    """Return the clusters' ballots, each once, without those that a person made void directly."""
    found = Finding.objects.filter(cluster__in=list(clusters)).values("ballot")
    return Ballot.objects.filter(pk__in=found).exclude(code=ORGANISER)


def restate(clusters: Iterable[Cluster | int]) -> None:
    """Give the clusters' ballots the status that all their clusters say; in a transaction."""
    _write(_states(Finding.objects.filter(ballot__in=ballots_in(clusters))))


class _State(NamedTuple):
    """What is written of a ballot; the columns' names."""

    status: int
    code: str = ""
    void_reason: str = ""


def _states(findings: QuerySet[Finding]) -> dict[int, _State]:
    """Return ballot id -> what its strictest cluster says; of equals, the first."""
    states: dict[int, _State] = {}
    rows = findings.order_by("cluster").values_list(
        "ballot", "cluster__decision", "cluster__code", "cluster__why"
    )
    for ballot, decision, code, why in rows.iterator(chunk_size=ROWS_A_STATEMENT):
        said = _said(decision, code, why)
        if ballot not in states or said.status > states[ballot].status:
            states[ballot] = said
    return states


def _said(decision: str, code: str, why: str) -> _State:
    if decision == Decision.VOID:
        return _State(VOID, code, why)
    return _State(QUARANTINED, code) if decision == Decision.OPEN else _State(COUNTED)


def _write(states: Mapping[int, _State]) -> int:
    """Write the states, each in one statement for many ballots; return how many changed."""
    ballots: dict[_State, list[int]] = defaultdict(list)
    for pk, state in states.items():
        ballots[state].append(pk)
    changed = 0
    for state, pks in ballots.items():
        columns = state._asdict()
        for at in range(0, len(pks), ROWS_A_STATEMENT):
            some = Ballot.objects.filter(pk__in=pks[at : at + ROWS_A_STATEMENT])
            changed += some.exclude(**columns).update(**columns)
    return changed

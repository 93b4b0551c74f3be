"""What rules found suspicious is set aside until a person has looked at it.

A ballot's status is what its clusters say together: void if one of them is void, else set aside
if one is still open, else it counts. Ballots that a person made void without a finding stay so.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from voting.antifraud import Suspicion
from voting.models import Ballot, Cluster, Finding, Poll

ORGANISER = "organiser"  # the code of a ballot that a person made void without a rule's finding
KEY_LENGTH = 64
ROWS_A_STATEMENT = 5_000

COUNTED, QUARANTINED, VOID = Ballot.Status.COUNTED, Ballot.Status.QUARANTINED, Ballot.Status.VOID
Decision = Cluster.Decision


def lock_poll(poll: Poll) -> Poll:
    """Return the poll's row, locked until the transaction ends, for all that changes a status.

    Examinations, decisions and the close wait for each other; votes, which hold the row only
    against a change of its key, do not wait.
    """
    return Poll.objects.select_for_update(no_key=True).get(pk=poll.pk)


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
        (Finding(cluster=cluster, ballot_id=pk) for cluster, pks in placed for pk in sorted(pks)),
        ignore_conflicts=True,
        batch_size=ROWS_A_STATEMENT,
    )
    return len(new)


def _numbered(key: str, number: int) -> str:
    text = key if number == 1 else f"{key}+{number}"
    return text if len(text) <= KEY_LENGTH else hashlib.sha256(text.encode()).hexdigest()


def _findings(poll: Poll, decision: str) -> QuerySet[Finding]:
    return Finding.objects.filter(cluster__poll=poll, cluster__decision=decision)


def _first(decision: str, column: str) -> Subquery:
    """Return a column of the ballot's first cluster with that decision."""
    theirs = Finding.objects.filter(ballot=OuterRef("pk"), cluster__decision=decision)
    return Subquery(theirs.order_by("cluster").values(f"cluster__{column}")[:1])


def _set_open_ones_aside(poll: Poll) -> int:
    found = _findings(poll, Decision.OPEN).values("ballot")
    counted = Ballot.objects.filter(poll=poll, status=COUNTED, pk__in=found)
    return counted.update(status=QUARANTINED, code=_first(Decision.OPEN, "code"))


def ballots_in(clusters: Iterable[Cluster | int]) -> QuerySet[Ballot]:
    """Return the clusters' ballots, each once, without those that a person made void directly."""
    found = Finding.objects.filter(cluster__in=list(clusters)).values("ballot")
    return Ballot.objects.filter(pk__in=found).exclude(code=ORGANISER)


def restate(poll: Poll, clusters: Iterable[Cluster | int]) -> None:
    """Give the clusters' ballots the status that all their clusters say; in a transaction."""
    ballots = ballots_in(clusters)
    void = _findings(poll, Decision.VOID).values("ballot")
    is_open = _findings(poll, Decision.OPEN).values("ballot")
    void_now: dict[str, Any] = {
        "status": VOID,
        "code": _first(Decision.VOID, "code"),
        "void_reason": _first(Decision.VOID, "why"),
    }
    ballots.filter(pk__in=void).update(**void_now)
    others = ballots.exclude(pk__in=void)
    others.filter(pk__in=is_open).update(
        status=QUARANTINED, code=_first(Decision.OPEN, "code"), void_reason=""
    )
    others.exclude(pk__in=is_open).update(status=COUNTED, code="", void_reason="")

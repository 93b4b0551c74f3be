"""What an assignment would look like: each judge's load, and what any two judges share."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from statistics import median

from competition.judging.assignment import Id, Juror, Pair, Work


@dataclass(frozen=True)
class Load:
    """What one judge reads."""

    works: int = 0
    minutes: float = 0.0


@dataclass(frozen=True)
class Overlap:
    """How an assignment spreads over the judges.

    `shared`: works that both read, for each pair of judges (ids in order). `least`, `middle` and
    `most` are the minimum, the median and the maximum of these. `connected`: one can go from any
    judge to any other by way of judges who share works; if not, severities of the two parts
    can't be compared. `short`: readings that a work lacks, by work id.
    """

    loads: Mapping[Id, Load]
    shared: Mapping[tuple[Id, Id], int]
    connected: bool
    short: Mapping[Id, int]

    @property
    def least(self) -> int:
        return min(self.shared.values(), default=0)

    @property
    def middle(self) -> float:
        return median(self.shared.values()) if self.shared else 0

    @property
    def most(self) -> int:
        return max(self.shared.values(), default=0)


def overlap(
    works: Sequence[Work],
    judges: Sequence[Juror],
    pairs: Collection[Pair],
    *,
    readings: int | Mapping[Id, int] = 0,
) -> Overlap:
    """Return loads in works and minutes, and what each two judges share; see Overlap."""
    ids = sorted((judge.id for judge in judges), key=str)
    minutes = {work.id: Fraction(work.minutes) for work in works}
    readers: dict[Id, set[Id]] = {work_id: set() for work_id in minutes}
    for judge_id, work_id in pairs:
        if work_id in readers:
            readers[work_id].add(judge_id)
    counts: Counter[Id] = Counter()
    loads: dict[Id, Fraction] = dict.fromkeys(ids, Fraction())
    shared = dict.fromkeys(combinations(ids, 2), 0)
    for work_id, theirs in readers.items():
        present = [one for one in sorted(theirs, key=str) if one in loads]
        for one in present:
            counts[one] += 1
            loads[one] += minutes[work_id]
        for pair in combinations(present, 2):
            shared[pair] += 1
    return Overlap(
        loads={one: Load(counts[one], round(float(loads[one]), 1)) for one in ids},
        shared=shared,
        connected=_is_connected(ids, readers.values()),
        short={
            work_id: lacking
            for work_id, theirs in readers.items()
            if (lacking := _wanted(readings, work_id) - len(theirs)) > 0
        },
    )


def _wanted(readings: int | Mapping[Id, int], work_id: Id) -> int:
    return readings if isinstance(readings, int) else readings.get(work_id, 0)


def _is_connected(judges: Sequence[Id], circles: Collection[Collection[Id]]) -> bool:
    """Tell whether works lead from each judge to all others, those who left included."""
    reached, rest = set(judges[:1]), [set(one) for one in circles if len(one) > 1]
    while touching := [one for one in rest if one & reached]:
        rest = [one for one in rest if not one & reached]
        reached = reached.union(*touching)
    return reached >= set(judges)

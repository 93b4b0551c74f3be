"""Who reads what. Plain values in, plain values out: the same seed gives the same answer.

The aim, in this order: a conflict is never broken; every work is read by as many judges as it can
be, up to `readings`; judges carry an equal load in minutes; and any two judges share works, so
that a strict judge can be told from one who was given weak works.
"""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Id = int | str


@dataclass(frozen=True)
class Work:
    """Something to read. `minutes`: what it costs a judge; `association`: the one above it."""

    id: Id
    minutes: float
    organisation: Id | None = None
    association: Id | None = None


@dataclass(frozen=True)
class Juror:
    """Somebody who reads. `stands_aside`: ids of works never given, whoever sent them."""

    id: Id
    organisations: frozenset[Id] = frozenset()
    associations: frozenset[Id] = frozenset()
    stands_aside: frozenset[Id] = frozenset()

    def may_read(self, work: Work) -> bool:
        """Tell whether the work comes from neither the juror's organisations nor associations."""
        return (
            work.organisation not in self.organisations
            and work.association not in self.associations
            and work.id not in self.stands_aside
        )


def assign(
    works: Sequence[Work],
    judges: Sequence[Juror],
    *,
    readings: int,
    seed: int,
    kept: Collection[tuple[Id, Id]] = (),
) -> list[tuple[Id, Id]]:
    """Return pairs (judge id, work id) that bring every work to `readings` readings.

    `kept`: pairs that already stand; they count as readings and as load, and are not returned.
    Without conflicts and kept pairs, two judges' loads differ by at most the longest work.
    The result does not depend on the order of `works` and `judges`.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable shuffle, no secret
    table = _Table.lay(chance, _shuffled(judges, chance), works, kept)
    longest_first = sorted(_shuffled(works, chance), key=lambda work: -work.minutes)
    return [
        (juror.id, work.id)
        for work in longest_first
        for juror in table.choose(work, readings - len(table.readers.get(work.id, ())))
    ]


def _shuffled(items: Sequence, chance: random.Random) -> list:
    """Return the items in an order that depends on their ids and the seed alone."""
    ordered = sorted(items, key=lambda item: str(item.id))
    chance.shuffle(ordered)
    return ordered


@dataclass
class _Table:
    """Where the assignment stands: the judges' loads, and how many works any two share."""

    chance: random.Random
    jurors: list[Juror]
    longest: Fraction
    loads: dict[Id, Fraction]
    readers: dict[Id, list[Id]] = field(default_factory=dict)
    shared: Counter[frozenset[Id]] = field(default_factory=Counter)

    @classmethod
    def lay(
        cls,
        chance: random.Random,
        jurors: list[Juror],
        works: Sequence[Work],
        kept: Collection[tuple[Id, Id]],
    ) -> "_Table":
        """Return the table with the pairs that already stand."""
        minutes = {work.id: Fraction(work.minutes) for work in works}
        longest = max(minutes.values(), default=Fraction())
        table = cls(chance, jurors, longest, {juror.id: Fraction() for juror in jurors})
        for judge_id, work_id in kept:
            table._give(judge_id, work_id, minutes.get(work_id, Fraction()))
        return table

    def choose(self, work: Work, count: int) -> list[Juror]:
        """Give the work to up to `count` more jurors who may read it; return them."""
        readers = self.readers.setdefault(work.id, [])
        free = [j for j in self.jurors if j.id not in readers and j.may_read(work)]
        self.chance.shuffle(free)  # or the first in the list would win every tie
        minutes = Fraction(work.minutes)
        in_reach = self._within_reach(free, minutes)
        # Too few in reach: then strictly by load, for only the least loaded keep loads level.
        spread_first = len(in_reach) >= count
        pool = in_reach if spread_first else free
        chosen: list[Juror] = []
        while pool and len(chosen) < count:
            best = min(pool, key=lambda juror: self._cost(juror, readers, spread_first))
            pool.remove(best)
            chosen.append(best)
            self._give(best.id, work.id, minutes)
        return chosen

    def _within_reach(self, free: list[Juror], minutes: Fraction) -> list[Juror]:
        """Return who may take the work and still be at most the longest work above the least.

        Small works keep closer than that (three of their own length), so that they level out
        what the long ones, which come first, have left.
        """
        least = min((self.loads[juror.id] for juror in free), default=Fraction())
        limit = least + min(self.longest - minutes, 2 * minutes)
        return [juror for juror in free if self.loads[juror.id] <= limit]

    def _cost(self, juror: Juror, readers: list[Id], spread_first: bool) -> tuple:
        """Return how often the juror already reads with the readers, and the load."""
        shared = sum(self.shared[frozenset((juror.id, reader))] for reader in readers)
        load = self.loads[juror.id]
        return (shared, load) if spread_first else (load, shared)

    def _give(self, judge_id: Id, work_id: Id, minutes: Fraction) -> None:
        readers = self.readers.setdefault(work_id, [])
        self.shared.update(frozenset((judge_id, other)) for other in readers)
        readers.append(judge_id)
        if judge_id in self.loads:
            self.loads[judge_id] += minutes

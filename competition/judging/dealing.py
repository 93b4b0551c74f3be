"""How works are dealt: given, moved until loads are level, exchanged until judges are connected."""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

Id = int | str
Pair = tuple[Id, Id]  # (judge id, work id)
Move = tuple[Id, Id, Id]  # (work id, giver, taker)
TRIED_SWAPS = 40  # works of a judge; enough to join groups, and few enough to end soon


@dataclass(frozen=True)
class Work:
    """Something to read. `minutes`: what it costs a judge; `association`: the one above it."""

    id: Id
    minutes: float
    organisation: Id | None = None
    association: Id | None = None
    section: Id | None = None


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


def shuffled(items: Sequence, chance: random.Random) -> list:
    """Return the items in an order that depends on their ids and the seed alone."""
    ordered = sorted(items, key=lambda item: str(item.id))
    chance.shuffle(ordered)
    return ordered


@dataclass
class Table:
    """Where the assignment stands: the judges' loads, and how many works any two share."""

    chance: random.Random
    jurors: dict[Id, Juror]
    works: dict[Id, Work]  # the longest first
    minutes: dict[Id, int]  # in the largest part that all lengths are whole numbers of
    longest: int
    loads: dict[Id, int]
    readers: dict[Id, list[Id]] = field(default_factory=dict)
    shared: Counter[frozenset[Id]] = field(default_factory=Counter)
    groups: dict[Id, Id] = field(default_factory=dict)  # judge -> a name of all connected to them
    given: set[Pair] = field(default_factory=set)  # since it was laid, and still there
    taken: set[Pair] = field(default_factory=set)  # of those that it was laid with
    movable: dict[Pair, None] = field(default_factory=dict)  # of the given, in order

    @classmethod
    def lay(
        cls,
        chance: random.Random,
        judges: Sequence[Juror],
        works: Sequence[Work],
        kept: Collection[Pair],
    ) -> "Table":
        """Return the table with the pairs that already stand."""
        jurors = {juror.id: juror for juror in shuffled(judges, chance)}
        ordered = sorted(shuffled(works, chance), key=lambda work: -work.minutes)
        exact = {work.id: Fraction(work.minutes) for work in ordered}
        unit = lcm(*(one.denominator for one in exact.values()))  # whole numbers: exact, and fast
        minutes = {work_id: int(one * unit) for work_id, one in exact.items()}
        table = cls(
            chance,
            jurors,
            {work.id: work for work in ordered},
            minutes,
            longest=max(minutes.values(), default=0),
            loads=dict.fromkeys(jurors, 0),
            groups={juror_id: juror_id for juror_id in jurors},
        )
        for pair in sorted(kept, key=str):
            table._put(*pair)
        return table

    def new_pairs(self) -> list[Pair]:
        """Return what was given, the longest works first."""
        pairs = ((judge, work) for work in self.works for judge in self.readers.get(work, ()))
        return [pair for pair in pairs if pair in self.given]

    # --- Giving -----------------------------------------------------------------------------

    def fill(self, readings: int | Mapping[Id, int], anchors: Collection[Id]) -> None:
        """Give anchors to all, and every work to as many more as it lacks."""
        fixed = set(anchors)
        for work_id in [one for one in self.works if one in fixed]:
            for juror_id in self._free(work_id):
                self._give(juror_id, work_id)
        for work_id in self.works:
            wanted = readings if isinstance(readings, int) else readings.get(work_id, 0)
            for juror_id in self._choose(work_id, wanted - len(self.readers.get(work_id, ()))):
                self.movable[juror_id, work_id] = None

    def _free(self, work_id: Id) -> list[Id]:
        """Return who may read the work and does not yet."""
        work, readers = self.works[work_id], self.readers.get(work_id, ())
        return [pk for pk, one in self.jurors.items() if pk not in readers and one.may_read(work)]

    def _choose(self, work_id: Id, count: int) -> list[Id]:
        """Give the work to up to `count` more jurors who may read it; return them."""
        if count < 1:
            return []
        free = self._free(work_id)
        self.chance.shuffle(free)  # or the first in the list would win every tie
        in_reach = self._within_reach(free, self.minutes[work_id])
        # Too few in reach: then strictly by load, for only the least loaded keep loads level.
        spread_first = len(in_reach) >= count
        pool = in_reach if spread_first else free
        chosen: list[Id] = []
        while pool and len(chosen) < count:
            best = min(pool, key=lambda pk: self._cost(pk, work_id, spread_first))
            pool.remove(best)
            chosen.append(best)
            self._give(best, work_id)
        return chosen

    def _within_reach(self, free: list[Id], minutes: int) -> list[Id]:
        """Return who may take the work and still be at most the longest work above the least.

        Small works keep closer than that (three of their own length), so that they level out
        what the long ones, which come first, have left.
        """
        least = min((self.loads[pk] for pk in free), default=0)
        limit = least + min(self.longest - minutes, 2 * minutes)
        return [pk for pk in free if self.loads[pk] <= limit]

    def _cost(self, juror_id: Id, work_id: Id, spread_first: bool) -> tuple:
        """Return how often the juror already reads with the readers, and the load.

        Before that: whether the work would connect the juror to somebody new.
        """
        readers = self.readers.get(work_id, ())
        group = self.groups[juror_id]
        joins = any(self.groups[one] != group for one in readers)
        shared = self._shared_with(juror_id, readers)
        load = self.loads[juror_id]
        return (not joins, shared, load) if spread_first else (load, not joins, shared)

    def _shared_with(self, juror_id: Id, readers: Iterable[Id]) -> int:
        return sum(self.shared[frozenset((juror_id, one))] for one in readers)

    def _give(self, juror_id: Id, work_id: Id) -> None:
        pair = juror_id, work_id
        if pair in self.taken:
            self.taken.remove(pair)
        else:
            self.given.add(pair)
        self._put(juror_id, work_id)

    def _put(self, juror_id: Id, work_id: Id) -> None:
        readers = self.readers.setdefault(work_id, [])
        mine = self.groups.setdefault(juror_id, juror_id)
        for other in readers:
            self.shared[frozenset((juror_id, other))] += 1
            theirs = self.groups[other]
            if theirs != mine:
                for one, group in self.groups.items():
                    if group == theirs:
                        self.groups[one] = mine
        readers.append(juror_id)
        if juror_id in self.loads:
            self.loads[juror_id] += self.minutes.get(work_id, 0)

    # --- Moving -----------------------------------------------------------------------------

    def _take(self, juror_id: Id, work_id: Id) -> None:
        pair = juror_id, work_id
        if pair in self.given:
            self.given.remove(pair)
        else:
            self.taken.add(pair)
        readers = self.readers[work_id]
        readers.remove(juror_id)
        for other in readers:
            self.shared[frozenset((juror_id, other))] -= 1
        self.loads[juror_id] -= self.minutes[work_id]

    def _move(self, work_id: Id, giver: Id, taker: Id) -> None:
        """Let `taker` read the work instead of `giver`."""
        self._take(giver, work_id)
        self._give(taker, work_id)

    def level(self, movable: Collection[Pair]) -> None:
        """Move works from the most loaded to the least, until the longest work parts them.

        Where a conflict is in the way, the work goes along a chain of judges, each of whom hands
        one on. Each chain lowers the sum of the squared loads, so this ends.
        """
        held = self._held(movable)
        while chain := self._find_chain(held):
            for work_id, giver, taker in chain:
                self._move(work_id, giver, taker)
                del held[giver][work_id]
                held[taker][work_id] = None
                if self.movable.pop((giver, work_id), self) is not self:
                    self.movable[taker, work_id] = None

    def _held(self, pairs: Iterable[Pair]) -> dict[Id, dict[Id, None]]:
        """Return the works of each juror, in order."""
        held: dict[Id, dict[Id, None]] = {pk: {} for pk in self.jurors}
        for juror_id, work_id in pairs:
            held[juror_id][work_id] = None
        return held

    def _find_chain(self, held: dict[Id, dict[Id, None]]) -> list[Move]:
        """Return moves (work, giver, taker) that bring loads closer; empty when they are level."""
        by_load = sorted(self.loads, key=lambda pk: self.loads[pk])
        for giver in reversed(by_load):
            if self.loads[giver] - self.loads[by_load[0]] <= self.longest:
                break
            came: dict[Id, list[Move]] = {giver: []}
            for one in (queue := [giver]):
                # The least loaded first: nearly always it is one step away.
                for taker in by_load:
                    if taker in came or (move := self._best_move(held, one, taker)) is None:
                        continue
                    came[taker] = [*came[one], move]
                    queue.append(taker)
                    far = self.loads[giver] - self.loads[taker] > self.longest
                    if far and self._gain(came[taker]) > 0:
                        return came[taker]
        return []

    def _best_move(self, held: dict[Id, dict[Id, None]], giver: Id, taker: Id) -> Move | None:
        """Return the longest work that can go so, and of these the one that spreads best."""
        juror = self.jurors[taker]
        able = [
            work_id
            for work_id in held[giver]
            if taker not in self.readers[work_id] and juror.may_read(self.works[work_id])
        ]
        if not able:
            return None
        longest = max(self.minutes[work_id] for work_id in able)
        best = min(
            (one for one in able if self.minutes[one] == longest),
            key=lambda work_id: self._shared_with(taker, self.readers[work_id]),
        )
        return best, giver, taker

    def _gain(self, chain: list[Move]) -> int:
        """Return by how much the chain lowers the sum of the squared loads."""
        change: Counter[Id] = Counter()
        for work_id, giver, taker in chain:
            change[giver] -= self.minutes[work_id]
            change[taker] += self.minutes[work_id]
        return sum(self.loads[pk] ** 2 - (self.loads[pk] + by) ** 2 for pk, by in change.items())

    # --- Connecting -------------------------------------------------------------------------

    def connect(self) -> None:
        """Exchange what was given until all judges are connected by works they share."""
        self._regroup()
        while len(set(self.groups.values())) > 1 and any(map(self._joins, self._exchanges())):
            pass

    def _regroup(self) -> None:
        """Find again who is connected to whom: after moves, groups may have come apart."""
        ways: dict[Id, list[Id]] = {pk: [] for pk in self.groups}
        for pair, count in self.shared.items():
            if count:
                one, other = pair
                ways[one].append(other)
                ways[other].append(one)
        found: dict[Id, Id] = {}
        for start in ways:
            waiting = [] if start in found else [start]
            while waiting:
                one = waiting.pop()
                if one not in found:
                    found[one] = start
                    waiting += ways[one]
        self.groups = found

    def _exchanges(self) -> Iterator[list[Move]]:
        """Yield single moves and swaps of two works that might join groups."""
        pairs = list(self.movable)
        for giver, work_id in pairs:
            for taker in self._free(work_id):
                if any(self.groups[one] != self.groups[taker] for one in self.readers[work_id]):
                    yield [(work_id, giver, taker)]
        tried: Counter[Id] = Counter()
        few = []
        for pair in pairs:
            tried[pair[0]] += 1
            if tried[pair[0]] <= TRIED_SWAPS and len(self.readers[pair[1]]) > 1:
                few.append(pair)
        for index, (giver, work_id) in enumerate(few):
            for other, other_work in few[index + 1 :]:
                if (
                    self.groups[giver] != self.groups[other]
                    and other in self._free(work_id)
                    and giver in self._free(other_work)
                ):
                    yield [(work_id, giver, other), (other_work, other, giver)]

    def _joins(self, moves: list[Move]) -> bool:
        """Make the moves if they leave fewer groups, and loads as level as they were."""
        before, spread = len(set(self.groups.values())), max(self.longest, self._spread())
        self._exchange(moves)
        if (
            self._spread() <= spread
            and len(set(self.groups.values())) < before
            and not self._find_chain(self._held(self.movable))
        ):
            return True
        self._exchange([(work_id, taker, giver) for work_id, giver, taker in moves])
        return False

    def _exchange(self, moves: list[Move]) -> None:
        for work_id, giver, taker in moves:
            self._move(work_id, giver, taker)
            del self.movable[giver, work_id]
            self.movable[taker, work_id] = None
        self._regroup()

    def _spread(self) -> int:
        return max(self.loads.values()) - min(self.loads.values())

"""Who reads what. Plain values in, plain values out: the same seed gives the same answer.

The aim, in this order: a conflict is never broken; every work is read by as many judges as it can
be, up to `readings`; judges carry an equal load in minutes; and any two judges share works, so
that a strict judge can be told from one who was given weak works.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Id = int | str
Pair = tuple[Id, Id]  # (judge id, work id)
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


@dataclass(frozen=True)
class Diff:
    """What a new assignment changes, each a tuple of pairs (judge id, work id) in order."""

    added: tuple[Pair, ...] = ()
    removed: tuple[Pair, ...] = ()
    kept: tuple[Pair, ...] = ()

    def __str__(self) -> str:
        """Return one line a change, `-` before what goes and `+` before what comes."""
        lines = [f"- {judge}: {work}" for judge, work in self.removed]
        lines += [f"+ {judge}: {work}" for judge, work in self.added]
        return "\n".join([*lines, f"= {len(self.kept)}"])


def assign(
    works: Sequence[Work],
    judges: Sequence[Juror],
    *,
    readings: int | Mapping[Id, int],
    seed: int,
    kept: Collection[Pair] = (),
    anchors: Collection[Id] = (),
) -> list[Pair]:
    """Return pairs (judge id, work id) that bring every work to `readings` readings.

    `readings`: one number for all, or one by work id; a work not named gets no new reader.
    `kept`: pairs that already stand; they count as readings and as load, and are not returned.
    `anchors`: ids of works that every judge without a conflict reads, whatever `readings` says.
    Unless conflicts or kept pairs forbid it, two judges' loads differ by at most the longest work
    and all judges are connected by works that they share.
    The result does not depend on the order of `works` and `judges`.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable shuffle, no secret
    table = _Table.lay(chance, judges, works, kept)
    table.fill(readings, anchors)
    table.level(table.movable)
    table.connect()
    return table.new_pairs()


def reassign(
    works: Sequence[Work],
    judges: Sequence[Juror],
    *,
    readings: int | Mapping[Id, int],
    seed: int,
    done: Collection[Pair],
    open: Collection[Pair],
    anchors: Collection[Id] = (),
) -> Diff:
    """Return what must change now that `judges` read; who left is not among them.

    `done` pairs (scored) never move. `open` pairs move when their judge left or may no longer
    read the work; of the others only as many as it takes until loads differ by at most the
    longest work, should somebody have come or gone. Anchors stay where they are.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable shuffle, no secret
    by_work = {work.id: work for work in works}
    by_judge = {judge.id: judge for judge in judges}

    def may_stay(pair: Pair) -> bool:
        judge, work = by_judge.get(pair[0]), by_work.get(pair[1])
        return judge is not None and (work is None or judge.may_read(work))

    staying = [pair for pair in open if may_stay(pair)]
    table = _Table.lay(chance, judges, works, [*done, *staying])
    table.fill(readings, anchors)
    fixed = set(anchors)
    theirs = [pair for pair in staying if pair[1] not in fixed and pair[1] in by_work]
    table.level({**dict.fromkeys(sorted(theirs, key=str)), **table.movable})
    table.connect()
    before, after = set(done) | set(open), {*done, *staying} - table.taken | table.given
    return Diff(
        added=tuple(sorted(after - before, key=str)),
        removed=tuple(sorted(before - after, key=str)),
        kept=tuple(sorted(before & after, key=str)),
    )


def draw_anchors(works: Sequence[Work], count: int, *, seed: int) -> list[Id]:
    """Return the ids of `count` works, spread over the sections; fewer when there are fewer."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable shuffle, no secret
    piles: dict[Id | None, list[Work]] = {}
    for work in _shuffled(works, chance):
        piles.setdefault(work.section, []).append(work)
    drawn: list[Id] = []
    while len(drawn) < count and any(piles.values()):
        drawn += [pile.pop().id for pile in piles.values() if pile]
    return drawn[:count]


def _shuffled(items: Sequence, chance: random.Random) -> list:
    """Return the items in an order that depends on their ids and the seed alone."""
    ordered = sorted(items, key=lambda item: str(item.id))
    chance.shuffle(ordered)
    return ordered


@dataclass
class _Table:
    """Where the assignment stands: the judges' loads, and how many works any two share."""

    chance: random.Random
    jurors: dict[Id, Juror]
    works: dict[Id, Work]  # the longest first
    minutes: dict[Id, Fraction]
    longest: Fraction
    loads: dict[Id, Fraction]
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
    ) -> "_Table":
        """Return the table with the pairs that already stand."""
        jurors = {juror.id: juror for juror in _shuffled(judges, chance)}
        ordered = sorted(_shuffled(works, chance), key=lambda work: -work.minutes)
        minutes = {work.id: Fraction(work.minutes) for work in ordered}
        table = cls(
            chance,
            jurors,
            {work.id: work for work in ordered},
            minutes,
            longest=max(minutes.values(), default=Fraction()),
            loads=dict.fromkeys(jurors, Fraction()),
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

    def _within_reach(self, free: list[Id], minutes: Fraction) -> list[Id]:
        """Return who may take the work and still be at most the longest work above the least.

        Small works keep closer than that (three of their own length), so that they level out
        what the long ones, which come first, have left.
        """
        least = min((self.loads[pk] for pk in free), default=Fraction())
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
        held: dict[Id, dict[Id, None]] = {pk: {} for pk in self.jurors}
        for juror_id, work_id in movable:
            held[juror_id][work_id] = None
        while chain := self._find_chain(held):
            for work_id, giver, taker in chain:
                self._move(work_id, giver, taker)
                del held[giver][work_id]
                held[taker][work_id] = None
                if self.movable.pop((giver, work_id), self) is not self:
                    self.movable[taker, work_id] = None

    def _find_chain(self, held: dict[Id, dict[Id, None]]) -> list[tuple[Id, Id, Id]]:
        """Return moves (work, giver, taker) that bring loads closer; empty when they are level."""
        by_load = sorted(self.loads, key=lambda pk: self.loads[pk])
        for giver in reversed(by_load):
            if self.loads[giver] - self.loads[by_load[0]] <= self.longest:
                break
            came: dict[Id, list[tuple[Id, Id, Id]]] = {giver: []}
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

    def _best_move(
        self, held: dict[Id, dict[Id, None]], giver: Id, taker: Id
    ) -> tuple[Id, Id, Id] | None:
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

    def _gain(self, chain: list[tuple[Id, Id, Id]]) -> Fraction:
        """Return by how much the chain lowers the sum of the squared loads."""
        change: Counter[Id] = Counter()
        for work_id, giver, taker in chain:
            change[giver] -= self.minutes[work_id]  # type: ignore[assignment]
            change[taker] += self.minutes[work_id]  # type: ignore[assignment]
        return sum(
            (self.loads[pk] ** 2 - (self.loads[pk] + by) ** 2 for pk, by in change.items()),
            Fraction(),
        )

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

    def _exchanges(self) -> Iterator[list[tuple[Id, Id, Id]]]:
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

    def _joins(self, moves: list[tuple[Id, Id, Id]]) -> bool:
        """Make the moves if they leave fewer groups and loads as level as they were."""
        before, spread = len(set(self.groups.values())), max(self.longest, self._spread())
        for move in moves:
            self._move(*move)
        self._regroup()
        if self._spread() <= spread and len(set(self.groups.values())) < before:
            for work_id, giver, taker in moves:
                del self.movable[giver, work_id]
                self.movable[taker, work_id] = None
            return True
        for work_id, giver, taker in moves:
            self._move(work_id, taker, giver)
        self._regroup()
        return False

    def _spread(self) -> Fraction:
        return max(self.loads.values()) - min(self.loads.values())

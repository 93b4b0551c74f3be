"""Who reads what. Plain values in, plain values out: the same seed gives the same answer.

The aim, in this order: a conflict is never broken; every work is read by as many judges as it can
be, up to `readings`; judges carry an equal load in minutes; and any two judges share works, so
that a strict judge can be told from one who was given weak works.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from competition.judging.dealing import Id, Juror, Pair, Table, Work, shuffled


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
    table = Table.lay(chance, judges, works, kept)
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
    table = Table.lay(chance, judges, works, [*done, *staying])
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
    for work in shuffled(works, chance):
        piles.setdefault(work.section, []).append(work)
    drawn: list[Id] = []
    while len(drawn) < count and any(piles.values()):
        drawn += [pile.pop().id for pile in piles.values() if pile]
    return drawn[:count]

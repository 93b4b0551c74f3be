"""Who moves up when an award is taken away in the notice period (递补). Plain values, no Django.

The rule is followed anew without the work (see `selection`), so the next in rank moves up, and a
work that moves up from a later category leaves a place there for the next. What has been said in
public stays said: whoever keeps an award keeps its rank, the rank of what was taken away stays
empty, and whoever is new stands after all that ever stood there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from competition.awards.selection import Chosen

Place = tuple[str, int, int]  # category, section, work


def renumbered(known: Mapping[Place, int], selected: Iterable[Chosen]) -> tuple[Chosen, ...]:
    """Return the awards selected anew, with ranks that nobody has to correct.

    `known`: the rank of every award ever given on this list, also of those taken away. Works
    that are new keep their order, equals among them share a rank, and the first stands behind
    all that were known: with three known it is the 4th.
    """
    newcomers: dict[tuple[str, int], list[Chosen]] = defaultdict(list)
    kept = []
    for one in selected:
        rank = known.get((one.category, one.section, one.entry))
        if rank is None:
            newcomers[one.category, one.section].append(one)
        else:
            kept.append(Chosen(one.category, one.section, one.entry, rank))
    before = Counter((category, section) for category, section, _entry in known)
    for where, works in newcomers.items():
        ranks = sorted(one.rank for one in works)
        for one in works:
            rank = before[where] + 1 + ranks.index(one.rank)
            kept.append(Chosen(one.category, one.section, one.entry, rank))
    return tuple(sorted(kept, key=lambda one: (one.category, one.section, one.rank, one.entry)))

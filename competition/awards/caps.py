"""How many awards one organisation, association or author has, and whether one more is allowed."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

from competition.awards.rulebook import Caps

ORGANISATION, ASSOCIATION, AUTHOR = "organisation", "association", "author"


@dataclass(frozen=True)
class Holder:
    """Whose a work is. None: nobody's of that kind, so no cap of that kind reaches it."""

    organisation: Hashable = None
    association: Hashable = None
    author: Hashable = None


class Held:
    """A count of the awards given so far, against the caps."""

    def __init__(self, caps: Caps, holders: Mapping[int, Holder]) -> None:
        limits = {
            AUTHOR: caps.author,
            ORGANISATION: caps.organisation,
            ASSOCIATION: caps.association,
        }
        self._limits = {kind: limit for kind, limit in limits.items() if limit}
        self._holders = holders
        self._count: Counter[tuple[str, Hashable]] = Counter()

    def give(self, entries: Iterable[int]) -> None:
        for entry in entries:
            self._count.update(self._keys(entry))

    def closed(self, entry: int) -> str | None:
        """Return the kind of the cap that one more award for this work would break, or None."""
        for kind, key in self._keys(entry):
            if self._count[kind, key] >= self._limits[kind]:
                return kind
        return None

    def allows(self, entries: Collection[int]) -> bool:
        """Tell whether all of these can be given together."""
        more = Counter(key for entry in entries for key in self._keys(entry))
        return all(self._count[key] + n <= self._limits[key[0]] for key, n in more.items())

    def _keys(self, entry: int) -> list[tuple[str, Hashable]]:
        holder = self._holders.get(entry)
        keys = [(kind, getattr(holder, kind, None)) for kind in self._limits]
        return [(kind, key) for kind, key in keys if key is not None]

"""Works and judges side by side, for the panel's discussion."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from competition.judging.scoring import Reading


@dataclass(frozen=True)
class Row:
    """A work's readings by judge id, their mean, and how far the highest is from the lowest."""

    entry_id: int
    values: Mapping[int, Fraction]
    mean: Fraction
    spread: Fraction


def matrix(readings: list[Reading]) -> list[Row]:
    """Return a row for each work that was read, the widest disagreement first."""
    works: dict[int, dict[int, Fraction]] = defaultdict(dict)
    for one in readings:
        works[one.entry_id][one.judge_id] = one.value
    rows = [
        Row(
            entry_id=entry_id,
            values=values,
            mean=sum(values.values(), Fraction()) / len(values),
            spread=max(values.values()) - min(values.values()),
        )
        for entry_id, values in works.items()
    ]
    return sorted(rows, key=lambda row: (-row.spread, row.entry_id))

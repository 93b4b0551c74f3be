"""From values to ranks. Plain values in, plain values out: an outsider can run it again.

All arithmetic is on fractions, so a result does not depend on the order in which scores are
added up, and two works tie exactly when their scores say so. Fractions become decimals once, at
the end (`rounded`); what is shown is what is ranked.
"""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from competition.editions.weighing import Number

Key = TypeVar("Key", bound=Hashable)

DECIMAL_PLACES = 6


@dataclass(frozen=True)
class StandingLine:
    """What a round or a poll found for one entry, before it is ranked.

    `value`: the higher, the better. `readings`: the scorecards or ballots behind it.
    """

    entry_id: int
    section_id: int
    value: Decimal
    readings: int


def rounded(value: Fraction) -> Decimal:
    """Return the value to DECIMAL_PLACES, halves to the even digit."""
    return Decimal(round(value * 10**DECIMAL_PLACES)).scaleb(-DECIMAL_PLACES)


def rank(values: Mapping[Key, Number]) -> dict[Key, int]:
    """Return each key's rank, 1 for the highest value; equal values share one: 1, 1, 3."""
    ordered = sorted(values.values(), reverse=True)
    first = {value: place for place, value in reversed(list(enumerate(ordered, start=1)))}
    return {key: first[value] for key, value in values.items()}


def rank_in_sections(lines: Iterable[StandingLine]) -> dict[int, int]:
    """Return the rank of each entry (by id) among the entries of its own section."""
    sections: dict[int, dict[int, Decimal]] = {}
    for line in lines:
        sections.setdefault(line.section_id, {})[line.entry_id] = line.value
    return {entry: place for values in sections.values() for entry, place in rank(values).items()}


def digest(lines: Iterable[StandingLine]) -> str:
    """Return the SHA-256 of the lines, whatever order they come in.

    One text line each, ended by a line feed, in the order of the entries' ids:
    `entry,section,value with six decimals,readings`.
    """
    hashed = hashlib.sha256()
    for line in sorted(lines, key=lambda line: line.entry_id):
        value = f"{line.value:.{DECIMAL_PLACES}f}"
        hashed.update(f"{line.entry_id},{line.section_id},{value},{line.readings}\n".encode())
    return hashed.hexdigest()

"""Where a cut falls among ranked works: who is inside, who ties with the last one."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from competition.judging.scoring import StandingLine

SHOWN = 5  # works on each side of the line


@dataclass(frozen=True)
class Cut:
    """One section's cut. `places`: how many are wanted inside.

    `tied`: works that share the last value inside when they are more than there are places for;
    all of them go on. `last` and `first`: the nearest to the line, inside and outside.
    """

    section_id: int
    places: int
    inside: list[StandingLine]
    tied: list[StandingLine]
    last: list[StandingLine]
    first: list[StandingLine]


def cut_by_places(lines: Iterable[StandingLine], section_id: int, places: int) -> Cut:
    """Return the best so many works of the section, and who ties with the last of them."""
    ordered = _ordered(lines, section_id)
    if places and len(ordered) > places:
        edge = ordered[places - 1].value
        inside = [one for one in ordered if one.value >= edge]
    else:
        inside = ordered[:places]
    edge = inside[-1].value if inside else None
    tied = [one for one in inside if one.value == edge] if len(inside) > places else []
    outside = ordered[len(inside) :]
    return Cut(section_id, places, inside, tied, inside[-SHOWN:], outside[:SHOWN])


def cut_by_least(lines: Iterable[StandingLine], section_id: int, least: Decimal) -> Cut:
    """Return the works of the section of at least this value; `places` is their number."""
    ordered = _ordered(lines, section_id)
    inside = [one for one in ordered if one.value >= least]
    outside = ordered[len(inside) :]
    return Cut(section_id, len(inside), inside, [], inside[-SHOWN:], outside[:SHOWN])


def _ordered(lines: Iterable[StandingLine], section_id: int) -> list[StandingLine]:
    theirs = [one for one in lines if one.section_id == section_id]
    return sorted(theirs, key=lambda one: (-one.value, one.entry_id))

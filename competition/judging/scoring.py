"""From scores to values to ranks. Plain values in, plain values out: an outsider can run it again.

All arithmetic here is on fractions, so a result does not depend on the order in which scores are
added up, and two works tie exactly when their scores say so. Fractions become decimals once, at
the end (`rounded`); what is shown is what is ranked.
"""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from competition.editions.weighing import Number, mean, weighted_mean

Key = TypeVar("Key", bound=Hashable)

DECIMAL_PLACES = 6


@dataclass(frozen=True)
class Sheet:
    """One judge's scores for one entry, in points, by criterion code.

    `turn`: which of the judge's sheets of this round it was in time, from 1; drift is told by it.
    """

    judge_id: int
    entry_id: int
    scores: Mapping[str, Number]
    turn: int = 0


@dataclass(frozen=True)
class Reading:
    """What one judge gave one entry, all criteria weighed, in points."""

    judge_id: int
    entry_id: int
    value: Fraction
    turn: int = 0


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval, and from how many observations it was made."""

    value: float
    low: float
    high: float
    count: int

    @classmethod
    def around(cls, value: float, standard_error: float, count: int) -> "Estimate":
        """Return the normal interval: 1.96 standard errors to each side."""
        reach = 1.959964 * standard_error
        return cls(float(value), float(value - reach), float(value + reach), count)


def readings(sheets: Iterable[Sheet], weights: Mapping[str, Number]) -> list[Reading]:
    """Return a reading for each sheet that has a score for every criterion that weighs.

    A missing score is never zero: a sheet that lacks one does not count at all.
    """
    found = []
    for sheet in sheets:
        value = weighted_mean(sheet.scores, weights)
        if value is not None:
            found.append(Reading(sheet.judge_id, sheet.entry_id, value, sheet.turn))
    return found


def trimmed_mean(values: Iterable[Fraction]) -> Fraction | None:
    """Return the mean without one highest and one lowest value (去掉一个最高分和一个最低分).

    Of fewer than three values nothing can be left out: then the plain mean. None: no value.
    """
    ordered = sorted(values)
    return mean(ordered[1:-1] if len(ordered) > 2 else ordered)


@dataclass(frozen=True)
class StandingLine:
    """What a round or a poll found for one entry, before it is ranked.

    `value`: the higher, the better. `readings`: the scorecards or ballots behind it. Of a jury
    also what `value` was chosen from, and how sure it is (points; 0 to 1).
    """

    entry_id: int
    section_id: int
    value: Decimal
    readings: int
    raw: Decimal | None = None
    trimmed: Decimal | None = None
    adjusted: Decimal | None = None
    standard_error: float | None = None
    chance: float | None = None


def panel_means(
    readings: Iterable[Reading], sections: Mapping[int, int], kinds: Mapping[int, str]
) -> dict[str, list[StandingLine]]:
    """Return kind of panel -> one line a work, by its id: the plain mean of that kind's judges.

    `sections`: work -> section; `kinds`: judge -> kind of panel.
    """
    values: dict[tuple[str, int], list[Fraction]] = {}
    for one in readings:
        values.setdefault((kinds[one.judge_id], one.entry_id), []).append(one.value)
    lines: dict[str, list[StandingLine]] = {}
    for (kind, entry), given in sorted(values.items()):
        value = rounded(sum(given, Fraction()) / len(given))
        lines.setdefault(kind, []).append(StandingLine(entry, sections[entry], value, len(given)))
    return lines


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

    One text line each, ended by a line feed, in the order of the entries' ids: `entry,section,
    value,readings`; of a jury also `,raw,trimmed,adjusted`. Values have six decimals.
    """
    hashed = hashlib.sha256()
    for line in sorted(lines, key=lambda line: line.entry_id):
        words = [f"{line.entry_id},{line.section_id},{_exactly(line.value)},{line.readings}"]
        beside = (line.raw, line.trimmed, line.adjusted)
        words += [_exactly(value) for value in beside if value is not None]
        hashed.update((",".join(words) + "\n").encode())
    return hashed.hexdigest()


def _exactly(value: Decimal) -> str:
    return f"{value:.{DECIMAL_PLACES}f}"

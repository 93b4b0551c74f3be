"""What a round has found so far: values by three rules, how sure they are, who judged how."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from statistics import median

from competition.judging.adjusting import AdjustedEntry, Adjustment, adjust
from competition.judging.chances import chances
from competition.judging.measures import measures_of
from competition.judging.models import Judge, Round
from competition.judging.queries import entries_of_round, frozen_of_round, sheets_of
from competition.judging.scoring import (
    Reading,
    Sheet,
    StandingLine,
    panel_means,
    rank_in_sections,
    readings,
)

UNSURE = (0.1, 0.9)  # chances of being inside the cut between which nobody would bet on either


@dataclass(frozen=True)
class Evaluation:
    """A round's sheets and what follows from them.

    `sections`: the section's id of every work of the round; `places`: how many works shall be
    inside the cut, by section id, where the organiser has said so.
    """

    round: Round
    sheets: list[Sheet]
    readings: list[Reading]
    sections: Mapping[int, int]
    places: Mapping[int, int]
    adjustment: Adjustment

    @classmethod
    def of(cls, round: Round) -> "Evaluation":
        """Evaluate the round as it is now: four queries."""
        weights = {one.code: one.weight for one in measures_of(round)}
        sections = dict(entries_of_round(round).order_by().values_list("pk", "section"))
        sheets = [one for one in sheets_of(round) if one.entry_id in sections]
        found = readings(sheets, weights)
        places = dict(round.places.values_list("section", "places"))
        return cls(round, sheets, found, sections, places, adjust(found, sections))

    @cached_property
    def chances(self) -> dict[int, float]:
        """Return each work's chance of being inside the cut; none where there is no cut."""
        return chances(self.adjustment, self.places, seed=self.round.pk)

    def lines(self) -> list[StandingLine]:
        """Return the standing of every work that has a complete scorecard."""
        return [
            StandingLine(
                entry_id=one.entry_id,
                section_id=one.section_id,
                value=value_of(one, self.round.ranks_by),
                readings=one.readings,
                raw=one.raw,
                trimmed=one.trimmed,
                adjusted=one.adjusted,
                standard_error=one.standard_error,
                chance=self.chances.get(one.entry_id),
            )
            for one in self.adjustment.entries
        ]

    def lines_by_panel(self) -> dict[str, list[StandingLine]]:
        """Return kind of panel -> the mean of its judges for every work they have read.

        Empty where all judges are of one kind: that panel's standing is the jury's. One query.
        """
        kinds = dict(
            Judge.objects.filter(panel__edition=self.round.edition).values_list("pk", "panel__kind")
        )
        means = panel_means(self.readings, self.sections, kinds)
        return means if len(means) > 1 else {}

    def errors_by_readings(self) -> dict[tuple[int, int], float]:
        """Return the median standard error, in points, by section id and number of readings."""
        found: dict[tuple[int, int], list[float]] = defaultdict(list)
        for one in self.adjustment.entries:
            if one.standard_error is not None:
                found[one.section_id, one.readings].append(one.standard_error)
        return {key: median(errors) for key, errors in found.items()}

    def unsure(self) -> Counter[int]:
        """Return how many works of each section, by id, are neither surely inside nor outside."""
        low, high = UNSURE
        return Counter(
            self.sections[entry_id]
            for entry_id, chance in self.chances.items()
            if low <= chance <= high
        )

    def inside(self, ranks_by: str) -> set[int]:
        """Return the works inside the cut by this rule; ties with the last one are inside."""
        lines = [
            StandingLine(one.entry_id, one.section_id, value_of(one, ranks_by), one.readings)
            for one in self.adjustment.entries
        ]
        ranks = rank_in_sections(lines)
        return {
            one.entry_id
            for one in lines
            if ranks[one.entry_id] <= self.places.get(one.section_id, 0)
        }


def value_of(entry: AdjustedEntry, ranks_by: str) -> Decimal:
    """Return the value by which the entry is ranked."""
    values = {
        Round.RanksBy.RAW: entry.raw,
        Round.RanksBy.TRIMMED: entry.trimmed,
        Round.RanksBy.ADJUSTED: entry.adjusted,
    }
    return values[Round.RanksBy(ranks_by)]


def frozen_or_current(round: Round) -> list[StandingLine]:
    """Return the round's frozen standings; while there are none, how it stands now."""
    frozen = frozen_of_round(round)
    if frozen is None:
        return Evaluation.of(round).lines()
    return [
        StandingLine(one.entry_id, one.entry.section_id, one.value, one.readings)
        for one in frozen.standings.select_related("entry")
    ]

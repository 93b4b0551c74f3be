"""What a judge gives a work in a round: a score for each criterion, or one verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from competition.editions.checks import score_problems
from competition.editions.models import Criterion
from competition.judging.models import Round, Scorecard

VERDICT = "verdict"


@dataclass(frozen=True)
class VerdictMeasure:
    """The one measure of a shortlisting round; looks like a criterion."""

    code: str = VERDICT
    weight: int = 1
    local_description: str = ""

    @property
    def local_title(self) -> str:
        return gettext("Verdict")

    def __str__(self) -> str:
        return self.local_title


Measure = Criterion | VerdictMeasure


def measures_of(round: Round) -> list[Measure]:
    """Return what a sheet of this round must have, in order."""
    if round.kind == Round.Kind.SHORTLISTING:
        return [VerdictMeasure()]
    return list(round.edition.criteria.all())


def value_of_verdict(verdict: int) -> Fraction:
    """Return 1 for keep, a half for unsure, 0 for drop: their mean is the share of keeps."""
    return Fraction(verdict - Scorecard.Verdict.DROP, 2)


def problems(round: Round, scores: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with these scores, as sentences; those that are missing too."""
    measures = {one.code: one for one in measures_of(round)}
    missing = [str(measures[code]) for code in measures if code not in scores]
    found = []
    if missing:
        found.append(
            gettext("Not saved yet: please also score %(criteria)s.")
            % {"criteria": "、".join(missing)}
        )
    if round.kind == Round.Kind.SHORTLISTING:
        if not missing and scores not in [{VERDICT: one} for one in Scorecard.Verdict.values]:
            found.append(gettext("Not saved yet: choose keep, unsure or drop."))
        return found
    return found + score_problems(round.edition, measures, scores)

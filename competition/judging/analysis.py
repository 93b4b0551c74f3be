"""What the organiser looks at to defend a jury: who judges how, and where the cut is unsure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Max, Q
from django.utils import timezone

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.judging.agreement import agreement, halo
from competition.judging.chances import near_cut
from competition.judging.evaluation import Evaluation
from competition.judging.habits import drifts, home_biases, spreads
from competition.judging.measures import Measure, measures_of
from competition.judging.models import Judge, Round
from competition.judging.plots import Forest, forest
from competition.judging.queries import round_progress
from competition.judging.scoring import Estimate
from competition.organisations.queries import association_id_of

NEAR_CUT = 30  # works


@dataclass(frozen=True)
class JudgeLine:
    """A judge in the round. Points are of the edition's scale; None: too little to tell.

    `last_at`: when they last scored; `is_late`: less done than of the time gone.
    """

    judge: Judge
    done: int
    total: int
    last_at: datetime | None
    is_late: bool
    severity: Estimate | None
    spread: Estimate | None
    halo: Estimate | None
    home: Estimate | None
    drift: Estimate | None


@dataclass(frozen=True)
class NearLine:
    """A work for which one more reading would matter; points. `chance` and `flip`: 0 to 1."""

    entry: Entry
    raw: float
    adjusted: float
    error: float | None
    chance: float | None
    flip: float

    @property
    def chance_percent(self) -> int:
        return round(100 * (self.chance or 0))

    @property
    def flip_percent(self) -> int:
        return round(100 * self.flip)


@dataclass(frozen=True)
class Analysis:
    """Everything about a round as it is now."""

    evaluation: Evaluation
    judges: list[JudgeLine]
    agreement: list[tuple[Measure, Estimate | None]]
    near: list[NearLine]

    @cached_property
    def severities(self) -> Forest | None:
        rows = [(str(one.judge), one.severity) for one in self.judges]
        return forest(sorted(rows, key=lambda row: -(row[1].value if row[1] else 0)))

    @cached_property
    def spreads(self) -> Forest | None:
        return forest((str(one.judge), one.spread) for one in self.judges)

    @cached_property
    def drifts(self) -> Forest | None:
        return forest((str(one.judge), one.drift) for one in self.judges)

    @cached_property
    def agreements(self) -> Forest | None:
        return forest((str(criterion), one) for criterion, one in self.agreement)

    @property
    def changes_sides(self) -> int:
        """Return how many works are inside the cut by one rule, raw or adjusted, and not both."""
        by = Round.RanksBy
        return len(self.evaluation.inside(by.RAW) ^ self.evaluation.inside(by.ADJUSTED)) // 2


def analyse(round: Round) -> Analysis:
    """Look at the round as it is now. Constant queries; some seconds for 20,000 scorecards."""
    evaluation = Evaluation.of(round)
    criteria = measures_of(round)
    found = agreement(evaluation.sheets, [one.code for one in criteria], seed=round.pk)
    return Analysis(
        evaluation=evaluation,
        judges=_judges(evaluation, [one.code for one in criteria]),
        agreement=[(one, found.get(one.code)) for one in criteria],
        near=_near(evaluation),
    )


def share_of_time_gone(round: Round) -> float:
    """Return how much of the judging phase is over, 0 to 1."""
    phase = find_phase(round.edition, Phase.Kind.JUDGING)
    if phase is None:
        return 0
    gone = (timezone.now() - phase.opens_at) / (phase.closes_at - phase.opens_at)
    return min(max(gone, 0), 1)


def _judges(evaluation: Evaluation, codes: Sequence[str]) -> list[JudgeLine]:
    round, adjustment = evaluation.round, evaluation.adjustment
    severities = {one.judge_id: one.severity for one in adjustment.judges}
    widths = {one.judge_id: one.deviation for one in spreads(evaluation.readings)}
    halos = halo(evaluation.sheets, codes)
    homes = home_biases(evaluation.readings, adjustment, _home(round))
    slopes = drifts(evaluation.readings, adjustment)
    last = dict(
        round.assignments.order_by()
        .values("judge")
        .annotate(last=Max("scorecard__updated_at"))
        .values_list("judge", "last")
    )
    gone = share_of_time_gone(round)
    return [
        JudgeLine(
            judge=one.judge,
            done=one.done,
            total=one.total,
            last_at=last.get(one.judge.pk),
            is_late=one.judge.left_at is None and one.done < gone * one.total,
            severity=severities.get(one.judge.pk),
            spread=widths.get(one.judge.pk),
            halo=halos.get(one.judge.pk),
            home=homes.get(one.judge.pk),
            drift=slopes.get(one.judge.pk),
        )
        for one in round_progress(round)
    ]


def _home(round: Round) -> set[tuple[int, int]]:
    """Return the pairs of judge and work that belong to the same association."""
    judges = Judge.objects.filter(panel__rounds=round)
    homes: dict[int, set[int]] = {}
    for judge in judges.prefetch_related("user__memberships__organisation"):
        for membership in judge.user.memberships.all():
            if association := association_id_of(membership.organisation):
                homes.setdefault(association, set()).add(judge.pk)
    works = Q(entry__organisation__in=homes) | Q(entry__organisation__association__in=homes)
    read = round.assignments.filter(works, scorecard__isnull=False).order_by()
    rows = read.values_list(
        "judge", "entry", "entry__organisation", "entry__organisation__association"
    )
    return {
        (judge_id, entry_id)
        for judge_id, entry_id, *owners in rows
        if any(judge_id in homes.get(owner, ()) for owner in owners)
    }


def _near(evaluation: Evaluation) -> list[NearLine]:
    found = near_cut(evaluation.adjustment, evaluation.places, limit=NEAR_CUT)
    values = {one.entry_id: one for one in evaluation.adjustment.entries}
    entries = Entry.objects.select_related("section").in_bulk([one.entry_id for one in found])
    return [
        NearLine(
            entry=entries[one.entry_id],
            raw=float(values[one.entry_id].raw),
            adjusted=float(values[one.entry_id].adjusted),
            error=values[one.entry_id].standard_error,
            chance=evaluation.chances.get(one.entry_id),
            flip=one.flip,
        )
        for one in found
    ]

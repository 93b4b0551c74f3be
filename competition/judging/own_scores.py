"""What a judge sees of their own scores: in order of value, and beside the whole panel's."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from competition.entries.states import State
from competition.judging.models import Assignment, Score
from competition.judging.queries import Stack

ORDERS = ("own", "high", "low")
FEWEST_WORKS = 10  # scored by the judge before they see how the panel scores
FEWEST_JUDGES = 3  # who have scored: of two, each would read the other's scores
MOST_BARS = 10
BAR = 28  # units of the drawing from one bar to the next


def ordered(works: QuerySet[Assignment], order: str) -> QuerySet[Assignment]:
    """Return the works in the judge's own order, or by the mean of their scores or the verdict."""
    if order == "own":
        return works
    weight = F("scorecard__scores__criterion__weight")
    total = Sum(Cast(F("scorecard__scores__value") * weight, FloatField()))
    mean = total / Sum(Cast(weight, FloatField()))
    value = Coalesce(mean, Cast(F("scorecard__verdict"), FloatField()))
    by_value = F("own_value").desc() if order == "high" else F("own_value").asc()
    return works.annotate(own_value=value).order_by(by_value, "position")


@dataclass(frozen=True)
class Bar:
    """Scores from `least` to `most`: how many are the judge's own, and shares in percent."""

    place: int  # from 0, the lowest
    least: int
    most: int
    own: int
    own_share: float
    panel_share: float

    @property
    def label(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}–{self.most}"

    # Whole units of the drawing: a percent is one unit high, a bar has 28 of breadth.

    @property
    def x(self) -> int:
        return BAR * self.place + 4

    @property
    def own_x(self) -> int:
        return self.x + 6

    @property
    def middle(self) -> int:
        return self.x + 10

    @property
    def own_height(self) -> int:
        return round(self.own_share)

    @property
    def panel_height(self) -> int:
        return round(self.panel_share)

    @property
    def own_top(self) -> int:
        return 100 - self.own_height

    @property
    def panel_top(self) -> int:
        return 100 - self.panel_height


@dataclass(frozen=True)
class CriterionBars:
    """One criterion's bars, from the lowest score to the highest."""

    title: str
    bars: list[Bar]

    @property
    def width(self) -> int:
        return BAR * len(self.bars)


def distribution(stack: Stack) -> list[CriterionBars]:
    """Return own scores beside the panel's; empty where the organiser or few scores forbid it.

    The panel's shares hold the judge's own scores, too. Two queries.
    """
    if not stack.round.shows_distribution or stack.done < FEWEST_WORKS:
        return []
    scores = Score.objects.filter(
        scorecard__assignment__round=stack.round,
        scorecard__assignment__judge__panel=stack.judge.panel_id,
        scorecard__assignment__entry__state=State.ADMITTED,
    )
    judges = scores.aggregate(n=Count("scorecard__assignment__judge", distinct=True))["n"]
    if judges < FEWEST_JUDGES:
        return []
    own = Count("pk", filter=Q(scorecard__assignment__judge=stack.judge))
    counts: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    rows = scores.order_by().values_list("criterion", "value").annotate(own=own, all=Count("pk"))
    for criterion_id, value, mine, everybody in rows:
        counts[criterion_id][value] = mine, everybody
    edition = stack.round.edition
    return [
        CriterionBars(
            str(criterion.local_title),
            _bars(counts[criterion.pk], edition.score_min, edition.score_max),
        )
        for criterion in edition.criteria.all()
        if counts[criterion.pk]
    ]


def _bars(counts: dict[int, tuple[int, int]], least: int, most: int) -> list[Bar]:
    """Return at most MOST_BARS bars of equal breadth over the edition's scale."""
    breadth = -(-(most - least + 1) // MOST_BARS)
    mine, everybody = (sum(pair[n] for pair in counts.values()) for n in (0, 1))
    bars: list[Bar] = []
    for start in range(least, most + 1, breadth):
        end = min(start + breadth - 1, most)
        inside = [pair for value, pair in counts.items() if start <= value <= end]
        own, panel = (sum(pair[n] for pair in inside) for n in (0, 1))
        own_share = 100 * own / mine if mine else 0.0
        bars.append(Bar(len(bars), start, end, own, own_share, 100 * panel / everybody))
    return bars

"""The jury's round: assigned, every card scored, closed."""

from functools import cache

from django.db.models import QuerySet
from tqdm import tqdm

from competition.judging.assigning import assign_round
from competition.judging.models import Assignment, Round, Scorecard
from competition.judging.services import close_round
from portal.demo.cast import Cast
from portal.demo.editions import stand_in
from portal.demo.last_year import score_one
from portal.rehearsal.batches import in_batches
from portal.rehearsal.editions import the_edition
from portal.rehearsal.size import Size

MEAN = 6.6


def assign(size: Size, cast: Cast) -> int:
    """Deal the works to the judges; return the pairs."""
    edition = the_edition()
    stand_in(edition, ["judging"])
    scoring = _round()
    if scoring.assigned_at is None:
        assign_round(round=scoring, actor=cast.organiser, seed=size.seed)
    return scoring.assignments.count()


def score(size: Size) -> int:
    """Score what is not scored yet, as people do: works differ, judges are severe or mild.

    Return how many scorecards there are.
    """
    criteria = [criterion.code for criterion in the_edition().criteria.all()]

    @cache
    def mildness(judge: int) -> float:
        return size.chance("judge", judge).gauss(0, 0.6)

    with tqdm(total=_unscored().count(), desc="Scorecards", mininterval=5) as bar:
        for part in in_batches(_unscored()):
            for one in part:
                merit = size.chance("merit", one.entry_id).gauss(0, 1.4)
                chance = size.chance("mood", one.judge_id, one.entry_id)
                score_one(one, MEAN + merit + mildness(one.judge_id), criteria, chance)
            bar.update(len(part))
    return Scorecard.objects.filter(assignment__round=_round()).count()


def close(cast: Cast) -> int:
    """Close the round; return the works ranked."""
    scoring = _round()
    if scoring.closed_at is None:
        close_round(round=scoring, actor=cast.organiser)
    return scoring.assignments.values("entry").distinct().count()


def _round() -> Round:
    return the_edition().rounds.get()


def _unscored() -> QuerySet[Assignment]:
    open_ones = Assignment.objects.filter(round=_round(), scorecard=None)
    return open_ones.select_related("round", "judge__user")

"""Reminding judges of what they have not scored yet."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.states import State
from competition.judging.minutes import minutes_to_do
from competition.judging.models import Judge, Round
from competition.judging.queries import is_round_open
from competition.judging.services import RoundRefused
from competition.judging.signals import judge_reminded
from portal.accounts.models import User


@dataclass(frozen=True)
class Left:
    """What a judge has still to do in a round."""

    judge: Judge
    works: int
    minutes: float


def left_to_do(round: Round) -> list[Left]:
    """Return the judges who have works to score, the most minutes first; four queries."""
    open_ones = round.assignments.filter(
        scorecard=None, entry__state=State.ADMITTED, judge__left_at=None
    )
    works = Counter(open_ones.order_by().values_list("judge", flat=True))
    minutes = minutes_to_do(open_ones)
    judges = Judge.objects.select_related("user", "panel").in_bulk(works)
    found = [Left(judges[pk], works[pk], minutes[round.pk, pk]) for pk in works]
    return sorted(found, key=lambda one: (-one.minutes, one.judge.pk))


@transaction.atomic
def remind_judges(*, round: Round, judges: Iterable[Judge], actor: User | None) -> int:
    """Write to those of the judges who have works to score; return how many.

    A judge gets one reminder a round and day. Raises RoundRefused when no scores are taken now.
    """
    if not is_round_open(round):
        raise RoundRefused(_("This round takes no scores now, so nobody was reminded."))
    wanted = {judge.pk for judge in judges}
    reminded = [one for one in left_to_do(round) if one.judge.pk in wanted]
    for one in reminded:
        judge_reminded.send(
            Round, round=round, judge=one.judge, works=one.works, minutes=one.minutes
        )
    data = {"judges": [one.judge.pk for one in reminded]}
    log(instance=round, action="competition.round.remind", user=actor, data=data)
    return len(reminded)

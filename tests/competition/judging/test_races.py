"""Two people, or two tabs, at the same moment."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection

from competition.judging.assigning import recuse
from competition.judging.flagging import raise_flag
from competition.judging.flags import Flag
from competition.judging.models import Score, Scorecard, StandingList
from competition.judging.running import pause_round
from competition.judging.scorecards import (
    ScoreRefused,
    SheetChanged,
    save_scorecard,
    take_back_scorecard,
)
from competition.judging.services import JudgingRefused, RoundRefused, close_round
from competition.judging.setting_aside import set_aside
from tests.competition.judging.conftest import SHEET

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*deeds):
    """Do all at the same moment, each on a connection of its own; return what each raised."""
    barrier, outcomes = Barrier(len(deeds), timeout=60), [None] * len(deeds)

    def run(number, deed):
        try:
            barrier.wait()
            deed()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_one_sheet_saved_in_many_tabs_is_one_scorecard(jury):
    assignment = jury.assignment(jury.judge())
    user = assignment.judge.user

    def saving(value):
        scores = dict.fromkeys(SHEET, value)
        return lambda: save_scorecard(assignment=assignment, user=user, scores=scores)

    assert at_once(*[saving(value) for value in range(1, 9)]) == [None] * 8
    assert Scorecard.objects.count() == 1
    values = Score.objects.values_list("value", flat=True)
    assert len(values) == 3
    assert len(set(values)) == 1  # one tab's sheet, not a mixture


def test_of_two_tabs_that_saw_the_same_sheet_one_is_told_of_the_other(jury):
    assignment = jury.assignment(jury.judge())
    user = assignment.judge.user

    def saving(value):
        scores = dict.fromkeys(SHEET, value)
        return lambda: save_scorecard(assignment=assignment, user=user, scores=scores, seen=0)

    outcomes = at_once(*[saving(value) for value in range(1, 5)])
    assert sorted(map(type, filter(None, outcomes)), key=str) == [SheetChanged] * 3
    assert Scorecard.objects.get().version == 1


def test_a_sheet_changed_while_it_is_taken_back_is_one_or_the_other(jury):
    assignment = jury.assignment(jury.judge())
    user = assignment.judge.user
    save_scorecard(assignment=assignment, user=user, scores=SHEET)
    other = {**SHEET, "story": 7}
    outcomes = at_once(
        lambda: save_scorecard(assignment=assignment, user=user, scores=other, seen=1),
        lambda: take_back_scorecard(assignment=assignment, user=user, seen=1),
    )
    assert sorted(type(one) for one in outcomes if one) == [SheetChanged]
    assert Scorecard.objects.count() == (0 if outcomes[0] else 1)


def test_one_doubt_flagged_twice_at_once_is_one_flag(jury):
    assignment = jury.assignment(jury.judge())
    user = assignment.judge.user
    outcomes = at_once(*[lambda: raise_flag(assignment=assignment, user=user, kind="ai")] * 3)
    assert sorted(map(type, filter(None, outcomes)), key=str) == [JudgingRefused] * 2
    assert Flag.objects.count() == 1


def test_a_work_scored_while_it_is_set_aside_is_not_left_for_later(jury):
    assignment = jury.assignment(jury.judge())
    user = assignment.judge.user
    at_once(
        lambda: save_scorecard(assignment=assignment, user=user, scores=SHEET),
        lambda: set_aside(assignment=assignment, user=user),
    )
    assignment.refresh_from_db()
    assert (Scorecard.objects.count(), assignment.set_aside_at) == (1, None)


def test_a_round_paused_while_sheets_come_in_keeps_those_that_were_first(jury):
    judge = jury.judge()
    works = [jury.assignment(judge) for _ in range(3)]

    def saving(work):
        return lambda: save_scorecard(assignment=work, user=judge.user, scores=SHEET)

    outcomes = at_once(
        lambda: pause_round(round=jury.round, actor=None), *[saving(work) for work in works]
    )
    assert outcomes[0] is None
    refused = [one for one in outcomes[1:] if one]
    assert {type(one) for one in refused} <= {ScoreRefused}
    assert Scorecard.objects.count() == 3 - len(refused)


def test_control_without_the_lock_only_the_constraint_is_left(jury):
    """Read, then write: both see no scorecard, and one of them breaks."""
    assignment = jury.assignment(jury.judge())
    seen = Barrier(2, timeout=60)

    def careless():
        assert not Scorecard.objects.filter(assignment=assignment).exists()
        seen.wait()
        Scorecard.objects.create(assignment=assignment)

    outcomes = at_once(careless, careless)
    assert sorted(type(one) for one in outcomes if one) == [IntegrityError]
    assert Scorecard.objects.count() == 1


def test_a_round_closed_twice_at_once_is_frozen_once(jury):
    assignment = jury.assignment(jury.judge())
    save_scorecard(assignment=assignment, user=assignment.judge.user, scores=SHEET)
    outcomes = at_once(*[lambda: close_round(round=jury.round, actor=None)] * 4)
    assert sorted(map(type, filter(None, outcomes)), key=str) == [RoundRefused] * 3
    assert StandingList.objects.count() == 1


def test_a_score_that_meets_the_close_is_either_counted_or_refused(jury):
    judge = jury.judge()
    first, late = jury.assignment(judge), jury.assignment(judge)
    save_scorecard(assignment=first, user=judge.user, scores=SHEET)
    refused, closed = at_once(
        lambda: save_scorecard(assignment=late, user=judge.user, scores=SHEET),
        lambda: close_round(round=jury.round, actor=None),
    )
    assert closed is None
    ranked = set(StandingList.objects.get().standings.values_list("entry", flat=True))
    if refused is None:
        assert ranked == {first.entry_id, late.entry_id}
    else:
        assert isinstance(refused, ScoreRefused)
        assert ranked == {first.entry_id}
        assert Scorecard.objects.count() == 1


def test_a_score_that_meets_a_recusal_is_either_kept_or_goes_to_another_judge(jury):
    judge, other = jury.judge(), jury.judge()
    assignment = jury.assignment(judge)
    saved, recused = at_once(
        lambda: save_scorecard(assignment=assignment, user=judge.user, scores=SHEET),
        lambda: recuse(judge=judge, entry=assignment.entry, user=judge.user),
    )
    if saved is None:
        assert isinstance(recused, JudgingRefused)
        assert Scorecard.objects.get().assignment == assignment
    else:
        assert isinstance(saved, ScoreRefused)
        assert recused is None
        assert [one.judge for one in jury.round.assignments.all()] == [other]

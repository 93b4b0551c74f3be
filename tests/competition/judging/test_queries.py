"""What is asked of rounds, scorecards and standings."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from competition.judging.models import StandingList
from competition.judging.queries import (
    RoundState,
    find_assignment,
    is_round_open,
    latest_standings,
    place_of,
    round_progress,
    round_state,
    stacks_of,
    unscored_entries,
)
from competition.judging.scorecards import save_scorecard
from competition.judging.services import add_judge, close_round, freeze_standings
from tests.competition.judging.conftest import SHEET
from tests.factories import PanelFactory, PhaseFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.django_db


def save(assignment):
    return save_scorecard(assignment=assignment, user=assignment.judge.user, scores=SHEET)


def test_a_round_is_open_by_the_clock_alone(jury):
    phase = jury.edition.phases.get(kind="judging")
    second = timedelta(seconds=1)
    assert round_state(jury.round, phase.opens_at - second) is RoundState.WAITING
    assert round_state(jury.round, phase.opens_at) is RoundState.OPEN
    assert round_state(jury.round, phase.closes_at - second) is RoundState.OPEN
    assert round_state(jury.round, phase.closes_at) is RoundState.CLOSED


def test_a_round_that_was_closed_is_not_open(jury):
    assert is_round_open(jury.round)
    jury.round.closed_at = timezone.now()
    assert not is_round_open(jury.round)


def test_without_a_judging_phase_a_round_waits(jury):
    jury.edition.phases.all().delete()
    PhaseFactory(edition=jury.edition, kind="call")
    assert round_state(jury.round) is RoundState.WAITING


def test_the_latest_standings_are_the_highest_version(jury):
    assert latest_standings(jury.edition, "public") is None
    for _ in range(2):
        newest = freeze_standings(edition=jury.edition, source="public", lines=[], actor=None)
    save(jury.assignment(jury.judge()))
    of_the_jury = close_round(round=jury.round, actor=None)
    assert latest_standings(jury.edition, StandingList.Source.PUBLIC) == newest
    assert latest_standings(jury.edition, StandingList.Source.JURY) == of_the_jury


def test_progress_counts_each_judges_works(jury):
    busy, idle, without = jury.judge(), jury.judge(), jury.judge()
    save(jury.assignment(busy))
    jury.assignment(busy)
    gone = jury.assignment(busy)
    save(gone)
    gone.entry.state = "disqualified"
    gone.entry.save()
    jury.assignment(idle)
    found = [(one.judge, one.done, one.total) for one in round_progress(jury.round)]
    assert found == [(busy, 1, 2), (idle, 0, 1), (without, 0, 0)]


@pytest.mark.parametrize("count", [1, 3])
def test_progress_costs_one_query(jury, count, django_assert_num_queries):
    for _ in range(count):
        save(jury.assignment(jury.judge()))
    with django_assert_num_queries(1):
        found = [(str(one.judge.user), str(one.judge.panel)) for one in round_progress(jury.round)]
    assert len(found) == count


def test_unscored_works_are_those_nobody_has_scored(jury):
    first, second = jury.judge(), jury.judge()
    scored = jury.entry()
    save(jury.assignment(first, entry=scored))
    jury.assignment(second, entry=scored)
    unscored = jury.assignment(first).entry
    assert list(unscored_entries(jury.round)) == [unscored]


def test_stacks_are_the_persons_own_open_ones_first(jury):
    judge = jury.judge()
    jury.assignment(jury.judge())
    save(jury.assignment(judge))
    jury.assignment(judge)
    second = RoundFactory(edition=jury.edition, closed_at=timezone.now())
    jury.assignment(judge)
    closed = jury.assignment(judge)
    closed.round = second
    closed.save()
    found = [(one.round, one.state, one.done, one.total) for one in stacks_of(judge.user)]
    assert found == [
        (jury.round, RoundState.OPEN, 1, 3),
        (second, RoundState.CLOSED, 0, 1),
    ]
    assert stacks_of(UserFactory()) == []


def test_an_assignment_is_found_by_its_judge_alone(jury):
    judge, other = jury.judge(), jury.judge()
    assignment = jury.assignment(judge)
    assert find_assignment(judge.user, assignment.pk) == assignment
    assert find_assignment(other.user, assignment.pk) is None
    assert find_assignment(judge.user, uuid.uuid4()) is None
    assignment.entry.state = "disqualified"
    assignment.entry.save()
    assert find_assignment(judge.user, assignment.pk) is None


def test_the_place_leads_on_to_what_is_left_and_then_from_the_start(jury):
    judge = jury.judge()
    first, second, third = (jury.assignment(judge) for _ in range(3))
    jury.assignment(jury.judge())
    place = place_of(second)
    assert (place.previous, place.next, place.next_to_do) == (first.pk, third.pk, third.pk)
    save(third)
    place = place_of(second)
    assert (place.next, place.next_to_do) == (third.pk, first.pk)
    assert (place.done, place.total) == (1, 3)
    save(first)
    assert place_of(second).next_to_do is None
    assert place_of(first).previous is None
    assert place_of(third).next is None


def test_a_person_on_two_panels_has_two_stacks(jury):
    judge = jury.judge()
    industry = PanelFactory(edition=jury.edition, kind="industry")
    second = add_judge(panel=industry, user=judge.user)
    jury.assignment(judge)
    jury.assignment(second)
    assert {one.judge for one in stacks_of(judge.user)} == {judge, second}

"""Who reads what: planned first, then done."""

import pytest
from wagtail.models import ModelLogEntry

from competition.judging.assigning import (
    add_readings,
    assign_round,
    leave,
    plan_round,
    recuse,
)
from competition.judging.models import Assignment, Recusal, Scorecard
from competition.judging.scorecards import ScoreRefused, save_scorecard
from competition.judging.services import JudgingRefused, RoundRefused, add_judge, close_round
from tests.competition.judging.conftest import SHEET
from tests.factories import PanelFactory, SectionFactory, UserFactory

pytestmark = pytest.mark.django_db


def logged(action):
    return [entry.data for entry in ModelLogEntry.objects.filter(action=action).order_by("pk")]


def pairs(round):
    return set(round.assignments.values_list("judge_id", "entry_id"))


def readers(round, entry):
    return {judge_id for judge_id, entry_id in pairs(round) if entry_id == entry.pk}


def score(assignment):
    return save_scorecard(assignment=assignment, user=assignment.judge.user, scores=SHEET)


def assigned(jury, *, judges=3, works=6, readings=2, **fields):
    """Assign the jury's round; return the judges and the works."""
    for name, value in {"readings": readings, **fields}.items():
        setattr(jury.round, name, value)
    jury.round.save()
    found = [jury.judge() for _ in range(judges)], [jury.entry() for _ in range(works)]
    assign_round(round=jury.round, actor=None)
    jury.round.refresh_from_db()
    return found


class TestPlanRound:
    def test_tells_load_and_overlap_before_anything_is_written(self, jury):
        first, second = jury.judge(), jury.judge()
        entries = [jury.entry() for _ in range(4)]
        jury.round.readings = 2
        plan = plan_round(jury.round)
        assert not Assignment.objects.exists()
        assert len(plan.diff.added) == 8
        assert [plan.before.loads[one.pk].works for one in (first, second)] == [0, 0]
        assert [plan.after.loads[one.pk].works for one in (first, second)] == [4, 4]
        assert [plan.after.loads[one.pk].minutes for one in (first, second)] == [0.8, 0.8]
        assert (plan.after.least, plan.after.middle, plan.after.most) == (4, 4, 4)
        assert plan.after.connected
        assert plan.short == {}
        assert plan.works == len(entries)

    def test_names_the_works_that_too_few_may_read(self, jury):
        judge = jury.judge()
        own = jury.entry(created_by=judge.user)
        jury.entry()
        assert plan_round(jury.round).short == {(jury.panel.pk, own.pk): 1}

    def test_does_what_it_said(self, jury):
        jury.judge(), jury.judge(), jury.entry(), jury.entry()
        plan = plan_round(jury.round, seed=3)
        assert assign_round(round=jury.round, actor=None, seed=3) == 2
        assert pairs(jury.round) == set(plan.diff.added)

    def test_costs_the_same_with_one_judge_and_work_and_with_three(
        self, jury, django_assert_num_queries
    ):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        jury.judge(), jury.entry()
        with CaptureQueriesContext(connection) as one:
            plan_round(jury.round)
        for _ in range(2):
            jury.judge(), jury.entry()
        with django_assert_num_queries(len(one)):
            plan_round(jury.round)


class TestAnchors:
    def test_every_judge_of_every_panel_scores_them_first(self, jury):
        other = SectionFactory(edition=jury.edition)
        jury.round.sections.add(other)
        jury.entry(section=other)
        industry = PanelFactory(edition=jury.edition, kind="industry")
        jury.round.panels.add(industry)
        experts, _works = assigned(jury, works=8, readings=1, anchors=2)
        judges = [*experts, add_judge(panel=industry, user=UserFactory())]
        assign_round(round=jury.round, actor=None)
        anchors = set(jury.round.anchor_entries.values_list("pk", flat=True))
        sections = set(jury.round.anchor_entries.values_list("section", flat=True))
        assert sections == {jury.section.pk, other.pk}
        for judge in judges:
            first = judge.assignments.order_by("position")[:2]
            assert {one.entry_id for one in first} == anchors

    def test_who_joins_later_scores_them_first_too_and_who_leaves_draws_no_others(self, jury):
        (going, *_others), _works = assigned(jury, readings=1, anchors=2)
        anchors = set(jury.round.anchor_entries.values_list("pk", flat=True))
        late = jury.judge()
        leave(judge=going, actor=None, seed=5)
        first = late.assignments.order_by("position")[:2]
        assert {one.entry_id for one in first} == anchors
        assert set(jury.round.anchor_entries.values_list("pk", flat=True)) == anchors

    def test_they_stay_the_same_when_works_come_later(self, jury):
        assigned(jury, readings=1, anchors=2)
        before = set(jury.round.anchor_entries.all())
        for _ in range(5):
            jury.entry()
        assign_round(round=jury.round, actor=None, seed=9)
        assert set(jury.round.anchor_entries.all()) == before


class TestJoin:
    def test_who_comes_later_takes_open_works_and_what_is_scored_stays(self, jury):
        (first, second), works = assigned(jury, judges=2, works=8, readings=1)
        for assignment in first.assignments.all():
            score(assignment)
        kept = pairs(jury.round) & {(first.pk, work.pk) for work in works}
        third = jury.judge()
        assign_round(round=jury.round, actor=None)
        assert kept == {pair for pair in pairs(jury.round) if pair[0] == first.pk}
        assert len(pairs(jury.round)) == 8
        assert sorted(one.assignments.count() for one in (second, third)) in ([1, 3], [2, 2])
        removed = logged("competition.round.assign")[-1]["removed"]
        assert {judge for judge, _entry in removed} == {second.pk}


class TestLeave:
    def test_open_works_go_to_the_others_and_scores_stay(self, jury):
        (going, *_others), works = assigned(jury)
        done = going.assignments.first()
        score(done)
        before = pairs(jury.round)
        plan = plan_round(jury.round, seed=4, without=going)
        opened = going.assignments.count() - 1

        assert leave(judge=going, actor=None, seed=4) == len(plan.diff.added) >= opened - 1

        assert list(going.assignments.all()) == [done]
        assert Scorecard.objects.count() == 1
        for work in works:
            assert len(readers(jury.round, work)) == 2
        gone = before - pairs(jury.round)
        assert gone == set(plan.diff.removed)
        assert {judge for judge, _work in gone} == {going.pk}
        (line,) = logged("competition.judge.leave")
        assert len(line["rounds"][str(jury.round.pk)]["removed"]) == len(gone)

    def test_who_left_gets_nothing_more_until_they_are_added_again(self, jury):
        (going, *_others), _works = assigned(jury)
        leave(judge=going, actor=None)
        jury.entry()
        assign_round(round=jury.round, actor=None)
        assert not going.assignments.exists()
        assert add_judge(panel=jury.panel, user=going.user) == going
        assign_round(round=jury.round, actor=None)
        assert going.assignments.exists()

    def test_twice_is_refused(self, jury):
        (going, *_others), _works = assigned(jury)
        leave(judge=going, actor=None)
        with pytest.raises(JudgingRefused):
            leave(judge=going, actor=None)

    def test_a_closed_round_stays_as_it_is(self, jury):
        (going, *_others), _works = assigned(jury)
        score(going.assignments.first())
        close_round(round=jury.round, actor=None)
        before = pairs(jury.round)
        assert leave(judge=going, actor=None) == 0
        assert pairs(jury.round) == before


class TestRecuse:
    def test_the_reading_goes_to_somebody_else_and_nothing_else_moves(self, jury):
        judges, _works = assigned(jury)
        one = judges[0].assignments.first()
        before = pairs(jury.round)
        recuse(judge=judges[0], entry=one.entry, user=judges[0].user, reason="I know the author")
        assert len(readers(jury.round, one.entry) - {judges[0].pk}) == 2
        (heir,) = pairs(jury.round) - before
        assert before - pairs(jury.round) == {(judges[0].pk, one.entry_id)}
        recusal = Recusal.objects.get()
        assert (recusal.reason, recusal.declared_by) == ("I know the author", judges[0].user)
        assert logged("competition.judge.recuse") == [
            {"entry": one.entry_id, "reason": "I know the author", "instead": [list(heir)]}
        ]

    def test_assigning_again_never_brings_the_work_back(self, jury):
        (judge,), (work,) = assigned(jury, judges=1, works=1, readings=1)
        recuse(judge=judge, entry=work, user=judge.user)
        assign_round(round=jury.round, actor=None)
        assert pairs(jury.round) == set()
        assert plan_round(jury.round).short == {(jury.panel.pk, work.pk): 1}

    def test_it_holds_on_the_persons_other_panels_too(self, jury):
        industry = PanelFactory(edition=jury.edition, kind="industry")
        jury.round.panels.add(industry)
        judge, work = jury.judge(), jury.entry()
        add_judge(panel=industry, user=judge.user)
        recuse(judge=judge, entry=work, user=None)
        assert assign_round(round=jury.round, actor=None) == 0

    def test_twice_is_once(self, jury):
        judges, _works = assigned(jury)
        entry = judges[0].assignments.first().entry
        recuse(judge=judges[0], entry=entry, user=None)
        after = pairs(jury.round)
        recuse(judge=judges[0], entry=entry, user=None)
        assert pairs(jury.round) == after
        assert len(logged("competition.judge.recuse")) == 1

    def test_is_refused_once_the_work_is_scored(self, jury):
        judges, _works = assigned(jury)
        one = judges[0].assignments.first()
        score(one)
        with pytest.raises(JudgingRefused):
            recuse(judge=judges[0], entry=one.entry, user=None)
        assert Scorecard.objects.count() == 1
        assert not Recusal.objects.exists()

    def test_a_sheet_still_on_screen_is_refused_in_words(self, jury):
        judges, _works = assigned(jury)
        one = judges[0].assignments.first()
        recuse(judge=judges[0], entry=one.entry, user=None)
        with pytest.raises(ScoreRefused):
            score(one)


class TestAddReadings:
    def test_gives_each_work_to_one_more_judge_who_has_not_read_it(self, jury):
        _judges, works = assigned(jury, judges=4)
        chosen = works[:3]
        before = pairs(jury.round)
        assert add_readings(round=jury.round, entries=chosen, user=None) == 3
        assert [len(readers(jury.round, work)) for work in works] == [3, 3, 3, 2, 2, 2]
        new = pairs(jury.round) - before
        assert before <= pairs(jury.round)
        assert len({judge for judge, _work in new}) == 3  # balanced
        assert len(logged("competition.round.read_more")[0]["added"]) == 3

    def test_adds_nothing_when_all_have_read_it(self, jury):
        _judges, works = assigned(jury, judges=2)
        assert add_readings(round=jury.round, entries=works[:1], user=None) == 0

    def test_is_refused_once_the_round_is_closed(self, jury):
        judges, works = assigned(jury)
        score(judges[0].assignments.first())
        close_round(round=jury.round, actor=None)
        with pytest.raises(RoundRefused):
            add_readings(round=jury.round, entries=works[:1], user=None)

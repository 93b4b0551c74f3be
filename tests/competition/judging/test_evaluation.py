"""What closing a round freezes, and by which rule."""

from decimal import Decimal

import pytest

from competition.judging.evaluation import Evaluation
from competition.judging.models import Round, RoundPlaces
from competition.judging.scorecards import save_scorecard
from competition.judging.services import close_round
from tests.factories import CriterionFactory

pytestmark = pytest.mark.django_db


def score(jury, judge, entry, value):
    assignment = jury.assignment(judge, entry=entry)
    scores = {"theme": value, "artistry": value, "story": value}
    save_scorecard(assignment=assignment, user=judge.user, scores=scores)


@pytest.fixture
def panel_of_four(jury):
    """A strict judge and three mild ones; the strict one has read the better works alone."""
    judges = [jury.judge() for _ in range(4)]
    entries = [jury.entry() for _ in range(12)]
    for number, entry in enumerate(entries):
        for at, judge in enumerate(judges):
            if (number + at) % 4 < 3:
                mild = 0 if at == 0 else 3
                score(jury, judge, entry, 1 + number // 3 + mild + (number + at) % 2)
    return jury, judges, entries


def close(jury, ranks_by):
    Round.objects.filter(pk=jury.round.pk).update(ranks_by=ranks_by)
    return {one.entry_id: one for one in close_round(round=jury.round, actor=None).standings.all()}


@pytest.mark.parametrize("ranks_by", list(Round.RanksBy))
def test_all_values_are_kept_and_the_rules_one_ranks(panel_of_four, ranks_by):
    jury, _judges, entries = panel_of_four
    standings = close(jury, ranks_by)
    assert set(standings) == {entry.pk for entry in entries}
    for one in standings.values():
        assert one.value == getattr(one, ranks_by)
        assert one.standard_error > 0
        assert one.chance is None, "nobody has said how many are inside"
    best = max(standings.values(), key=lambda one: one.value)
    assert best.rank == 1


def test_fewer_readings_mean_a_larger_error_and_works_at_the_line_are_unsure(panel_of_four):
    jury, judges, _entries = panel_of_four
    once = jury.entry()
    score(jury, judges[0], once, 5)
    section = jury.section.pk
    assert Evaluation.of(jury.round).unsure() == {}, "nobody has said how many are inside"
    RoundPlaces.objects.create(round=jury.round, section=jury.section, places=2)
    found = Evaluation.of(jury.round)
    errors = found.errors_by_readings()
    assert set(errors) == {(section, 1), (section, 3)}
    assert 0 < errors[section, 3] < errors[section, 1]
    expected = sum(0.1 <= chance <= 0.9 for chance in found.chances.values())
    assert 0 < expected < 13
    assert found.unsure() == {section: expected}


def test_the_three_values_are_those_of_the_pure_rules(jury):
    judges, entry = [jury.judge() for _ in range(3)], jury.entry()
    for judge, value in zip(judges, [4, 6, 9], strict=True):
        score(jury, judge, entry, value)
    (one,) = close(jury, "trimmed").values()
    assert (one.raw, one.trimmed, one.readings) == (Decimal("6.333333"), Decimal(6), 3)


def test_a_strict_judges_works_rise_when_adjusted(panel_of_four):
    jury, _judges, entries = panel_of_four
    standings = close(jury, "adjusted")
    read_by_strict = entries[0]  # by all but the fourth
    spared = entries[1]  # its readers leave out the third: the strict one is among them too
    assert standings[read_by_strict.pk].adjusted != standings[read_by_strict.pk].raw
    assert standings[spared.pk].adjusted != standings[spared.pk].raw


def test_the_chances_of_a_section_add_up_to_its_places(panel_of_four):
    jury, _judges, _entries = panel_of_four
    RoundPlaces.objects.create(round=jury.round, section=jury.section, places=4)
    standings = close(jury, "raw")
    assert sum(one.chance for one in standings.values()) == pytest.approx(4)


def test_works_that_tie_with_the_last_one_are_inside(jury):
    judge = jury.judge()
    entries = [jury.entry() for _ in range(4)]
    for entry, value in zip(entries, [9, 7, 7, 5], strict=True):
        score(jury, judge, entry, value)
    RoundPlaces.objects.create(round=jury.round, section=jury.section, places=2)
    inside = Evaluation.of(jury.round).inside("raw")
    assert inside == {entry.pk for entry in entries[:3]}


def test_a_sheet_that_lacks_a_criterion_is_no_reading_and_no_zero(jury):
    judge, other, entry = jury.judge(), jury.judge(), jury.entry()
    score(jury, judge, entry, 8)
    CriterionFactory(edition=jury.edition, code="colour", title="色彩")
    assignment = jury.assignment(other, entry=entry)
    scores = {"theme": 6, "artistry": 6, "story": 6, "colour": 6}
    save_scorecard(assignment=assignment, user=other.user, scores=scores)
    (one,) = Evaluation.of(jury.round).lines()
    assert (one.raw, one.readings) == (Decimal(6), 1)


def test_what_is_frozen_does_not_move_when_a_work_leaves(panel_of_four):
    jury, _judges, entries = panel_of_four
    before = close(jury, "adjusted")
    entries[0].state = "disqualified"
    entries[0].save()
    again = {one.entry_id: one for one in jury.round.standing_lists.get().standings.all()}
    for entry_id, one in before.items():
        assert (again[entry_id].value, again[entry_id].rank) == (one.value, one.rank)

"""What another rule would change, what a moved weight changes, what the error leaves open."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.awards.merits import Line, Standings
from competition.awards.rulebook import Category, Rule
from competition.awards.selection import Decision
from competition.awards.sensitivity import (
    Ground,
    Measured,
    changes,
    close_calls,
    look,
    move_weight,
    weight_shifts,
)


def lines(*in_order):
    return [Line(entry, 1, rank) for rank, entry in enumerate(in_order, start=1)]


def ground(excluded=(), decisions=(), **lists):
    return Ground(Standings(lists), {}, set(excluded), list(decisions))


def rule(*categories, **more):
    return Rule(categories, **more)


BOTH = Category("shortlisted", "combined", {1: 1}, jury_weight=50)
OPPOSED = {"jury": lines(10, 11, 12), "public": lines(12, 11, 10)}


def test_works_that_enter_leave_and_change_their_category_are_told_apart():
    jury, public = Category("expert", "jury", {1: 1}), Category("popular", "public", {1: 1})
    lists = ground(**OPPOSED)
    before = look(rule(jury, public), lists)
    after = look(rule(Category("popular", "public", {1: 2}), jury), lists)
    found = {
        one.entry: ([a.category for a in one.before], [a.category for a in one.after])
        for one in changes(before.awards, after.awards)
    }
    assert found == {11: ([], ["popular"])}
    swapped = look(rule(Category("expert", "public", {1: 1})), lists)
    found = {one.entry: bool(one.after) for one in changes(before.awards, swapped.awards)}
    assert found == {10: False, 12: True}


def test_the_same_awards_are_no_change_whatever_their_order():
    awards = look(rule(Category("expert", "jury", {1: 3})), ground(**OPPOSED)).awards
    assert changes(awards, reversed(awards)) == []


def test_a_look_goes_past_a_tie_with_those_that_have_an_award_and_says_so():
    tied = ground(jury=[Line(10, 1, 1), Line(11, 1, 1), Line(12, 1, 3)])
    asked = rule(Category("expert", "jury", {1: 1}))
    assert [award.entry for award in look(asked, tied).awards] == [10]
    preferring = look(asked, tied, prefer={11})
    assert [award.entry for award in preferring.awards] == [11]
    assert [tie.entries for tie in preferring.ties] == [(10, 11)]


def test_what_people_decided_is_no_tie_of_a_look():
    choice = [Decision("expert", 1, frozenset({11}))]
    tied = ground(decisions=choice, jury=[Line(10, 1, 1), Line(11, 1, 1)])
    found = look(rule(Category("expert", "jury", {1: 1})), tied)
    assert ([award.entry for award in found.awards], found.ties) == ([11], ())


def test_each_weight_moves_ten_points_and_the_works_it_changes_are_named():
    shifts = weight_shifts(rule(BOTH), ground(**OPPOSED))
    assert [(one.source, one.by, one.weight) for one in shifts] == [
        ("jury", -10, 40),
        ("jury", 10, 60),
    ]
    # At 50:50 all three are level, and the look takes 10; at 40:60 the public's first wins.
    assert [[one.entry for one in shift.changes] for shift in shifts] == [[10, 12], []]


@pytest.mark.parametrize(
    ("source", "by", "weights"),
    [
        ("expert", 10, {"expert": 60, "industry": Fraction(24), "public": Fraction(16)}),
        ("public", -10, {"expert": Fraction(450, 8), "industry": Fraction(270, 8), "public": 10}),
        ("expert", 60, {"expert": 100}),
    ],
)
def test_the_other_weights_share_the_rest_as_they_did(source, by, weights):
    category = Category("top", "weighted", {1: 1}, expert_weight=50, industry_weight=30)
    assert move_weight(category, source, by).weights() == weights


def test_a_weight_that_cannot_move_is_no_row():
    assert move_weight(Category("top", "combined", {1: 1}, jury_weight=100), "jury", 10) is None


@given(st.integers(0, 100), st.integers(0, 100), st.integers(-100, 100))
def test_moved_weights_add_up_to_100_and_none_is_negative(expert, industry, by):
    if expert + industry > 100:
        expert, industry = 100 - expert, 100 - industry
    category = Category("top", "weighted", {1: 1}, expert_weight=expert, industry_weight=industry)
    for source in category.weights():
        moved = move_weight(category, source, by)
        if moved is not None:
            assert sum(moved.weights().values()) == 100
            assert min(moved.weights().values()) > 0


def test_an_award_whose_lead_the_error_may_explain_is_named_with_the_first_without_it():
    asked = rule(Category("expert", "jury", {1: 2}), Category("popular", "public", {1: 1}))
    # 10 has left; 13 is the first without an expert's award, though it has a popular one.
    lists = ground({10}, jury=lines(10, 11, 12, 13, 14), public=lines(13, 11, 12, 10, 14))
    measured = {
        entry: Measured(value, 0.3) for entry, value in {10: 9, 11: 8, 12: 7.2, 13: 7}.items()
    }
    found = look(asked, lists).selection
    (close,) = close_calls(asked, found, lists, measured)
    assert (close.award.entry, close.other, round(close.gap, 6)) == (12, 13, 0.2)
    assert close.reach == pytest.approx(1.959964 * 0.3 * 2**0.5)


def test_without_an_error_or_without_anybody_left_out_nothing_is_close():
    asked = rule(Category("expert", "jury", {1: 1}))
    lists = ground(jury=lines(10, 11))
    found = look(asked, lists).selection
    assert close_calls(asked, found, lists, {10: Measured(9, None), 11: Measured(9, 1)}) == []
    everybody = rule(Category("expert", "jury", {1: 2}))
    found = look(everybody, lists).selection
    assert close_calls(everybody, found, lists, {10: Measured(9, 1), 11: Measured(9, 1)}) == []

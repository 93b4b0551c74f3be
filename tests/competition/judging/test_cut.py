"""Where a cut falls."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from competition.judging.cut import cut_by_least, cut_by_places
from competition.judging.scoring import StandingLine, rank


def lines(*values, section=1):
    return [StandingLine(pk, section, Decimal(value), 3) for pk, value in enumerate(values, 1)]


def ids(found):
    return [line.entry_id for line in found]


def test_the_best_go_on_and_the_line_shows_both_sides():
    cut = cut_by_places(lines(9, 3, 7, 5, 8), 1, 2)
    assert (ids(cut.inside), ids(cut.tied)) == ([1, 5], [])
    assert (ids(cut.last), ids(cut.first)) == ([1, 5], [3, 4, 2])


def test_works_that_tie_with_the_last_one_all_go_on_and_are_named():
    cut = cut_by_places(lines(9, 7, 7, 7, 5), 1, 2)
    assert (ids(cut.inside), ids(cut.tied)) == ([1, 2, 3, 4], [2, 3, 4])


def test_a_tie_that_fits_is_none():
    assert cut_by_places(lines(9, 7, 7, 5), 1, 3).tied == []


def test_no_place_no_work_and_more_places_than_works_all():
    assert cut_by_places(lines(9, 7), 1, 0).inside == []
    assert ids(cut_by_places(lines(9, 7), 1, 5).inside) == [1, 2]
    assert cut_by_places(lines(9, 7, section=2), 1, 5).inside == []


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 12))
def test_inside_is_who_ranks_within_the_places(values, places):
    found = lines(*values)
    ranks = rank({line.entry_id: line.value for line in found})
    inside = {pk for pk, place in ranks.items() if place <= places}
    assert set(ids(cut_by_places(found, 1, places).inside)) == inside


def test_a_least_value_lets_through_what_reaches_it():
    cut = cut_by_least(lines(9, 7, 7, 5), 1, Decimal(7))
    assert (ids(cut.inside), ids(cut.first), cut.places, cut.tied) == ([1, 2, 3], [4], 3, [])
    assert cut_by_least(lines(9, 7), 1, Decimal("9.01")).inside == []

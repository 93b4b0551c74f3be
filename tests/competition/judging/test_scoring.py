"""From scores to ranks."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from competition.judging.scoring import (
    Reading,
    Sheet,
    StandingLine,
    digest,
    rank,
    rank_in_sections,
    readings,
    rounded,
    trimmed_mean,
)

values = st.dictionaries(st.integers(), st.fractions(), max_size=30)


def test_a_value_is_rounded_once_to_six_places():
    assert rounded(Fraction(20, 3)) == Decimal("6.666667")
    assert rounded(Fraction(7)) == Decimal("7.000000")
    assert rounded(Fraction(1, 2_000_000)) == Decimal("0.000000")
    assert rounded(Fraction(3, 2_000_000)) == Decimal("0.000002")


def test_equal_values_share_a_rank_and_the_next_is_skipped():
    assert rank({"a": 9, "b": 9, "c": 8, "d": 7, "e": 8}) == {
        "a": 1,
        "b": 1,
        "c": 3,
        "d": 5,
        "e": 3,
    }
    assert rank({}) == {}


@given(values)
def test_a_rank_is_one_more_than_the_number_of_better_ones(values):
    ranks = rank(values)
    assert ranks == {
        key: 1 + sum(other > value for other in values.values()) for key, value in values.items()
    }


@given(values, st.fractions())
def test_the_same_added_to_all_moves_no_rank(values, shift):
    assert rank({key: value + shift for key, value in values.items()}) == rank(values)


def line(entry, section, value, readings=1):
    return StandingLine(entry, section, Decimal(value), readings)


def test_each_section_is_ranked_by_itself():
    lines = [line(1, 1, "8"), line(2, 2, "7"), line(3, 1, "9"), line(4, 2, "7"), line(5, 1, "8")]
    assert rank_in_sections(lines) == {3: 1, 1: 2, 5: 2, 2: 1, 4: 1}


def test_the_digest_is_that_of_a_text_anybody_can_write():
    import hashlib

    text = b"1,7,8.500000,3\n2,7,6.666667,2\n"
    lines = [line(2, 7, "6.666667", 2), line(1, 7, "8.5", 3)]
    assert digest(lines) == hashlib.sha256(text).hexdigest()


def test_the_digest_tells_any_change():
    original = line(1, 1, "8", 3)
    changed = [
        line(2, 1, "8", 3),
        line(1, 2, "8", 3),
        line(1, 1, "8.000001", 3),
        line(1, 1, "8", 2),
    ]
    assert len({digest([one]) for one in [original, *changed]}) == 5


def test_a_sheet_becomes_one_value_by_the_weights_of_its_criteria():
    sheet = Sheet(7, 1, {"theme": 8, "story": 5, "unweighed": 1}, turn=4)
    assert readings([sheet], {"theme": 2, "story": 1}) == [Reading(7, 1, Fraction(7), 4)]


def test_a_sheet_that_lacks_a_criterion_does_not_count_and_is_not_zero():
    sheets = [Sheet(7, 1, {"theme": 8}), Sheet(8, 1, {"theme": 6, "story": 6})]
    assert readings(sheets, {"theme": 1, "story": 1}) == [Reading(8, 1, Fraction(6))]


def test_one_highest_and_one_lowest_value_are_left_out():
    assert trimmed_mean(map(Fraction, [9, 2, 7, 8, 9])) == 8
    assert trimmed_mean(map(Fraction, [9, 2, 7])) == 7


def test_of_fewer_than_three_values_none_is_left_out():
    assert trimmed_mean([Fraction(9), Fraction(2)]) == Fraction(11, 2)
    assert trimmed_mean([Fraction(9)]) == 9
    assert trimmed_mean([]) is None

"""Adjusted values: what holds whatever the scores, and what is found where the truth is known."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competition.judging.adjusting import Adjustment, adjust, shown
from competition.judging.scoring import Reading, rank, rank_in_sections
from competition.judging.severity import Grid, find_components


def read(table: dict[tuple[int, int], int | Fraction]) -> list[Reading]:
    """Return the readings of {(judge, entry): points}."""
    return [Reading(judge, entry, Fraction(value)) for (judge, entry), value in table.items()]


def alike(readings, **options) -> Adjustment:
    """Adjust with all entries in one section."""
    return adjust(readings, {one.entry_id: 1 for one in readings}, **options)


def ranks(adjustment: Adjustment) -> dict[int, int]:
    return rank_in_sections(one.line() for one in adjustment.entries)


def severities(adjustment: Adjustment) -> dict[int, float]:
    return {one.judge_id: one.severity.value for one in adjustment.judges if one.severity}


@st.composite
def panels(draw, joined=False):
    """Any readings: some entries read once, judges with one score, parts that share nothing.

    `joined`: each judge shares an entry with the next one.
    """
    judges, entries = draw(st.integers(1, 5)), draw(st.integers(4, 9))
    points = st.integers(0, 10)
    pairs = st.tuples(st.integers(1, judges), st.integers(1, entries))
    table = draw(st.dictionaries(pairs, points, min_size=1, max_size=25))
    if joined:
        chain = [(judge + step, judge) for judge in range(1, judges) for step in (0, 1)]
        table = dict.fromkeys(chain, draw(points)) | table
    return read(table)


@given(panels(), st.randoms())
def test_the_order_of_rows_changes_nothing(readings, chance):
    shuffled = readings.copy()
    chance.shuffle(shuffled)
    one, other = alike(readings), alike(shuffled)
    assert (one.entries, one.judges) == (other.entries, other.judges)


@given(panels(joined=True), st.data())
def test_a_constant_added_to_one_judges_scores_moves_no_rank(readings, data):
    found = alike(readings)
    assert found.components == 1
    # Where nothing is left to tell the error by, nothing is adjusted: then it must move ranks.
    assume(found.noise is not None)
    judge = data.draw(st.sampled_from([one.judge_id for one in found.judges]))
    constant = data.draw(st.fractions(-50, 50, max_denominator=7))
    moved = [
        replace(one, value=one.value + constant) if one.judge_id == judge else one
        for one in readings
    ]
    assert ranks(alike(moved)) == ranks(found)


@given(panels(), st.permutations(range(1, 6)))
def test_other_ids_for_the_judges_change_nothing(readings, ids):
    found = alike(readings)
    renamed = alike([replace(one, judge_id=ids[one.judge_id - 1]) for one in readings])
    assert {one.entry_id: one.adjusted for one in renamed.entries} == {
        one.entry_id: one.adjusted for one in found.entries
    }
    theirs = severities(renamed)
    assert theirs == pytest.approx({ids[j - 1]: v for j, v in severities(found).items()}, abs=1e-9)


@given(panels(), st.dictionaries(st.integers(1, 10), st.integers(0, 10)))
def test_where_all_judges_agree_on_every_work_the_adjusted_value_is_the_raw_one(readings, worth):
    agreed = [replace(one, value=Fraction(worth.get(one.entry_id, 5))) for one in readings]
    found = alike(agreed)
    assert found.noise in (None, 0.0)
    for one in found.entries:
        assert abs(one.adjusted - one.raw) <= Decimal("0.0001")
    assert ranks(found) == rank({one.entry_id: one.raw for one in found.entries})


@given(
    st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=1, max_size=12),
)
def test_where_all_judges_read_all_works_and_count_alike_the_order_is_the_raw_one(rows):
    table = {(judge, entry): v for entry, row in enumerate(rows) for judge, v in enumerate(row)}
    found = alike(read(table), weigh_judges=False)
    assert ranks(found) == rank({one.entry_id: one.raw for one in found.entries})


@given(panels())
def test_whatever_the_scores_all_numbers_are_finite(readings):
    found = alike(readings)
    errors = [one.standard_error for one in found.entries if one.standard_error is not None]
    assert np.isfinite([float(one.adjusted) for one in found.entries] + errors).all()
    assert min(errors, default=0) >= 0
    intervals = [one.severity for one in found.judges if one.severity]
    assert all(one.low <= one.value <= one.high for one in intervals)


def test_severities_are_those_of_a_solution_by_hand():
    # Two works; B gives 2 less than A for one, 4 less for the other: 3 less, so 1.5 to each side.
    found = alike(read({(1, 1): 8, (2, 1): 6, (1, 2): 9, (2, 2): 5}))
    assert severities(found) == {1: pytest.approx(-1.5), 2: pytest.approx(1.5)}
    # Residuals are a half each way: their squares add up to 1, and one is left to tell it by.
    assert found.noise == pytest.approx(1.0)
    first = found.judges[0].severity
    # The difference of severities has variance 2 noise / 2 works; each is half of it.
    assert (first.high - first.value) / 1.959964 == pytest.approx(0.5)


def test_who_was_given_weak_works_does_not_look_strict():
    # Works 1 to 5 are weak, 6 to 10 good. Judge 1 reads the weak, judge 2 the good, 3 all.
    table = {(3, entry): 3 if entry <= 5 else 9 for entry in range(1, 11)}
    table |= {(1, entry): 3 for entry in range(1, 6)} | {(2, entry): 9 for entry in range(6, 11)}
    table[1, 1] = 4
    found = severities(alike(read(table)))
    assert max(abs(value) for value in found.values()) < 0.2


def test_a_work_read_less_often_is_drawn_further_to_the_mean():
    chance = random.Random(1)
    table = {
        (judge, entry): entry % 7 + chance.randint(-2, 2)
        for entry in range(40)
        for judge in range(3)
    }
    table |= {(0, 100): 6, (1, 100): 6, (2, 100): 6, (0, 101): 6}
    values = {one.entry_id: one for one in alike(read(table), weigh_judges=False).entries}
    assert values[100].raw == values[101].raw == 6
    assert values[100].adjusted > values[101].adjusted + Decimal("0.2")
    assert values[101].standard_error > values[100].standard_error


def test_raw_and_trimmed_stand_beside_the_adjusted_value():
    found = alike(read({(1, 1): 9, (2, 1): 3, (3, 1): 8, (1, 2): 5, (2, 2): 4, (3, 2): 6}))
    first = found.entries[0]
    assert (first.raw, first.trimmed) == (Decimal("6.666667"), Decimal("8.000000"))
    assert first.adjusted.as_tuple().exponent == -4
    assert first.line().value == first.adjusted


def test_entries_nobody_has_read_are_told_and_not_ranked():
    found = adjust(read({(1, 1): 5}), {1: 1, 2: 1, 3: 9})
    assert found.unread == (2, 3)
    assert [one.entry_id for one in found.entries] == [1]
    assert adjust([], {4: 1}) == Adjustment((), (), (4,), 0, None, None, None, None, None)


def test_readings_of_entries_that_are_not_in_the_round_do_not_count():
    assert adjust(read({(1, 1): 5, (1, 2): 9}), {1: 1}) == adjust(read({(1, 1): 5}), {1: 1})


def test_with_one_judge_alone_nothing_is_adjusted():
    found = alike(read({(1, 1): 9, (1, 2): 3, (1, 3): 8}))
    assert [one.adjusted for one in found.entries] == [9, 3, 8]
    assert [one.standard_error for one in found.entries] == [None] * 3
    assert (found.noise, found.judges[0].severity, found.judges[0].noise) == (None, None, None)


def test_one_shared_work_is_not_enough_to_call_a_judge_strict():
    found = alike(read({(1, 1): 9, (2, 1): 3, (2, 2): 8}))
    assert found.components == 1
    assert [one.adjusted for one in found.entries] == [6, 8]
    assert severities(found) == {}


def test_parts_that_share_no_work_are_told_and_adjusted_each_by_itself():
    # Judges 1 and 2 as in the solution by hand; 3 and 4 the same, 50 points higher.
    half = {(1, 1): 8, (2, 1): 6, (1, 2): 9, (2, 2): 5}
    other = {(judge + 2, entry + 2): value + 50 for (judge, entry), value in half.items()}
    found = alike(read(half | other))
    assert found.components == 2
    assert [one.component for one in found.judges] == [0, 0, 1, 1]
    assert [one.component for one in found.entries] == [0, 0, 1, 1]
    assert severities(found) == pytest.approx({1: -1.5, 2: 1.5, 3: -1.5, 4: 1.5})
    assert found.noise == pytest.approx(1.0)


def test_a_judge_with_one_score_is_adjusted_with_a_wide_interval():
    table = {(judge, entry): entry + judge for judge in (1, 2) for entry in range(1, 7)}
    table |= {(1, 3): 5, (3, 1): 9}
    found = {one.judge_id: one for one in alike(read(table), weigh_judges=False).judges}
    widths = {pk: one.severity.high - one.severity.low for pk, one in found.items()}
    assert found[3].readings == 1
    assert widths[3] > 2 * max(widths[1], widths[2])


def test_a_judge_nobody_shares_a_work_with_has_no_severity():
    table = {(judge, entry): entry for judge in (1, 2) for entry in (1, 2, 3)}
    table |= {(1, 1): 2, (3, 9): 9}
    assert set(severities(alike(read(table)))) == {1, 2}


def test_constant_scores_all_tie():
    found = alike(read({(judge, entry): 7 for judge in range(3) for entry in range(5)}))
    assert {one.adjusted for one in found.entries} == {Decimal("7.0000")}
    assert set(ranks(found).values()) == {1}


def test_a_judge_who_errs_more_counts_less_but_never_four_times():
    chance = random.Random(2)
    errors = {1: 1, 2: 1, 3: 1, 4: 12}
    table = {
        (judge, entry): 10 * (entry % 9) + chance.randint(-error, error)
        for entry in range(200)
        for judge, error in errors.items()
    }
    noise = {one.judge_id: one.noise for one in alike(read(table)).judges}
    assert noise[4] > max(noise[1], noise[2], noise[3])
    assert max(noise.values()) ** 2 <= 4.0001 * min(noise.values()) ** 2
    same = {one.noise for one in alike(read(table), weigh_judges=False).judges}
    assert len(same) == 1


def test_sections_are_shrunk_to_their_own_mean_and_ranked_apart():
    chance = random.Random(3)
    level = {1: 20, 2: 80}
    table = {
        (judge, 100 * section + entry): level[section] + chance.randint(-5, 5)
        for section in level
        for entry in range(20)
        for judge in range(3)
    }
    found = adjust(read(table), {entry: entry // 100 for _judge, entry in table})
    for section, middle in level.items():
        theirs = [float(one.adjusted) for one in found.entries if one.section_id == section]
        assert np.mean(theirs) == pytest.approx(middle, abs=1.5)
    assert sorted(ranks(found).values())[:2] == [1, 1]


@pytest.mark.parametrize(("step", "pays"), [(0, False), (10, True)])
def test_adjusting_pays_where_judges_differ_by_more_than_is_unknown(step, pays):
    chance = random.Random(4)
    table = {
        (judge, entry): 5 * entry + step * judge + chance.randint(-9, 9)
        for entry in range(9)
        for judge in range(4)
    }
    found = alike(read(table))
    assert (found.pays, found.severity_sd > found.severity_error) == (pays, pays)
    apart = read({(judge + 9, entry + 99): value for (judge, entry), value in table.items()})
    assert not alike(read(table) + apart).pays
    assert not alike(read({(1, 1): 5})).pays


@given(panels(joined=True))
def test_severities_leave_the_level_of_all_readings_where_it_is(readings):
    found = alike(readings)
    given_back = [one.readings * one.severity.value for one in found.judges if one.severity]
    assert sum(given_back) == pytest.approx(0, abs=1e-8)


def test_works_that_tie_but_for_what_is_not_shown_tie_wherever_the_level_is():
    table = {(judge, entry): Fraction(entry * 3) for judge in (1, 2) for entry in range(1, 6)}
    table |= {(judge, 6): Fraction(1800003, 200000) for judge in (1, 2)}  # work 3 and 0.000015
    found = alike(read(table))
    for step in range(20):
        moved = {(j, e): v + Fraction(step, 100_000) * (j == 1) for (j, e), v in table.items()}
        assert ranks(alike(read(moved))) == ranks(found)


def test_a_half_is_a_half_whatever_the_last_bit_of_a_sum():
    halves = np.array([0.00025, 0.00025 + 1e-15, 0.00025 - 1e-15])
    assert shown(halves) == [Decimal("0.0002")] * 3


def test_a_judge_reads_an_entry_once():
    with pytest.raises(ValueError, match="once"):
        alike([Reading(1, 1, Fraction(5)), Reading(1, 1, Fraction(6))])


def test_what_is_known_of_a_large_panel_is_found_again():
    """Truth is found, intervals hold it 95 times of 100, and strict judges are told apart."""
    chance = np.random.default_rng(5)
    worth, strict = chance.normal(60, 8, 1500), chance.normal(0, 5, 12)
    strict -= strict.mean()
    table = {
        (judge, entry): Fraction(round(worth[entry] - strict[judge] + chance.normal(0, 6), 3))
        for entry in range(1500)
        for judge in chance.choice(12, 3, replace=False).tolist()
    }
    found = alike(read(table))
    value = np.array([float(one.adjusted) for one in found.entries])
    error = np.array([one.standard_error for one in found.entries])
    assert 0.93 <= np.mean(abs(value - worth) <= 1.96 * error) <= 0.97
    assert (found.noise, found.worth) == (pytest.approx(6, rel=0.05), pytest.approx(8, rel=0.05))
    assert found.severity_sd == pytest.approx(np.std(strict, ddof=1), rel=0.1)
    assert error.mean() == pytest.approx((1 / 8**2 + 3 / 6**2) ** -0.5, rel=0.03)
    inside = [one.severity.low <= strict[one.judge_id] <= one.severity.high for one in found.judges]
    assert sum(inside) >= 10


def test_components_are_found_along_chains():
    grid = Grid.lay(read({(1, 1): 5, (2, 1): 5, (2, 2): 5, (3, 2): 5, (4, 3): 5}))
    presence = grid.spread_out(np.ones(len(grid.value)))
    assert find_components(presence.T @ presence).tolist() == [0, 0, 0, 1]

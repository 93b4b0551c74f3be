"""A judge's habits."""

from fractions import Fraction

import numpy as np
import pytest

from competition.judging.adjusting import adjust
from competition.judging.habits import drifts, home_biases, spreads
from competition.judging.scoring import Reading


def panel(entries=200, judges=4, noise=3.0, change=lambda judge, entry, turn: 0.0):
    """Return readings by judges of severity 0, 1, 2, ..., changed by this."""
    chance = np.random.default_rng(11)
    worth = chance.normal(60, 8, entries)
    turns = [chance.permutation(entries) + 1 for _ in range(judges)]
    return [
        Reading(
            judge,
            entry,
            Fraction(
                round(
                    worth[entry]
                    - judge
                    + chance.normal(0, noise)
                    + change(judge, entry, int(turns[judge][entry])),
                    3,
                )
            ),
            int(turns[judge][entry]),
        )
        for judge in range(judges)
        for entry in range(entries)
    ]


def adjusted(readings):
    return adjust(readings, {one.entry_id: 1 for one in readings})


def test_spread_is_the_standard_deviation_beside_the_others():
    table = {1: [2, 4, 6], 2: [10, 11, 12], 3: [5, 5, 5]}
    rows = [Reading(j, e, Fraction(v)) for j, row in table.items() for e, v in enumerate(row)]
    first, second, third = spreads(rows)
    assert (first.judge_id, first.deviation.value, first.deviation.count) == (1, 2.0, 3)
    assert first.panel == pytest.approx(np.sqrt(2 / 4))  # 1, 0, 1 and 0, 0, 0 about two means
    assert second.deviation.low < 1 < second.deviation.high
    assert (third.deviation.value, third.deviation.low, third.deviation.high) == (0, 0, 0)


def test_who_has_scored_fewer_than_three_works_has_no_spread():
    rows = [Reading(1, entry, Fraction(entry)) for entry in (1, 2)]
    assert spreads(rows) == []
    assert spreads([]) == []


def test_a_judge_who_favours_home_is_found_and_the_others_are_not():
    home = {(1, entry) for entry in range(40)} | {(2, entry) for entry in range(40, 80)}
    readings = panel(change=lambda judge, entry, turn: 4 if judge == 1 and entry < 40 else 0)
    found = home_biases(readings, adjusted(readings), home)
    assert found[1].low < 4 < found[1].high
    assert found[1].low > 1
    assert found[2].low < 0 < found[2].high
    assert found[1].count == 40
    assert set(found) == {1, 2}


def test_home_bias_needs_three_works_of_either_sort():
    readings = panel(entries=10)
    found = adjusted(readings)
    assert home_biases(readings, found, {(1, 0), (1, 1)}) == {}
    assert home_biases(readings, found, {(1, entry) for entry in range(8)}) == {}
    assert set(home_biases(readings, found, {(1, entry) for entry in range(3)})) == {1}


def test_a_judge_who_grows_milder_is_found_by_points_every_100_works():
    readings = panel(change=lambda judge, entry, turn: 0.03 * turn if judge == 2 else 0)
    found = drifts(readings, adjusted(readings))
    assert found[2].low < 3 < found[2].high
    assert found[2].low > 1.5
    assert found[2].count == 200
    others = [found[judge] for judge in (0, 1, 3)]
    assert all(one.value < 0.5 for one in others)


def test_strict_fellow_readers_are_no_bias_and_no_drift():
    """Three of six judges a work, all of them exact but for severity: nothing is left over."""
    readings = [
        one
        for one in panel(entries=60, judges=6, noise=0)
        if (one.judge_id * (one.entry_id % 5 + 1) + one.entry_id) % 6 % 2
    ]
    found = adjusted(readings)
    home = {(judge, entry) for judge in range(6) for entry in range(0, 60, 3)}
    for estimates in (home_biases(readings, found, home), drifts(readings, found)):
        assert len(estimates) == 6
        assert all(abs(one.value) < 1e-9 for one in estimates.values())


def test_works_nobody_else_has_read_tell_no_drift():
    alone = [Reading(1, entry, Fraction(entry), entry) for entry in range(50)]
    assert drifts(alone, adjusted(alone)) == {}
    unordered = [Reading(j, e, Fraction(e + j), 0) for j in (1, 2) for e in range(9)]
    assert drifts(unordered, adjusted(unordered)) == {}


def test_habits_do_not_depend_on_the_order_of_rows():
    readings = panel(entries=30)
    found, home = adjusted(readings), {(1, entry) for entry in range(9)}
    back = readings[::-1]
    assert spreads(back) == spreads(readings)
    assert drifts(back, found) == drifts(readings, found)
    assert home_biases(back, found, home) == home_biases(readings, found, home)

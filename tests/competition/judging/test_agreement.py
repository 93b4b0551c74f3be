"""Agreement of judges, and halo between criteria."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from competition.judging.agreement import agreement, halo
from competition.judging.scoring import Sheet

# The example of Krippendorff's own paper "Computing Krippendorff's Alpha-Reliability" (2011), C.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def sheets(rows, code="theme"):
    return [
        Sheet(judge, entry, {code: value})
        for judge, row in enumerate(rows)
        for entry, value in enumerate(row)
        if value is not None
    ]


def test_alpha_is_that_of_krippendorffs_own_example():
    found = agreement(sheets(OBSERVERS), ["theme"], seed=1)["theme"]
    assert found.value == pytest.approx(0.849, abs=0.0005)
    assert found.count == 11  # one unit has one value
    assert found.low < found.value < found.high <= 1


@settings(max_examples=30)  # each draws its interval too
@given(st.lists(st.lists(st.none() | st.integers(0, 6), min_size=6, max_size=6), max_size=5))
def test_alpha_is_that_of_the_krippendorff_package(rows):
    krippendorff = pytest.importorskip("krippendorff")
    found = agreement(sheets(rows), ["theme"], seed=1).get("theme")
    assume(found is not None)
    table = np.array([[np.nan if value is None else value for value in row] for row in rows])
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement="interval")
    assert found.value == pytest.approx(expected, abs=1e-9)


def test_each_criterion_is_told_by_itself_whatever_the_order_of_sheets():
    both = [
        Sheet(judge, entry, {"theme": entry % 5, "story": (judge * 7 + entry * 3) % 5})
        for judge in range(3)
        for entry in range(10)
    ]
    found = agreement(both, ["theme", "story"], seed=1)
    assert found["theme"].value == 1
    assert found["story"].value < 0.5
    assert agreement(both[::-1], ["theme", "story"], seed=1) == found


def test_a_missing_score_does_not_count():
    lacking = [Sheet(9, entry, {}) for entry in range(12)]
    found = agreement(sheets(OBSERVERS), ["theme"], seed=1)
    assert agreement(sheets(OBSERVERS) + lacking, ["theme"], seed=1) == found


def test_equal_scores_and_single_readings_have_no_alpha():
    assert agreement(sheets([[5, 5], [5, 5]]), ["theme"], seed=1) == {}
    assert agreement(sheets([[5, 6]]), ["theme"], seed=1) == {}
    assert agreement([], ["theme"], seed=1) == {}


def test_the_interval_of_alpha_holds_the_truth():
    """Worth with variance 4, errors with variance 4: alpha is a half; 40 panels of 80 works."""
    held = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        rows = chance.normal(0, 2, 80) + chance.normal(0, 2, (3, 80))
        found = agreement(sheets(rows.tolist()), ["theme"], seed=1)["theme"]
        held += found.low <= 0.5 <= found.high
    assert held >= 34


def test_halo_is_the_mean_correlation_of_a_judges_criteria():
    scores = {"a": [1, 2, 3, 4, 5], "b": [2, 4, 6, 8, 10], "c": [5, 1, 4, 2, 3]}
    theirs = [Sheet(1, at, {code: row[at] for code, row in scores.items()}) for at in range(5)]
    found = halo(theirs, ["a", "b", "c"])[1]
    assert found.value == pytest.approx((1 + -0.3 + -0.3) / 3)
    assert found.count == 5
    assert -1 <= found.low < found.value < found.high <= 1


def test_halo_leaves_out_who_has_too_few_sheets_or_a_constant_criterion():
    few = [Sheet(1, at, {"a": at, "b": at}) for at in range(3)]
    flat = [Sheet(2, at, {"a": at, "b": 5}) for at in range(9)]
    lacking = [Sheet(3, at, {"a": at}) for at in range(9)]
    one = [Sheet(4, at, {"a": at, "b": at}) for at in range(9)]
    found = halo(few + flat + lacking + one, ["a", "b"])
    assert set(found) == {4}
    assert found[4].value == pytest.approx(1)
    assert halo(one, ["a"]) == {}

"""From scores by criterion to one value."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from competition.editions.weighing import mean, weighted_mean

CODES = ["theme", "artistry", "story"]
scores = st.fixed_dictionaries({code: st.integers(1, 100) for code in CODES})
weights = st.fixed_dictionaries({code: st.integers(1, 9) for code in CODES})


def test_a_weighted_mean_is_exact():
    found = weighted_mean(
        {"theme": 8, "artistry": 9, "story": 5}, {"theme": 2, "artistry": 2, "story": 3}
    )
    assert found == Fraction(49, 7) == 7


def test_a_missing_criterion_is_never_zero():
    assert weighted_mean({"theme": 8, "artistry": 9}, dict.fromkeys(CODES, 1)) is None


def test_without_criteria_there_is_no_value():
    assert weighted_mean({"theme": 8}, {}) is None
    assert weighted_mean({"theme": 8}, {"theme": 0}) is None


def test_a_score_without_weight_does_not_count():
    assert weighted_mean({"theme": 8, "gone": 1}, {"theme": 1}) == 8


@given(scores, weights)
def test_a_weighted_mean_lies_between_its_scores(scores, weights):
    assert min(scores.values()) <= weighted_mean(scores, weights) <= max(scores.values())


@given(scores, weights, st.permutations(CODES))
def test_a_weighted_mean_does_not_depend_on_order(scores, weights, order):
    assert weighted_mean({code: scores[code] for code in order}, weights) == weighted_mean(
        scores, {code: weights[code] for code in order}
    )


@given(scores, weights, st.integers(1, 50))
def test_only_the_proportion_of_weights_matters(scores, weights, factor):
    larger = {code: weight * factor for code, weight in weights.items()}
    assert weighted_mean(scores, larger) == weighted_mean(scores, weights)


def test_a_mean_leaves_out_judges_without_a_value():
    assert mean([Fraction(6), None, Fraction(9)]) == Fraction(15, 2)
    assert mean([None]) is None
    assert mean([]) is None


@given(st.lists(st.fractions(), min_size=1, max_size=20), st.randoms())
def test_a_mean_does_not_depend_on_order(values, chance):
    shuffled = list(values)
    chance.shuffle(shuffled)
    assert mean(shuffled) == mean(values)

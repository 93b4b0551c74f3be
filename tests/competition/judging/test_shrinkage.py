"""How far works really differ."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from competition.judging.shrinkage import find_prior

scores = st.floats(0, 100).map(lambda value: round(value, 2))


def one_section(values):
    return np.zeros(len(values), np.intp)


@given(arrays(float, st.integers(4, 30), elements=scores), st.floats(0.01, 100))
def test_with_equal_errors_the_variance_solves_the_equation_of_the_book(values, error):
    prior = find_prior(values, np.full(len(values), error), one_section(values))
    total = prior.variance + error
    misfit = np.sum((values - values.mean()) ** 2)
    slope = 1 / prior.variance - (len(values) - 1) / (2 * total) + misfit / (2 * total**2)
    assert slope * prior.variance == pytest.approx(0, abs=1e-6)
    assert prior.means[0] == pytest.approx(values.mean())
    assert prior.mean_variances[0] == pytest.approx(total / len(values))


def test_works_that_differ_less_than_their_errors_are_still_not_taken_for_one():
    values = np.array([5.0, 5.1, 4.9, 5.0, 5.05])
    prior = find_prior(values, np.full(5, 4.0), one_section(values))
    assert prior.variance > 0.1


def test_the_variance_is_that_within_sections():
    chance = np.random.default_rng(1)
    sections = np.repeat([0, 1], 3000)
    values = np.array([20.0, 80.0])[sections] + chance.normal(0, 5, 6000)
    errors = chance.uniform(1, 9, 6000)
    prior = find_prior(values + chance.normal(0, np.sqrt(errors)), errors, sections)
    assert prior.variance == pytest.approx(25, rel=0.06)
    assert prior.means == pytest.approx([20, 80], abs=0.3)


def test_of_too_few_works_nothing_is_told():
    values = np.array([1.0, 5.0, 9.0, 4.0])
    assert find_prior(values[:3], np.ones(3), one_section(values[:3])) is None
    assert find_prior(values, np.ones(4), np.array([0, 0, 1, 1])) is None
    assert find_prior(values, np.ones(4), one_section(values)) is not None

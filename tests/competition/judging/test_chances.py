"""How sure a cut is."""

from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.judging.adjusting import Posterior, adjust
from competition.judging.chances import chances, near_cut
from competition.judging.scoring import Reading

THREE_JUDGES = [
    Reading(judge, entry, Fraction(10 * entry + 3 * judge * (-1) ** entry))
    for judge in (1, 2, 3)
    for entry in (1, 2, 3, 4, 5, 6)
]


def known(means, own, shared=None, noise=2.0):
    """Return an adjustment of entries 1, 2, ... whose posterior is this."""
    entries = len(means)
    found = adjust(
        [Reading(1, pk, Fraction(pk)) for pk in range(1, entries + 1)],
        dict.fromkeys(range(1, entries + 1), 7),
    )
    shared = np.zeros((entries, 1)) if shared is None else np.array(shared, float)
    posterior = Posterior(np.array(means, float), np.array(own, float), shared)
    return replace(found, noise=noise, posterior=posterior)


def test_of_two_works_the_probability_is_that_of_the_difference():
    found = chances(known([61, 60], [3, 4]), {7: 1}, seed=1, draws=20_000)
    assert found[1] == pytest.approx(NormalDist().cdf(1 / 5), abs=0.01)


def test_errors_that_two_works_share_do_not_blur_their_order():
    together = known([61, 60], [0.1, 0.1], shared=[[5], [5]])
    apart = known([61, 60], [0.1, 0.1], shared=[[5], [-5]])
    assert chances(together, {7: 1}, seed=1)[1] > 0.99
    assert chances(apart, {7: 1}, seed=1)[1] < 0.65


@given(st.integers(0, 7), st.integers(0, 5))
def test_the_probabilities_add_up_to_the_places(places, seed):
    found = adjust(THREE_JUDGES, dict.fromkeys(range(1, 7), 7))
    given_out = chances(found, {7: places}, seed=seed, draws=50)
    assert len(given_out) == 6
    assert sum(given_out.values()) == pytest.approx(min(places, 6))
    assert all(-1e-9 <= chance <= 1 + 1e-9 for chance in given_out.values())


def test_works_that_surely_tie_share_the_place():
    found = chances(known([5, 5, 1], [0, 0, 0], noise=0.0), {7: 1}, seed=1)
    assert found[1] == pytest.approx(0.5, abs=0.05)
    assert found[3] == 0


def test_the_same_seed_gives_the_same_answer_whatever_the_order_of_readings():
    sections = dict.fromkeys(range(1, 7), 7)
    one = chances(adjust(THREE_JUDGES, sections), {7: 2}, seed=3)
    other = chances(adjust(THREE_JUDGES[::-1], sections), {7: 2}, seed=3)
    assert one == other
    assert one != chances(adjust(THREE_JUDGES, sections), {7: 2}, seed=4)


def test_each_section_has_its_own_places_and_one_without_is_left_out():
    found = adjust(THREE_JUDGES, {1: 7, 2: 7, 3: 8, 4: 8, 5: 9, 6: 9})
    given_out = chances(found, {7: 1, 8: 2}, seed=1)
    assert set(given_out) == {1, 2, 3, 4}
    assert given_out[3] == given_out[4] == 1


def test_nothing_is_told_where_the_readings_cannot_tell_the_error():
    found = adjust([Reading(1, 1, Fraction(5)), Reading(1, 2, Fraction(6))], {1: 7, 2: 7})
    assert chances(found, {7: 1}, seed=1) == {}
    assert near_cut(found, {7: 1}) == []


def test_probabilities_are_honest():
    """Of the works said to be inside with 10 to 90 in 100, as many truly are."""
    chance = np.random.default_rng(9)
    worth, strict = chance.normal(60, 8, 2000), chance.normal(0, 5, 12)
    readings = [
        Reading(
            judge, entry, Fraction(round(worth[entry] - strict[judge] + chance.normal(0, 6), 3))
        )
        for entry in range(2000)
        for judge in chance.choice(12, 3, replace=False).tolist()
    ]
    found = chances(adjust(readings, dict.fromkeys(range(2000), 1)), {1: 300}, seed=1)
    best = set(np.argsort(-worth)[:300].tolist())
    for low, high in ((0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9)):
        among = [entry for entry, chance in found.items() if low <= chance < high]
        truly = sum(entry in best for entry in among)
        expected = sum(found[entry] for entry in among)
        assert len(among) > 50
        assert abs(truly - expected) < 3 * np.sqrt(sum(found[e] * (1 - found[e]) for e in among))


def test_another_reading_matters_most_at_the_line_and_where_least_is_known():
    found = known([70, 61, 60.5, 60, 59.5, 40], [1, 1, 1, 3, 1, 1])
    near = near_cut(found, {7: 3})
    assert [one.entry_id for one in near[:3]] == [4, 3, 2]
    by_id = {one.entry_id: one for one in near}
    assert by_id[3].distance == pytest.approx(0.25)
    assert by_id[4].distance == pytest.approx(-0.25)
    assert by_id[1].gain < 1e-9
    assert by_id[1].flip < 1e-9
    assert near_cut(found, {7: 3}, limit=2) == near[:2]


def test_flip_and_gain_are_those_of_a_reading_drawn_many_times():
    (near,) = [one for one in near_cut(known([61, 60], [3, 3]), {7: 1}) if one.entry_id == 1]
    chance = np.random.default_rng(1)
    truth = 61 + 3 * chance.standard_normal(400_000)
    reading = truth + 2 * chance.standard_normal(400_000)
    after = (61 / 9 + reading / 4) / (1 / 9 + 1 / 4)
    assert near.flip == pytest.approx(np.mean(after < 60.5), abs=0.003)
    assert near.gain == pytest.approx(np.mean(np.maximum(after, 60.5)) - 61, abs=0.01)


def test_a_section_that_is_wholly_inside_has_no_line():
    found = adjust(THREE_JUDGES, dict.fromkeys(range(1, 7), 7))
    assert near_cut(found, {7: 6}) == near_cut(found, {7: 0}) == near_cut(found, {8: 1}) == []

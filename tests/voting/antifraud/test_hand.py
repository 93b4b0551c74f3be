"""The measures of one hand, against what is known of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.antifraud.hand import even_intervals, even_waits, few_devices, no_sleep
from voting.antifraud.purpose import is_excess, surprise
from voting.antifraud.rules import PUBLISHED
from voting.antifraud.usual import quiet_share

HOUR = 3600


def devices(*numbers, share):
    return few_devices(np.array(numbers), np.full(len(numbers), share), PUBLISHED)


def test_one_device_behind_twenty_voters_is_a_sign_and_twenty_devices_are_none():
    assert devices(*[5] * 20, share=0.05).measure == 0.05
    assert devices(*range(20), share=0.05) is None


def test_a_device_that_half_of_all_have_is_no_sign():
    assert devices(*[5] * 20, share=0.5) is None


def test_waits_are_even_where_nearly_all_lie_within_a_factor_of_two():
    assert even_waits(np.linspace(4, 8, 100), PUBLISHED).measure == 1
    assert even_waits(np.geomspace(4, 32, 300), PUBLISHED) is None  # a third do
    assert even_waits(np.linspace(4, 8, 20), PUBLISHED) is None  # too few to tell
    assert (
        even_waits(np.linspace(400_000, 500_000, 100), PUBLISHED) is None
    )  # when it was announced


def test_a_clock_has_no_variation():
    assert even_intervals(np.arange(100) * 60.0, PUBLISHED).measure == 0


def test_intervals_in_a_drifting_rate_are_those_of_chance():
    chance = np.random.default_rng(3)
    at = np.cumsum(chance.exponential(size=2000) * np.linspace(1, 50, 2000))
    assert even_intervals(at, PUBLISHED) is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_votes_show_nothing(count):
    few = np.arange(count, dtype=float)
    assert even_intervals(few, PUBLISHED) is None
    assert even_waits(few, PUBLISHED) is None
    assert no_sleep(few, 0.04, PUBLISHED) is None


def test_votes_round_the_clock_have_no_sleep_and_those_of_any_country_have():
    always = np.arange(0, 72 * HOUR, 300.0)
    assert no_sleep(always, 0.04, PUBLISHED).measure == 0.25
    for begins in range(24):
        awake = always[(always // HOUR + begins) % 24 < 17]
        assert no_sleep(awake, 0.04, PUBLISHED) is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_quiet_share_is_at_most_a_quarter(times):
    assert 0 <= quiet_share(np.array(times)) <= 0.25


@given(st.integers(0, 1000), st.floats(0.01, 1000))
def test_surprise_grows_with_the_count_and_begins_at_what_is_expected(count, expected):
    assert surprise(count + 1, expected) >= surprise(count, expected) >= 0
    assert surprise(expected, expected) == 0


def test_an_excess_is_surprising_and_several_times_the_usual():
    assert is_excess(30, 5, PUBLISHED)
    assert not is_excess(10, 5, PUBLISHED)
    assert not is_excess(2500, 1000, PUBLISHED)  # surprising, but not three times
    assert not is_excess(4, 1, PUBLISHED)  # four times, but not surprising

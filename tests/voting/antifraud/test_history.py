"""A work's votes against its own history."""

import pytest

from tests.voting.antifraud.crowd import DAY, HOUR, OPENS, Crowd

OLD = 5 * DAY  # a cookie from before the vote


@pytest.fixture
def crowd():
    return Crowd().ordinary()


def test_a_burst_from_a_few_devices_is_found_and_with_it_only_old_voters_of_those_hours(crowd):
    ids = set()
    for _ in range(200):
        at = OPENS + 36 * HOUR + crowd.chance.uniform(0, 3) * HOUR
        ids.add(crowd.vote(7, at, wait=OLD + at - OPENS, device=f"rack {len(ids) % 5}"))
    burst = crowd.found()["burst"]
    assert ids <= burst
    assert len(burst - ids) <= 5


def test_the_same_burst_from_everybodys_phones_passes(crowd):
    for _ in range(200):
        at = OPENS + 36 * HOUR + crowd.chance.expovariate(1 / HOUR)
        crowd.vote(7, at, wait=OLD * crowd.chance.uniform(0.1, 1))
    assert crowd.found() == {}


def drip(crowd, gap_of):
    """A vote every ten minutes for two days, from everywhere, by old cookies that wait unevenly."""
    at, ids = OPENS + 24 * HOUR, set()
    while at < OPENS + 3 * DAY:
        ids.add(crowd.vote(7, at, wait=OLD * crowd.chance.uniform(0.1, 1)))
        at += gap_of()
    return ids


def test_a_vote_every_ten_minutes_is_found_by_its_clock(crowd):
    ids = drip(crowd, lambda: 600 * crowd.chance.uniform(0.7, 1.3))
    assert ids <= crowd.found()["regular_timing"]


def test_as_many_votes_at_times_that_know_nothing_of_each_other_pass(crowd):
    drip(crowd, lambda: crowd.chance.expovariate(1 / 600))
    assert "regular_timing" not in crowd.found()

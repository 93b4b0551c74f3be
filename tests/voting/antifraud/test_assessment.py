"""All rules together."""

import json
import re
from dataclasses import fields
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.antifraud.crowd import HOUR, OPENS, Crowd
from voting.antifraud import Rules, Vote, assess, describe

few = st.sampled_from(["a", "b", "c"])
votes = st.lists(
    st.builds(
        Vote,
        id=st.integers(1, 10**6),
        entry=st.integers(1, 3),
        voter=st.integers(1, 100).map(str),
        at=st.floats(OPENS, OPENS + 1e6),
        address=few,
        network=few,
        device=few,
        referrer=st.sampled_from(["here", "none", "other"]),
        saw_gallery=st.booleans(),
        voter_since=st.floats(OPENS - 1e6, OPENS + 1e6),
    ),
    unique_by=lambda vote: vote.id,
    max_size=200,
)


def with_frauds(seed):
    """A poll in which somebody clears cookies, and a crowd was hired."""
    crowd = Crowd(seed).ordinary(800)
    for number in range(80):
        at = OPENS + 20 * HOUR + 30 * number
        crowd.vote(7, at, wait=10, place=("address", "network"), device="mine")
    for number in range(200):
        for day in (1, 2):
            at = crowd.awake(day)
            for entry in (3, 4):
                crowd.vote(entry, at, voter=f"hired {number}", wait=day * 1e5)
    return crowd.votes


def test_a_poll_without_votes_has_no_suspicions():
    assert assess([]) == []


@settings(max_examples=8, derandomize=True, deadline=None)
@given(st.integers(0, 10**6))
def test_a_poll_of_ordinary_voters_has_no_suspicions(seed):
    assert assess(Crowd(seed).ordinary(600).votes) == []


def test_the_order_of_votes_does_not_matter():
    cast = with_frauds(1)
    found = assess(cast)
    assert {one.code for one in found} >= {"address_cluster", "lockstep"}
    assert assess(cast[::-1]) == found
    assert assess(Random(5).sample(cast, len(cast))) == found


@settings(max_examples=40, deadline=None)
@given(votes, st.randoms(use_true_random=False))
def test_whatever_the_votes_what_is_found_is_of_the_poll_and_in_any_order(cast, chance):
    sharp = Rules(fewest_here=2, fewest_anywhere=2, fewest_in_step=2, surprise=1, times_usual=1)
    found = assess(cast, sharp)
    known = {vote.id for vote in cast}
    for one in found:
        assert re.fullmatch("[a-z][0-9a-z_]*", one.code)
        assert 0 < len(one.key) <= 64
        assert set(one.ballots) <= known
        assert list(one.ballots) == sorted(set(one.ballots))
        assert json.loads(json.dumps(one.details, allow_nan=False)) == one.details
    assert len({(one.code, one.key) for one in found}) == len(found)
    chance.shuffle(cast)
    assert assess(cast, sharp) == found


def test_the_same_is_found_under_the_same_key_when_more_have_voted():
    cast = with_frauds(1)
    before = {(one.code, one.key) for one in assess(cast)}
    crowd = Crowd(9).ordinary(200)
    later = [vote._replace(id=vote.id + 10**6, voter=f"later {vote.voter}") for vote in crowd.votes]
    assert before <= {(one.code, one.key) for one in assess(cast + later)}


def test_every_rule_is_described_with_the_thresholds_it_was_given():
    described = dict(describe(Rules(fewest_here=99)))
    assert list(described) == [
        "address_cluster",
        "network_cluster",
        "device_cluster",
        "new_voters",
        "unseen_gallery",
        "burst",
        "regular_timing",
        "lockstep",
    ]
    assert described["address_cluster"]["fewest_here"] == 99
    published = {name for values in described.values() for name in values}
    assert published == {field.name for field in fields(Rules)}


@pytest.mark.parametrize("votes", [with_frauds(2)], ids=["frauds"])
def test_thresholds_out_of_reach_find_nothing(votes):
    assert assess(votes, Rules(surprise=1e9, fewest_in_step=10**9)) == []

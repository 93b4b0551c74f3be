"""Votes of a kind, from everywhere, for one work."""

from math import isfinite

import pytest

from tests.voting.antifraud.crowd import HOUR, OPENS, Crowd
from voting.antifraud import assess


@pytest.fixture
def crowd():
    return Crowd().ordinary()


def proxies(crowd, times=300, *, even=False, **vote):
    """A program whose every vote comes from a new network with an ordinary phone."""
    at, ids = OPENS + 30 * HOUR, set()
    for _ in range(times):
        at += 300 * (crowd.chance.uniform(0.5, 1.5) if even else crowd.chance.expovariate(1))
        ids.add(crowd.vote(7, at, **{"wait": crowd.chance.uniform(3, 5)} | vote))
    return ids


def test_proxies_that_all_wait_equally_long_are_found_as_new_voters(crowd):
    ids = proxies(crowd)
    found = crowd.found()
    assert ids <= found["new_voters"]
    assert len(found["new_voters"] - ids) <= 0.2 * len(ids)
    assert "unseen_gallery" not in found


def test_those_who_never_open_the_gallery_are_found_by_that_too(crowd):
    ids = proxies(crowd, seen=False, referrer="none")
    assert crowd.found()["unseen_gallery"] == ids


def test_where_nobody_else_comes_that_way_figures_stay_finite(crowd):
    crowd.votes = [vote._replace(saw_gallery=True) for vote in crowd.votes]
    ids = proxies(crowd, seen=False, referrer="none")
    (one,) = [one for one in assess(crowd.votes) if one.code == "unseen_gallery"]
    assert set(one.ballots) == ids
    assert isfinite(one.details["surprise"])


def test_old_cookies_do_not_hide_who_never_opens_the_gallery(crowd):
    ids = proxies(crowd, even=True, seen=False, referrer="none", wait=5 * 24 * HOUR)
    found = crowd.found()
    assert "new_voters" not in found
    assert found["unseen_gallery"] == ids


def test_those_who_stayed_do_not_fall_with_a_swarm_for_the_same_work(crowd):
    fans = set()
    for number in range(80):
        for day in (1, 2):
            who = {"voter": f"fan {number}", "wait": 1e5 * day}
            fans.add(crowd.vote(7, crowd.awake(day), seen=False, referrer="other", **who))
    ids = proxies(crowd, seen=False, referrer="none")
    found = crowd.found()
    assert ids == found["unseen_gallery"]
    assert not fans & set().union(*found.values())


@pytest.mark.parametrize("seed", range(3))
def test_a_link_that_goes_round_passes_even_if_all_use_one_app(seed):
    crowd = Crowd(seed).ordinary()
    for _ in range(1500):
        at = OPENS + 36 * HOUR + crowd.chance.expovariate(1 / (2 * HOUR))
        phone = f"phone {3 * int(100 * crowd.chance.random() ** 2)}"
        crowd.vote(7, at, seen=False, referrer="other", device=phone)
    assert crowd.found() == {}

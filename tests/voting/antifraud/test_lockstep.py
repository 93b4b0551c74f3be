"""Many voters with the same list on the same days."""

import pytest

from tests.voting.antifraud.crowd import Crowd
from voting.antifraud import assess

LIST = (3, 11, 29)


@pytest.fixture
def crowd():
    return Crowd().ordinary()


def hire(crowd, people, works=LIST, days=(1, 2), decoys=0):
    """So many people vote for these works on these days; and for others, to hide."""
    ids = set()
    for number in range(people):
        place, phone = (f"hired {number}", f"their net {number}"), crowd.phone()
        since = crowd.awake(days[0])
        for day in days:
            at = max(since, crowd.awake(day))
            for work in [*works, *crowd.chance.sample(range(50, 80), decoys)]:
                at += crowd.wait()
                who = {"voter": f"hired {number}", "place": place, "device": phone}
                ids.add(crowd.vote(work, at, wait=at - since, **who))
    return ids


@pytest.mark.parametrize("decoys", [0, 2])
def test_a_hired_crowd_is_found_with_the_votes_that_hide_it(crowd, decoys):
    ids = hire(crowd, 300, decoys=decoys)
    found = crowd.found()["lockstep"]
    assert len(ids - found) <= 10  # cast after midnight
    assert len(found - ids) <= 50  # of those who chose two of the works by chance


def test_a_finding_names_the_list_and_its_days(crowd):
    hire(crowd, 300)
    (details,) = [one.details for one in assess(crowd.votes) if one.code == "lockstep"]
    assert 300 <= details.pop("voters") <= 320
    assert 1800 <= details.pop("ballots") <= 1850
    assert details == {"entries": [3, 11, 29], "days": 2}


@pytest.mark.parametrize(
    ("people", "works", "days"),
    [(100, LIST, (1, 2)), (300, (3,), (1, 2)), (300, LIST, (1,))],
    ids=["a club", "one work alone", "a single day"],
)
def test_what_could_be_friends_is_left_alone(crowd, people, works, days):
    hire(crowd, people, works, days)
    assert "lockstep" not in crowd.found()


def test_a_town_that_prefers_its_own_works_passes(crowd):
    for number in range(600):
        day = crowd.chance.randrange(5)
        since = at = crowd.awake(day)
        for work in crowd.chance.sample(range(100, 112), 3):
            at += crowd.wait()
            crowd.vote(work, at, wait=at - since, voter=f"townsman {number}")
    assert "lockstep" not in crowd.found()


def test_a_poll_of_few_works_in_which_everybody_votes_for_most_passes():
    crowd = Crowd()
    for number in range(500):
        for day in (0, 1, 2):
            since = at = crowd.awake(day)
            for work in crowd.chance.sample(range(8), 6):
                at += crowd.wait()
                crowd.vote(work, at, wait=at - since, voter=f"voter {number}")
    assert "lockstep" not in crowd.found()

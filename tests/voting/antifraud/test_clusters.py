"""Many voters of one place for one work."""

import pytest

from tests.voting.antifraud.crowd import HOUR, OPENS, PLACES, Crowd
from voting.antifraud import assess

NOON = OPENS + 12 * HOUR
PLACE = ("the address", "the network")


@pytest.fixture
def crowd():
    return Crowd().ordinary()


def clear_cookies(crowd, place_of, *, device_of, times=60):
    """Vote, clear cookies, vote again: a new voter each time, every half minute or so."""
    at, ids = NOON, set()
    for number in range(times):
        at += crowd.chance.uniform(20, 40)
        ids.add(crowd.vote(7, at, wait=15, place=place_of(number), device=device_of(number)))
    return ids


def test_cookie_clearing_behind_one_address_is_found_by_address_network_and_device(crowd):
    ids = clear_cookies(crowd, lambda _: PLACE, device_of=lambda n: f"own phone {n % 2}")
    found = crowd.found()
    assert [found[code] for code in PLACES] == [ids] * 3


def test_changing_addresses_inside_one_network_is_found_by_the_network(crowd):
    ids = clear_cookies(crowd, lambda n: (f"lease {n}", "the network"), device_of=lambda _: "mine")
    found = crowd.found()
    assert "address_cluster" not in found
    assert found["network_cluster"] == ids


def test_one_phone_among_a_carriers_many_is_found_and_the_others_are_spared(crowd):
    carrier = ("carrier", "carriers")
    for _ in range(600):
        crowd.vote(crowd.chance.randint(1, 40), crowd.awake(0), place=carrier)
    ids = clear_cookies(crowd, lambda _: carrier, device_of=lambda _: "phone 1")
    others = {vote.id for vote in crowd.votes if vote.entry == 7 and vote.device != "phone 1"}
    found = crowd.found()
    assert ids <= found["device_cluster"]
    assert not found["device_cluster"] & others


def test_a_popular_phone_among_a_carriers_many_with_a_local_favourite_passes(crowd):
    for number in range(900):
        entry = 7 if number % 3 else crowd.chance.randint(1, 40)
        device = "phone 1" if crowd.chance.random() < 0.2 else None
        crowd.vote(entry, crowd.awake(0), place=("carrier", "carriers"), device=device)
    assert crowd.found() == {}


def test_an_office_of_equal_computers_that_votes_for_a_colleague_and_others_passes(crowd):
    for number in range(120):
        entry = 7 if number % 2 else crowd.chance.randint(1, 40)
        crowd.vote(entry, crowd.awake(0), place=PLACE, device="office computer")
    assert crowd.found() == {}


@pytest.mark.parametrize("people", [40, 300])
def test_a_class_or_a_hall_that_votes_for_one_work_within_minutes_passes(crowd, people):
    for _ in range(people):
        at = NOON + crowd.chance.betavariate(2, 3) * 180
        crowd.vote(7, at, place=PLACE, seen=False, referrer="none")
    assert crowd.found() == {}


def test_one_person_who_comes_again_every_day_is_no_crowd(crowd):
    for day in range(5):
        for hour in range(4):
            crowd.vote(
                7 + hour, crowd.awake(day), place=PLACE, device="rare", voter="fan", wait=1e6
            )
    assert crowd.found() == {}


def test_a_finding_tells_what_was_measured_and_names_nobody(crowd):
    clear_cookies(crowd, lambda _: PLACE, device_of=lambda _: "mine")
    one = next(one for one in assess(crowd.votes) if one.code == "address_cluster")
    assert one.details["entry"] == 7
    assert one.details["voters"] == one.details["ballots"] == 60
    assert one.details["expected"] < 10
    assert {"few_devices", "even_waits", "even_intervals"} == set(one.details["signs"])
    text = f"{one.key} {one.details}"
    assert not any(name in text for name in [*PLACE, "mine", "voter "])

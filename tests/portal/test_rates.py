"""How often something may be done."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from portal.outages import CannotCount, is_outage
from portal.rates import comes_too_often

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_come_yet():
    cache.clear()


def asks(who="", network="198.51.100.7", group="test", **more):
    request = RequestFactory().post("/", REMOTE_ADDR=network)
    return comes_too_often(request, group=group, rate="3/h", who=who, **more)


def test_the_fourth_of_three_an_hour_comes_too_often():
    assert [asks("a") for _ in range(5)] == [False, False, False, True, True]


def test_each_is_counted_apart_and_so_is_each_group():
    assert [asks("a") for _ in range(4)] == [False, False, False, True]
    assert not asks("b")
    assert not asks("a", group="another")


def test_whoever_is_not_named_is_counted_by_their_network():
    assert [asks() for _ in range(4)] == [False, False, False, True]
    assert not asks(network="203.0.113.9")


def test_it_can_be_asked_without_counting():
    for _ in range(9):
        assert not asks("a", counts=False)
    for _ in range(4):
        asks("a")
    assert asks("a", counts=False)


def test_without_its_cache_nobody_is_said_to_come_too_often(cache_away):
    with pytest.raises(CannotCount) as error:
        asks("a")
    assert is_outage(error.value)

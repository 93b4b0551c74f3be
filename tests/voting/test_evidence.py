"""What is kept of a vote: enough to compare, nothing to read."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from tests.factories import VoterFactory
from voting.evidence import facts_of, network_of

VOTER = VoterFactory.build(
    since=datetime(2026, 5, 1, tzinfo=UTC), saw_gallery=False, arrived="other"
)


def facts(poll=1, **headers):
    request = RequestFactory().post("/", REMOTE_ADDR=headers.pop("REMOTE_ADDR", "198.51.100.7"))
    request.META.update({f"HTTP_{name.upper()}": value for name, value in headers.items()})
    return facts_of(request, poll, VOTER)


def test_the_same_request_has_the_same_facts_and_another_poll_others():
    assert facts() == facts()
    one, other = facts(poll=1), facts(poll=2)
    assert one.address != other.address
    assert one.network != other.network
    assert one.device != other.device


def test_nothing_raw_is_in_them():
    kept = repr(facts(user_agent="Tester/1", accept_language="zh-CN", referer="https://a.example/"))
    for raw in ("198.51.100", "Tester", "zh-CN", "a.example"):
        assert raw not in kept


def test_neighbours_share_the_network_and_not_the_address():
    one, neighbour = facts(), facts(REMOTE_ADDR="198.51.100.8")
    assert one.network == neighbour.network
    assert one.address != neighbour.address
    assert facts(REMOTE_ADDR="198.51.101.7").network != one.network


def test_the_browser_is_its_name_and_its_languages():
    devices = {
        facts(user_agent=agent, accept_language=language).device
        for agent in ("A", "B")
        for language in ("zh", "en")
    }
    assert len(devices) == 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_what_a_provider_gives_together(address, network):
    assert network_of(address) == network


def test_what_is_known_of_the_voter_comes_with_them():
    found = facts()
    assert (found.saw_gallery, found.voter_since) == (False, VOTER.since)


def test_how_the_voter_arrived_is_kept_and_not_the_page_of_the_vote():
    assert facts(referer="http://testserver/gallery/").referrer == "other"

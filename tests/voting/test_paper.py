"""The ballot paper for who has no script, and the voter's own for who has one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BallotFactory, EntryFactory, SectionFactory, close_phase
from voting.models import Ballot

pytestmark = pytest.mark.django_db

MINE = "/en/vote/2026/mine/"


@pytest.fixture
def address(entry):
    return f"/en/vote/2026/{entry.number}/"


def vote(client, address):
    return client.post(address, headers={"accept": "application/json"})


class TestPaper:
    def test_votes_with_a_token_and_leads_back(self, device, poll, entry, address):
        client = device(enforce_csrf_checks=True)
        page = client.get(f"{address}?next=/en/gallery/%3Fpage%3D2")
        assert b"Vote for this work" in page.content
        assert b"You have 3 votes left today" in page.content
        assert not Ballot.objects.exists()
        sent = {
            "csrfmiddlewaretoken": page.context["csrf_token"],
            "next": page.context["back"],
        }
        answer = client.post(address, sent)
        assert answer.url == f"/en/gallery/?page=2#vote-{entry.number}"
        assert Ballot.objects.get().entry == entry

    def test_says_why_there_is_no_button(self, client, poll, make_entry):
        works = [make_entry() for _ in range(4)]
        addresses = [f"/en/vote/2026/{work.number}/" for work in works]
        for one in addresses[:3]:
            vote(client, one)
        found = [client.get(one).context["state"] for one in addresses]
        assert found == ["voted", "voted", "voted", "limit"]
        assert b'method="post"' not in client.get(addresses[3]).content
        close_phase(poll.edition, "voting")
        assert client.get(addresses[3]).context["state"] == "closed"

    def test_of_a_work_outside_of_the_poll_is_not_there(self, client, poll, make_entry):
        other = EntryFactory(section=SectionFactory(edition=poll.edition), state="admitted")
        hidden = make_entry(state="submitted")
        for work in (other, hidden):
            assert client.get(f"/en/vote/2026/{work.number}/").status_code == 404

    def test_before_the_poll_opens_no_work_is_there(self, client, poll, address):
        poll.edition.phases.all().delete()
        assert client.get(address).status_code == 404

    def test_leads_back_to_where_the_voter_came_from(self, client, address):
        here = "http://testserver/gallery/?page=2"
        assert client.get(address, headers={"referer": here}).context["back"] == here
        elsewhere = {"referer": "https://evil.example/"}
        assert client.get(address, headers=elsewhere).context["back"] == "/"

    def test_leads_to_no_other_site(self, client, address):
        assert client.get(f"{address}?next=https://evil.example/").context["back"] == "/"

    def test_is_never_kept(self, client, address):
        assert "no-store" in client.get(address).headers["Cache-Control"]


class TestMine:
    def test_tells_todays_votes_what_is_left_and_a_token_that_counts(self, device, poll, entry):
        client = device(enforce_csrf_checks=True)
        answer = client.get(MINE).json()
        token = answer.pop("token")
        assert answer == {"is_open": True, "voted": [], "totals": {}, "left": 3}
        headers = {"accept": "application/json", "x-csrftoken": token}
        assert client.post(f"/en/vote/2026/{entry.number}/", headers=headers).status_code == 200
        answer = client.get(MINE).json()
        assert (answer["voted"], answer["left"]) == ([entry.number], 2)

    def test_tells_nothing_of_others(self, client, poll, entry):
        BallotFactory(poll=poll, entry=entry)
        assert client.get(MINE).json()["voted"] == []

    def test_tells_totals_of_ones_own_works_where_the_poll_shows_them(
        self, client, poll, entry, address
    ):
        BallotFactory(poll=poll, entry=entry)
        vote(client, address)
        assert client.get(MINE).json()["totals"] == {}
        poll.shows_totals = True
        poll.save()
        assert client.get(MINE).json()["totals"] == {entry.number: 2}

    def test_tells_that_voting_has_ended_and_makes_no_voter(self, client, poll):
        close_phase(poll.edition, "voting")
        response = client.get(MINE)
        assert response.json() == {"is_open": False}
        assert response.cookies == {}
        assert client.get("/en/vote/no-such/mine/").status_code == 404

    def test_is_never_kept(self, client, poll):
        assert "no-store" in client.get(MINE).headers["Cache-Control"]

    @pytest.mark.parametrize("votes", [1, 3])
    def test_costs_the_same_queries_however_many_votes(self, client, poll, make_entry, votes):
        works = [make_entry() for _ in range(votes)]
        for work in works:
            vote(client, f"/en/vote/2026/{work.number}/")
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(MINE).json()["voted"]) == votes
        assert len(captured) == 7

"""The one door through which the public votes: what it lets in, and what it answers."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import EntryFactory, MembershipFactory, close_phase
from voting import views
from voting.identity import COOKIE
from voting.models import Ballot

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(entry):
    return f"/en/vote/2026/{entry.number}/"


def vote(client, address, **more):
    return client.post(address, headers={"accept": "application/json"}, **more)


def test_the_script_gets_json(client, address, entry):
    response = vote(client, address)
    assert response.status_code == 200
    assert response.json() == {
        "code": "accepted",
        "message": "Thank you, your vote counts. You have 2 votes left today.",
        "votes_left": 2,
    }
    assert Ballot.objects.get().entry == entry


def test_the_same_device_is_the_same_voter(client, address):
    vote(client, address)
    response = vote(client, address)
    assert response.status_code == 409
    assert response.json()["code"] == "already_today"
    assert Ballot.objects.count() == 1


def test_another_device_is_another_voter(address):
    assert vote(Client(), address).status_code == 200
    assert vote(Client(), address).status_code == 200
    assert Ballot.objects.values("voter").distinct().count() == 2


def test_the_last_vote_of_the_day_says_so_and_the_next_is_refused(client, make_entry):
    codes = []
    for _ in range(4):
        work = make_entry()
        answer = vote(client, reverse("vote-cast", args=["2026", work.number])).json()
        codes.append((answer["code"], answer.get("votes_left")))
    assert codes == [("accepted", 2), ("accepted", 1), ("accepted", 0), ("limit", None)]


def test_without_a_script_one_goes_back_to_the_work_with_a_message(client, address, entry):
    response = client.post(address, {"next": "/gallery/?page=2"})
    assert response.status_code == 302
    assert response.url == f"/gallery/?page=2#vote-{entry.number}"
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Thank you, your vote counts. You have 2 votes left today."
    ]


def test_without_a_script_a_refusal_is_read_at_the_top_of_the_page(client, address):
    vote(client, address)
    response = client.post(address, {"next": "/gallery/"})
    assert (response.status_code, response.url) == (302, "/gallery/")
    (message,) = get_messages(response.wsgi_request)
    assert message.level_tag == "warning"
    assert Ballot.objects.count() == 1


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""]
)
def test_nobody_is_sent_to_another_site(client, address, entry, elsewhere):
    response = client.post(address, {"next": elsewhere})
    assert response.url == f"/#vote-{entry.number}"


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_a_post_votes(client, address, method):
    shows_the_paper = method in ("get", "head")
    status = getattr(client, method)(address).status_code
    assert status == (200 if shows_the_paper else 405)
    assert not Ballot.objects.exists()


def test_a_post_without_our_token_is_refused(address):
    client = Client(enforce_csrf_checks=True)
    assert vote(client, address).status_code == 403
    assert not Ballot.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_a_form_on_another_site_is_refused(client, address, headers):
    assert client.post(address, headers=headers).status_code == 403
    assert not Ballot.objects.exists()


def test_a_foreign_origin_is_refused_even_with_a_token(address):
    client = Client(enforce_csrf_checks=True)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    sent = {"x-csrftoken": token}
    foreign = client.post(address, headers=sent | {"origin": "https://evil.example"})
    assert foreign.status_code == 403
    ours = client.post(address, headers=sent | {"origin": "http://testserver"})
    assert ours.status_code == 302
    assert Ballot.objects.count() == 1


def test_a_work_that_is_not_admitted_is_not_found(client, poll, make_entry):
    hidden = make_entry(state="submitted")
    assert vote(client, reverse("vote-cast", args=["2026", hidden.number])).status_code == 404
    assert vote(client, reverse("vote-cast", args=["2026", "P-999999"])).status_code == 404


def test_the_number_is_the_edition_s_own(client, poll, make_entry):
    mine = make_entry(number="P-000001")
    EntryFactory(number="P-000001", state="admitted")
    vote(client, reverse("vote-cast", args=["2026", "P-000001"]))
    assert Ballot.objects.get().entry == mine


def test_a_closed_poll_says_so(client, address, poll):
    close_phase(poll.edition, "voting")
    response = vote(client, address)
    assert (response.status_code, response.json()["code"]) == (409, "closed")


def test_a_member_signed_in_cannot_vote_for_the_own_organisation(client, address, entry):
    member = MembershipFactory(organisation=entry.organisation)
    client.force_login(member.user)
    assert vote(client, address).json()["code"] == "own_work"


def test_too_many_votes_from_one_address_wait_a_minute(address, monkeypatch):
    monkeypatch.setattr(views, "ADDRESS_RATE", "2/m")
    answers = [vote(Client(), address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_fast"
    assert answers[2].headers["Retry-After"] == "60"
    assert Ballot.objects.count() == 2
    elsewhere = vote(Client(REMOTE_ADDR="198.51.100.7"), address)
    assert elsewhere.status_code == 200


def test_a_forged_forwarded_address_does_not_help(address, monkeypatch):
    monkeypatch.setattr(views, "ADDRESS_RATE", "1/m")
    vote(Client(), address)
    forged = Client(headers={"x-forwarded-for": "203.0.113.9"})
    assert vote(forged, address).status_code == 429


def test_too_many_votes_of_one_voter_wait_a_minute(client, address, monkeypatch):
    monkeypatch.setattr(views, "VOTER_RATE", "1/m")
    assert vote(client, address).status_code == 200
    assert vote(client, address).status_code == 429
    assert vote(Client(), address).status_code == 200


def test_without_a_script_too_many_votes_get_a_page_that_leads_back(client, address, monkeypatch):
    monkeypatch.setattr(views, "VOTER_RATE", "0/m")
    response = client.post(address, {"next": "/gallery/"})
    assert response.status_code == 429
    assert 'href="/gallery/"' in response.content.decode()


def test_an_answer_is_never_cached_and_the_cookie_is_set_once(client, address):
    first = vote(client, address)
    assert "no-store" in first.headers["Cache-Control"]
    assert COOKIE in first.cookies
    assert COOKIE not in vote(client, address).cookies


def test_a_vote_costs_nine_queries_besides_the_rate_limits(client, address, settings):
    """Poll, work, phases, part in the poll, lock, votes of today, insert, and its savepoint."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with CaptureQueriesContext(connection) as captured:
        assert vote(client, address).status_code == 200
    assert len(captured) == 9, [query["sql"] for query in captured]

"""The one door through which the public votes: what it lets in, and what it answers."""

import time

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import (
    EditionFactory,
    EntryFactory,
    MembershipFactory,
    UserFactory,
    close_phase,
)
from voting import rates, terms, views
from voting.identity import COOKIE
from voting.ledger.receipts import receipt_text
from voting.models import Ballot
from voting.services import close_poll
from voting.terms import forget_polls, known_poll

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(entry):
    return f"/en/vote/2026/{entry.number}/"


def vote(client, address, **more):
    return client.post(address, headers={"accept": "application/json"}, **more)


def test_the_script_gets_json(client, address, entry):
    response = vote(client, address)
    assert response.status_code == 200
    ballot = Ballot.objects.get()
    answer = response.json()
    answer.pop("check")
    assert answer == {
        "code": "accepted",
        "message": "Thank you, your vote counts. You have 2 votes left today.",
        "votes_left": 2,
        "receipt": receipt_text(ballot.pk, ballot.secret),
    }
    assert ballot.entry == entry


def test_the_same_device_is_the_same_voter(client, address):
    vote(client, address)
    response = vote(client, address)
    assert response.status_code == 409
    assert response.json()["code"] == "already_today"
    assert Ballot.objects.count() == 1


def test_another_device_is_another_voter(device, address):
    assert vote(device(), address).status_code == 200
    assert vote(device(), address).status_code == 200
    assert Ballot.objects.values("voter").distinct().count() == 2


def test_the_last_vote_of_the_day_says_so_and_the_next_is_refused(client, make_entry):
    codes = []
    for work in [make_entry() for _ in range(4)]:
        answer = vote(client, reverse("vote-cast", args=["2026", work.number])).json()
        codes.append((answer["code"], answer.get("votes_left")))
    assert codes == [("accepted", 2), ("accepted", 1), ("accepted", 0), ("limit", None)]


def test_without_a_script_one_goes_back_to_the_work_with_a_message(client, address, entry):
    response = client.post(address, {"next": "/gallery/?page=2"})
    assert response.status_code == 302
    assert response.url == f"/gallery/?page=2#vote-{entry.number}"
    ballot = Ballot.objects.get()
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Thank you, your vote counts. You have 2 votes left today. "
        f"Your receipt: {receipt_text(ballot.pk, ballot.secret)}"
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


def test_a_post_without_our_token_is_refused(device, address):
    client = device(enforce_csrf_checks=True)
    assert vote(client, address).status_code == 403
    assert not Ballot.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_a_form_on_another_site_is_refused(client, address, headers):
    assert client.post(address, headers=headers).status_code == 403
    assert not Ballot.objects.exists()


def test_a_foreign_origin_is_refused_even_with_a_token(device, address):
    client = device(enforce_csrf_checks=True)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    sent = {"x-csrftoken": token}
    foreign = client.post(address, headers=sent | {"origin": "https://evil.example"})
    assert foreign.status_code == 403
    ours = client.post(address, headers=sent | {"origin": "http://testserver"})
    assert ours.status_code == 302
    assert Ballot.objects.count() == 1


def test_a_work_that_is_not_admitted_is_like_one_that_is_not_there(client, poll, make_entry):
    hidden = make_entry(state="submitted")
    answers = [
        vote(client, reverse("vote-cast", args=["2026", number]))
        for number in (hidden.number, "P-999999")
    ]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "not_in_poll"


def test_an_edition_without_a_poll_is_not_found(client, poll):
    EditionFactory(slug="without")
    for edition in ("without", "unknown"):
        assert vote(client, f"/en/vote/{edition}/P-000001/").status_code == 404


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


def test_too_many_votes_from_one_address_wait_a_minute(device, address, monkeypatch):
    monkeypatch.setattr(rates, "ADDRESS_LIMIT", 2)
    answers = [vote(device(), address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_fast"
    assert answers[2].headers["Retry-After"] == "60"
    assert Ballot.objects.count() == 2
    elsewhere = vote(device(REMOTE_ADDR="198.51.100.7"), address)
    assert elsewhere.status_code == 200


def test_the_addresses_of_one_ipv6_network_are_one(device, address, monkeypatch):
    monkeypatch.setattr(rates, "ADDRESS_LIMIT", 1)
    addresses = ["2001:db8:1:2::7", "2001:db8:1:2:ffff::8", "2001:db8:1:3::7"]
    answers = [vote(device(REMOTE_ADDR=one), address).status_code for one in addresses]
    assert answers == [200, 429, 200]


def test_a_forged_forwarded_address_does_not_help(device, address, monkeypatch):
    monkeypatch.setattr(rates, "ADDRESS_LIMIT", 1)
    vote(device(), address)
    forged = device(headers={"x-forwarded-for": "203.0.113.9"})
    assert vote(forged, address).status_code == 429


def test_behind_our_proxy_the_forwarded_address_counts(device, address, monkeypatch, settings):
    settings.TRUSTED_PROXIES = 1
    monkeypatch.setattr(rates, "ADDRESS_LIMIT", 1)
    forwarded = ["203.0.113.9", "6.6.6.6, 203.0.113.9", "203.0.113.10"]
    answers = [vote(device(headers={"x-forwarded-for": one}), address) for one in forwarded]
    assert [answer.status_code for answer in answers] == [200, 429, 200]


def test_too_many_votes_of_one_device_wait_a_minute(client, device, address, monkeypatch):
    monkeypatch.setattr(rates, "VOTER_LIMIT", 1)
    assert vote(client, address).status_code == 200
    assert vote(client, address).status_code == 429
    assert vote(device(), address).status_code == 200


def test_an_account_is_one_voter_to_the_limits_on_all_its_devices(device, address, monkeypatch):
    monkeypatch.setattr(rates, "VOTER_LIMIT", 1)
    user = UserFactory()
    answers = []
    for one in (device(), device()):
        one.force_login(user)
        answers.append(vote(one, address).status_code)
    assert answers == [200, 429]


def test_without_a_script_too_many_votes_get_a_page_that_leads_back(client, address, monkeypatch):
    monkeypatch.setattr(rates, "VOTER_LIMIT", 0)
    response = client.post(address, {"next": "/gallery/"})
    assert response.status_code == 429
    assert 'href="/gallery/"' in response.content.decode()


def test_who_has_proved_nothing_is_told_so_and_uses_no_vote(address):
    stranger = Client()
    response = vote(stranger, address)
    assert (response.status_code, response.json()["code"]) == (409, "unproved")
    assert "identify" in response.json()
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("identity", ["email", "phone", "account"])
def test_a_device_s_proof_is_not_enough_where_more_is_asked(client, poll, address, identity):
    poll.identity = identity
    poll.save()
    assert vote(client, address).json()["code"] == "unproved"


def test_where_a_device_is_asked_for_any_harder_proof_will_do(device, address):
    assert vote(device({"proofs": {"email": "a" * 64}}), address).json()["code"] == "accepted"


def test_what_is_kept_of_a_vote_is_hashed_and_the_receipt_fits_the_ballot(device, address):
    one = device(
        {"saw_gallery": True, "since": 1_760_000_000, "arrived": "other"},
        REMOTE_ADDR="198.51.100.7",
        headers={"user-agent": "Tester/1", "referer": "http://testserver/gallery/"},
    )
    receipt = vote(one, address).json()["receipt"]
    ballot = Ballot.objects.select_related("evidence").get()
    assert receipt == receipt_text(ballot.pk, ballot.secret)
    kept = ballot.evidence
    assert (kept.referrer, kept.saw_gallery) == ("other", True)
    assert kept.voter_since.timestamp() == 1_760_000_000
    hashes = {kept.address, kept.network, kept.device}
    assert {len(one) for one in hashes} == {32}
    assert len(hashes) == 3


@pytest.mark.parametrize("marker", ["own", "stranger"])
def test_a_signed_in_account_is_asked_for_and_a_visitor_costs_no_look(client, address, marker):
    if marker == "own":
        client.force_login(UserFactory())
    with CaptureQueriesContext(connection) as captured:
        assert vote(client, address).status_code == 200
    asked = [query["sql"] for query in captured if "membership" in query["sql"]]
    assert len(asked) == (1 if marker == "own" else 0)


@pytest.fixture
def known(client, address, device):
    """The poll is known to this process, as it is after anybody's vote."""
    assert vote(device(), address).status_code == 200


@pytest.mark.usefixtures("known")
def test_a_vote_asks_the_database_once(client, address, settings):
    """One statement on PostgreSQL (which is not counted: not one of Django's); six on SQLite:
    a savepoint and its end, is the poll closed, votes of today, ballot, evidence."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with CaptureQueriesContext(connection) as captured:
        assert vote(client, address).status_code == 200
    expected = 0 if connection.vendor == "postgresql" else 6
    assert len(captured) == expected, [query["sql"] for query in captured]


@pytest.mark.usefixtures("known")
def test_what_a_known_poll_refuses_costs_no_query(client, address, poll, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with CaptureQueriesContext(connection) as captured:
        assert vote(client, "/en/vote/2026/P-999999/").json()["code"] == "not_in_poll"
        assert vote(Client(), address).json()["code"] == "unproved"
    assert len(captured) == 0
    close_phase(poll.edition, "voting")
    forget_polls()
    known_poll("2026")
    with CaptureQueriesContext(connection) as captured:
        assert vote(client, address).json()["code"] == "closed"
    assert len(captured) == 0


@pytest.mark.usefixtures("known")
def test_a_poll_somebody_closed_is_closed_though_this_process_does_not_know_yet(
    client, address, poll
):
    close_poll(poll=poll, actor=UserFactory())
    assert known_poll("2026").terms.is_closed is False
    assert vote(client, address).json()["code"] == "closed"


@pytest.mark.usefixtures("known")
def test_a_poll_is_known_for_two_seconds(poll, monkeypatch):
    now = time.monotonic()
    poll.votes_per_day = 7
    poll.save()
    assert known_poll("2026").terms.votes_per_day == 3
    monkeypatch.setattr(terms.time, "monotonic", lambda: now + 2.1)
    assert known_poll("2026").terms.votes_per_day == 7


def test_an_answer_is_never_cached_and_the_cookie_is_set_once(client, address):
    stranger = Client()
    first = vote(stranger, address)
    assert "no-store" in first.headers["Cache-Control"]
    assert COOKIE in first.cookies
    assert COOKIE not in vote(stranger, address).cookies


def test_a_refused_vote_is_no_warning_in_the_log_and_a_missing_poll_is(client, address, caplog):
    vote(client, address)
    assert vote(client, address).status_code == 409
    assert not caplog.records
    assert vote(client, address.replace("2026", "1999")).status_code == 404
    assert [record.status_code for record in caplog.records] == [404]


def test_a_vote_lost_with_its_database_is_said_to_be_unsure_and_never_counts_twice(
    client, address, monkeypatch
):
    cast = views.cast_known

    def kept_but_not_told(**vote):
        cast(**vote)
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as outage:
        outage.setattr(views, "cast_known", kept_but_not_told)
        answer = vote(client, address)
    assert (answer.status_code, answer.json()["code"]) == (503, "unsure")
    assert "no vote is ever counted twice" in answer.json()["message"]
    assert answer["Retry-After"] == "10"
    again = vote(client, address)
    assert (again.status_code, again.json()["code"]) == (409, "already_today")
    assert Ballot.objects.count() == 1

"""The page where visitors show who they are, and the device's proof of work."""

import re

import pytest
from altcha import Challenge, solve_challenge
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import close_phase, proved_badge
from voting.identity import COOKIE, voter_of
from voting.models import Ballot, ProofCode
from voting.proofs import limits
from voting.proofs.device import solution_text

pytestmark = pytest.mark.django_db
PAGE = "/en/vote/2026/identify/"
PROOF = "/en/vote/proof/"
QUERY = "?next=%2Fgallery%2F&work=P-000001"


@pytest.fixture
def visitor():
    """A browser that has proved nothing."""
    return Client()


@pytest.fixture
def asks_for(poll):
    def change(identity):
        poll.identity = identity
        poll.save()

    return change


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def voter(response, identity):
    return voter_of(response.wsgi_request, identity)


# --- the device -------------------------------------------------------------------------------


def solved(challenge):
    found = solve_challenge(Challenge.from_dict(challenge))
    return {"solution": solution_text(challenge, found.counter, found.derived_key)}


def test_a_device_that_did_the_work_may_vote_today(visitor, poll, entry):
    challenge = visitor.get(PROOF)
    assert "no-store" in challenge.headers["Cache-Control"]
    response = visitor.post(PROOF, solved(challenge.json()))
    assert (response.status_code, response.json()) == (200, {"proved": True})
    assert voter(response, "device").kind == "device"
    visitor.post(f"/en/vote/2026/{entry.number}/")
    assert Ballot.objects.get().entry == entry


def test_one_solution_is_for_one_device(visitor, poll):
    solution = solved(visitor.get(PROOF).json())
    assert visitor.post(PROOF, solution).status_code == 200
    response = Client().post(PROOF, solution)
    assert (response.status_code, response.json()) == (409, {"proved": False})
    assert COOKIE not in response.cookies


def test_the_work_is_good_for_its_day_only(visitor, poll, entry):
    visitor.cookies[COOKIE] = proved_badge(proofs={"device": "2026-01-01"})
    assert timezone.localdate().isoformat() != "2026-01-01"
    answer = visitor.post(
        f"/en/vote/2026/{entry.number}/", headers={"accept": "application/json"}
    ).json()
    assert answer["code"] == "unproved"


def test_a_solution_from_another_site_is_refused(visitor, poll):
    solution = solved(visitor.get(PROOF).json())
    answer = visitor.post(PROOF, solution, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(PROOF, solution).status_code == 403


def test_too_many_challenges_for_one_address(visitor, monkeypatch):
    monkeypatch.setattr(limits, "WORK_RATE", "2/m")
    assert [visitor.get(PROOF).status_code for _ in range(3)] == [200, 200, 429]


# --- codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "typed", "spelt"),
    [
        ("email", "Li.Si@gmail.com", "lisi@GoogleMail.com"),
        ("phone", "138 0013 8000", "+86 13800138000"),
    ],
)
def test_a_code_makes_a_voter_who_is_the_same_on_every_device(
    asks_for, mailoutbox, texts, code_in, entry, identity, typed, spelt
):
    asks_for(identity)
    keys = []
    for address in (typed, spelt):
        browser = Client()
        sent = browser.post(PAGE + QUERY, {"to": address})
        assert (sent.status_code, sent.url) == (302, PAGE + QUERY)
        step = text_of(browser.get(PAGE + QUERY))
        assert "Step 2 of 2" in step
        assert 'autocomplete="one-time-code"' in step
        code = code_in(mailoutbox[-1].body if identity == "email" else texts[-1][1])
        done = browser.post(PAGE + QUERY, {"code": code})
        assert (done.status_code, done.url) == (302, PAGE + QUERY)
        assert voter(done, identity).kind == identity
        keys.append(voter(done, identity).key)
        cache.clear()  # a minute later
    assert keys[0] == keys[1]


def test_after_the_code_one_button_votes_and_leads_back(
    visitor, asks_for, mailoutbox, code_in, entry
):
    asks_for("email")
    visitor.post(PAGE + QUERY, {"to": "lisi@example.org"})
    visitor.post(PAGE + QUERY, {"code": code_in(mailoutbox[0].body)})
    page = text_of(visitor.get(PAGE + QUERY))
    assert "Now you can vote" in page
    assert "晨曦" in page
    assert 'action="/en/vote/2026/P-000001/"' in page
    vote = visitor.post("/en/vote/2026/P-000001/", {"next": "/gallery/"})
    assert vote.url == "/gallery/#vote-P-000001"
    assert Ballot.objects.get().entry == entry


def test_step_one_asks_and_says_why_and_what_is_kept(visitor, asks_for):
    asks_for("email")
    page = text_of(visitor.get(PAGE))
    assert "Step 1 of 2" in page
    assert "Each person has the same number of votes" in page
    assert "What is kept of it" in page
    assert 'inputmode="email"' in page
    asks_for("phone")
    assert 'type="tel"' in text_of(visitor.get(PAGE))


def test_a_device_poll_takes_a_mail_s_code_from_who_has_no_script(
    visitor, poll, mailoutbox, code_in, entry
):
    assert "JavaScript is off" in text_of(visitor.get(PAGE))
    visitor.post(PAGE, {"to": "lisi@example.org"})
    done = visitor.post(PAGE, {"code": code_in(mailoutbox[0].body)})
    assert voter(done, "device").kind == "device"
    assert "This browser may vote today" in text_of(visitor.get(PAGE))


def test_what_is_no_address_is_said_and_kept(visitor, asks_for, mailoutbox):
    asks_for("email")
    response = visitor.post(PAGE, {"to": "lisi at example"})
    page = text_of(response)
    assert response.status_code == 200
    assert "This is no e-mail address" in page
    assert 'value="lisi at example"' in page
    assert not mailoutbox


def test_a_wrong_code_is_said_and_the_step_stays(visitor, asks_for, mailoutbox, code_in):
    asks_for("email")
    visitor.post(PAGE, {"to": "lisi@example.org"})
    wrong = f"{(int(code_in(mailoutbox[0].body)) + 1) % 10**6:06}"
    response = visitor.post(PAGE, {"code": wrong})
    assert response.status_code == 200
    assert "This is not the code we sent" in text_of(response)
    assert "lisi@example.org" in text_of(response)
    assert voter(response, "email").kind == ""


def test_a_code_asked_for_again_within_a_minute_is_not_sent_and_the_first_is_good(
    visitor, asks_for, mailoutbox, code_in
):
    asks_for("email")
    visitor.post(PAGE, {"to": "lisi@example.org"})
    again = visitor.post(PAGE, {"to": "lisi@example.org"})
    (message,) = get_messages(again.wsgi_request)
    assert "less than a minute ago" in str(message)
    assert len(mailoutbox) == 1
    assert visitor.post(PAGE, {"code": code_in(mailoutbox[0].body)}).status_code == 302


def test_another_browser_cannot_enter_the_code(visitor, asks_for, mailoutbox, code_in):
    asks_for("email")
    visitor.post(PAGE, {"to": "lisi@example.org"})
    other = Client()
    answer = other.post(PAGE, {"code": code_in(mailoutbox[0].body)})
    assert voter(answer, "email").kind == ""
    assert ProofCode.objects.get().used_at is None


def test_what_was_typed_can_be_changed(visitor, asks_for):
    asks_for("email")
    visitor.post(PAGE, {"to": "lisi@example.org"})
    assert "Step 1 of 2" in text_of(visitor.get(PAGE + "?another=1"))


def test_a_gateway_that_fails_is_said_in_words(visitor, asks_for, break_gateway):
    asks_for("phone")
    break_gateway()
    response = visitor.post(PAGE, {"to": "13800138000"})
    assert response.status_code == 200
    assert "could not be sent just now" in text_of(response)
    assert not ProofCode.objects.exists()


@pytest.mark.parametrize("what", ["address", "device", "target"])
def test_codes_are_limited_by_address_device_and_target(poll, monkeypatch, mailoutbox, what):
    monkeypatch.setitem(limits.CODE_RATES, what, "1/h")
    one = Client()
    one.cookies[COOKIE] = proved_badge(proofs={})
    same = {
        "address": (Client(), "b@example.org"),
        "device": (one, "b@example.org"),
        "target": (Client(REMOTE_ADDR="198.51.100.7"), "A@example.org"),
    }
    assert one.post(PAGE, {"to": "a@example.org"}).status_code == 302
    browser, address = same[what]
    response = browser.post(PAGE, {"to": address})
    assert response.status_code == 429
    assert "Too many codes were asked for" in text_of(response)
    other = Client(REMOTE_ADDR="203.0.113.8")
    assert other.post(PAGE, {"to": "c@example.org"}).status_code == 302
    assert len(mailoutbox) == 2


def test_no_address_is_told_apart(asks_for, mailoutbox, django_user_model):
    """A person with an account here, and one without: same status, page, mails and queries."""
    asks_for("email")
    django_user_model.objects.create_user(email="known@example.org", password="x")
    seen = []
    Client().post(PAGE, {"to": "first@example.org"})  # the address's count is begun
    for address in ("known@example.org", "other@example.org"):
        browser = Client()
        with CaptureQueriesContext(connection) as captured:
            response = browser.post(PAGE, {"to": address})
        seen.append((response.status_code, response.url, len(captured)))
    assert seen[0] == seen[1]
    assert len(mailoutbox) == 3


# --- where it leads ---------------------------------------------------------------------------


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_nobody_is_led_to_another_site(client, poll, elsewhere):
    page = text_of(client.get(PAGE, {"next": elsewhere}))
    links = re.findall(r'(?:href|action|value)="([^"]*)"', page)
    assert not [link for link in links if link.startswith(("https://evil", "//", "javascript"))]
    assert '<a class="button button--primary" href="/">' in page


def test_a_work_that_is_not_in_the_poll_is_not_offered(client, poll, make_entry):
    hidden = make_entry(state="submitted", title="未入选")
    page = text_of(client.get(PAGE, {"work": hidden.number}))
    assert "未入选" not in page
    assert "Back to the works" in page


def test_while_voting_is_closed_nothing_is_asked_or_sent(visitor, poll, mailoutbox):
    close_phase(poll.edition, "voting")
    assert "Voting is not open now" in text_of(visitor.get(PAGE))
    assert visitor.post(PAGE, {"to": "lisi@example.org"}).status_code == 302
    assert not mailoutbox


@pytest.mark.parametrize("identity", ["phone", "account"])
def test_an_identity_that_is_not_set_up_is_said(visitor, asks_for, settings, identity):
    settings.SMS_GATEWAY = ""
    asks_for(identity)
    assert "Nobody can be asked who they are just now" in text_of(visitor.get(PAGE))
    assert visitor.post(PAGE, {"to": "13800138000"}).status_code == 404


def test_a_form_on_another_site_asks_for_no_code(visitor, poll, mailoutbox):
    answer = visitor.post(PAGE, {"to": "a@b.cn"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not mailoutbox


def test_an_edition_without_a_poll_has_no_page(visitor, db):
    assert visitor.get("/en/vote/nothing/identify/").status_code == 404


def test_the_page_is_never_cached(visitor, poll):
    assert "no-store" in visitor.get(PAGE).headers["Cache-Control"]

"""Who votes, in a real browser: one press and its proof of work, a code, no script."""

import re

import pytest
from playwright.sync_api import expect

from portal.pages.services import create_site
from tests import factories
from tests.browser.conftest import expect_to_fit
from voting.models import Ballot, Poll
from voting.proofs import device

BUTTON = "[data-vote] .vote__button"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(device, "ITERATIONS", 20)
    monkeypatch.setattr(device, "COUNTERS", range(20, 40))


@pytest.fixture
def open_poll(root_page, draw):
    """An open poll that asks for an identity, with one work; return the work's address."""

    def make(identity):
        section = factories.SectionFactory()
        factories.open_phase(section.edition, "voting")
        poll = factories.PollFactory(edition=section.edition, identity=identity)
        poll.sections.add(section)
        entry = factories.EntryFactory(section=section, state="admitted")
        draw()
        create_site(edition=section.edition)
        return f"/gallery/works/{entry.number}/"

    return make


def code_in(mailoutbox):
    return re.search(r"\b\d{6}\b", mailoutbox[-1].body).group()


def enter_code(page, mailoutbox):
    page.fill("[name=to]", "Li.Si@gmail.com")
    page.click(".identify form .button--primary")
    page.wait_for_selector("[name=code]")
    page.fill("[name=code]", code_in(mailoutbox))
    page.click(".identify form .button--primary")
    page.wait_for_selector(".identify__work")


def test_a_first_time_visitor_votes_with_one_press(phone, open_poll):
    asked = []
    phone.on("request", lambda request: asked.append((request.method, request.url)))
    phone.goto(open_poll("device"))
    phone.locator(BUTTON).tap()
    expect(phone.locator("[data-vote=voted]")).to_be_visible()
    assert Ballot.objects.count() == 1
    assert [method for method, url in asked if "/vote/proof/" in url] == ["GET", "POST"]
    assert not [url for _, url in asked if "localhost" not in url]


def test_a_voter_shows_a_mailbox_once(window, open_poll, mailoutbox):
    work = open_poll("email")
    window.goto(work)
    window.click(BUTTON)
    window.wait_for_url("**/identify/**")
    enter_code(window, mailoutbox)
    window.click(".identify__work .button--primary")
    window.wait_for_url(f"**{work}*")
    expect(window.locator(BUTTON)).to_be_disabled()
    assert Ballot.objects.count() == 1


@pytest.mark.parametrize("identity", ["email", "device"])
def test_a_voter_without_a_script_votes_by_a_code(open_context, open_poll, mailoutbox, identity):
    page = open_context(java_script_enabled=False).new_page()
    work = open_poll(identity)
    page.goto(work)
    page.click(BUTTON)
    page.click(".paper .button--primary")
    page.wait_for_url("**/identify/**")
    enter_code(page, mailoutbox)
    page.click(".identify__work .button--primary")
    page.wait_for_url(f"**{work}*")
    assert Ballot.objects.count() == 1


def test_a_browser_that_cannot_do_the_work_is_shown_the_other_way(window, open_poll):
    window.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    window.goto(open_poll("device"))
    window.click(BUTTON)
    window.wait_for_url("**/identify/**")
    expect(window.locator("[name=to]")).to_be_visible()


@pytest.mark.parametrize("identity", ["email", "phone"])
def test_the_page_fits_a_phone(phone, open_poll, identity):
    open_poll(identity)
    phone.goto(f"/vote/{Poll.objects.get().edition.slug}/identify/")
    expect_to_fit(phone)

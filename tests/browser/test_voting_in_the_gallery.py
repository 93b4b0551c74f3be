"""The gallery while the public votes: scrolling on, coming back, voting, watching."""

import re
from http.cookies import SimpleCookie

import pytest
from django.core.cache import caches
from playwright.sync_api import BrowserContext, Page, expect

from competition.entries.models import Entry
from portal.pages.services import create_site
from tests import factories
from tests.browser.test_player import film  # noqa: F401 - a fixture
from tests.media_processing.processes import wait_for
from voting.identity import COOKIE
from voting.models import Ballot

pytestmark = pytest.mark.django_db(transaction=True)

WORKS = 60


@pytest.fixture
def kept_pages(settings):
    """Keep pages as a running site does."""
    backend = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "browser"}
    settings.CACHES = settings.CACHES | {"pages": backend}
    caches["pages"].clear()


@pytest.fixture
def section(root_page, site, kept_pages):
    """A section of an edition with its pages, in an open vote."""
    edition = factories.EditionFactory(slug="2026", title="2026 摄影展")
    section = factories.SectionFactory(edition=edition)
    factories.open_phase(edition, "voting")
    factories.PollFactory(edition=edition, votes_per_day=2).sections.add(section)
    create_site(edition=edition)
    return section


@pytest.fixture
def works(section):
    return [
        factories.EntryFactory(
            section=section, state="admitted", frames=False, title=f"作品{n:02}", number=f"P-{n:06}"
        )
        for n in range(1, WORKS + 1)
    ]


@pytest.fixture
def voter(page, site):
    """A window on a device that has proved that a person uses it."""
    give_badge(page.context, site)
    return page


def give_badge(context: BrowserContext, site: str) -> None:
    cookie: SimpleCookie = SimpleCookie({COOKIE: factories.proved_badge()})
    context.add_cookies([{"name": COOKIE, "value": cookie[COOKIE].coded_value, "url": site}])


def cards(page: Page):
    return page.locator(".work-card")


def scroll_on(page: Page, count: int) -> None:
    page.mouse.wheel(0, 20_000)
    expect(cards(page)).to_have_count(count)


def test_one_votes_for_a_work_of_the_second_page_that_came_by_scrolling(voter, works):
    page = voter
    page.goto("/gallery/?order=number")
    expect(cards(page).first).to_be_visible()
    scroll_on(page, WORKS)
    status = page.locator("[data-works-status]")
    expect(status).to_contain_text("60")
    expect(page.locator("[data-pages] > p")).to_be_visible()

    last = cards(page).last
    last.locator(".vote__button").click()
    expect(last.locator("[data-vote]")).to_have_attribute("data-vote", "voted")
    assert Ballot.objects.get().entry == works[-1]
    expect(page.locator("[data-votes-left]")).to_have_text("1")


def test_coming_back_one_finds_the_place_and_ones_votes(voter, works):
    page = voter
    page.goto("/gallery/?order=number")
    scroll_on(page, WORKS)
    work = page.locator("#work-P-000056")
    work.scroll_into_view_if_needed()
    work.locator(".vote__button").click()
    expect(work.locator("[data-vote]")).to_have_attribute("data-vote", "voted")
    expect(page).to_have_url(re.compile("page=2"))
    before = work.bounding_box()["y"]

    work.locator("a").first.click()
    expect(page).to_have_url(re.compile("works/P-000056"))
    page.go_back()

    expect(cards(page)).to_have_count(WORKS)
    expect(work.locator("[data-vote]")).to_have_attribute("data-vote", "voted")
    wait_for(lambda: work.bounding_box()["y"] == pytest.approx(before, abs=30))
    assert [card.get_attribute("id") for card in cards(page).all()] == [
        f"work-{one.number}" for one in works
    ]


def test_an_order_of_ones_own_stays_when_scrolling_and_when_coming_again(page, works):
    def numbers():
        scroll_on(page, WORKS)
        return [card.get_attribute("id") for card in cards(page).all()]

    page.goto("/gallery/")
    first = numbers()
    assert sorted(first) == [f"work-{work.number}" for work in works]
    page.goto("/gallery/")
    assert numbers() == first


def test_without_a_script_one_turns_pages_and_votes_on_the_ballot_paper(open_context, site, works):
    context = open_context(java_script_enabled=False)
    give_badge(context, site)
    page = context.new_page()
    page.goto("/gallery/?order=number")
    page.locator("[data-pages] [rel=next]").click()
    expect(cards(page)).to_have_count(WORKS - 48)
    cards(page).last.locator(".vote__button").click()
    expect(page.locator("h1")).to_have_text(works[-1].title)
    page.locator("main form[method=post] button").click()
    expect(page).to_have_url(re.compile(r"order=number&page=2#vote-P-000060|page=2&order=number"))
    expect(page.locator(".notice--success")).to_be_visible()
    expect(cards(page).last.locator("[data-vote]")).to_have_attribute("data-vote", "voted")
    assert Ballot.objects.get().entry == works[-1]


@pytest.fixture
def two_films(section, film):  # noqa: F811
    other = factories.AssetFactory(kind="video", derivatives=False, seconds=film.seconds)
    for derivative in film.derivatives.all():
        factories.DerivativeFactory(
            asset=other,
            **{
                name: getattr(derivative, name)
                for name in ("name", "file", "role", "mime_type", "width", "height", "details")
            },
        )
    films = factories.SectionFactory(edition=section.edition, kind="micro_video")
    for asset in (film, other):
        work = factories.EntryFactory(section=films, state="admitted", frames=False)
        factories.FrameFactory(entry=work, asset=asset)
    assert Entry.objects.count() == 2


def test_films_play_in_their_cards_one_at_a_time(page, two_films):
    page.goto("/gallery/")
    first, second = cards(page).all()
    first.locator("[data-play]").click()
    expect(first.locator("video")).to_be_focused()
    wait_for(lambda: first.locator("video").evaluate("video => video.currentTime > 0"))
    second.locator("[data-play]").click()
    expect(second.locator("video")).to_be_focused()
    wait_for(lambda: are_paused(page) == [True, False])
    expect(first.locator(".player__bar")).to_be_visible()


def test_a_film_left_while_better_quality_comes_stays_silent(page, two_films):
    held = []
    page.route("**/*.m3u8", lambda one: one.continue_() if held else held.append(one))
    page.goto("/gallery/")
    first, second = cards(page).all()
    first.locator("[data-play]").click()
    wait_for(lambda: page.evaluate("0") or held)
    second.locator("[data-play]").click()
    second.locator("video").evaluate("video => { video.loop = true; }")  # it outlasts the test
    wait_for(lambda: are_paused(page) == [True, False])
    held[0].continue_()
    loaded = "video => video.readyState >= HTMLMediaElement.HAVE_METADATA"
    wait_for(lambda: first.locator("video").evaluate(loaded))
    wait_for(lambda: second.locator("video").evaluate("video => video.currentTime > 1"))
    assert are_paused(page) == [True, False]


def are_paused(page):
    return page.locator(".work-card video").evaluate_all("all => all.map(one => one.paused)")

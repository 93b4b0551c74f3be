"""Every public page, in both languages on a phone: axe has nothing to say, nothing sticks out."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from portal.results.numbering import LETTERS
from tests.browser.chromium import PHONE
from tests.factories import published
from tests.portal.embargo.world import (
    Exhibition,
    give_awards,
    issue_what_follows,
    number_of,
    put_on_notice,
)
from tests.portal.pages.test_sitemaps import sitemap_paths
from tests.portal.test_doors import is_in_admin, routes

AXE = Path(project.BASE_DIR) / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
ASK_AXE = """async (rules) => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    return found.violations.flatMap((one) => one.nodes.map(
        (node) => `${one.id}: ${node.target.join(" ")} ${node.failureSummary}`
    ));
}"""
# Of the same kind: one stands for all.
ALIKE = re.compile(r"\d{2,}")
ACCOUNT_PAGES = ["account_login", "account_signup", "account_reset_password"]


@pytest.fixture
def world(root_page):
    """Its awards have been on notice for an hour."""
    world = Exhibition(hour=timezone.now() - timedelta(hours=1))
    world.award_list = give_awards(world)
    issue_what_follows(world, world.award_list)
    put_on_notice(world.award_list, world.hour)
    return world


def addresses(world):
    """Return one address of each kind of page that anybody can open, in both languages."""
    client = Client()
    places = sitemap_paths(client)
    keys = {"edition": world.edition.slug, "number": number_of(LETTERS["expert"], 1)}
    for code in ("zh-hans", "en"):
        with translation.override(code):
            places += [reverse(name) for name in ACCOUNT_PAGES]
            for name, _pattern, path in routes():
                wanted = set(re.findall(r"<(?:\w+:)?(\w+)>", path))
                if wanted <= set(keys) and not is_in_admin(path) and name != "page":
                    places.append(reverse(name, kwargs={key: keys[key] for key in wanted}))
    works = [works[0].number for works in world.works.values()]
    kinds = {}
    for place in places:
        number = place.rstrip("/").rsplit("/", 1)[-1]
        kind = place if number in works else ALIKE.sub("0", place)
        kinds.setdefault(kind, place)
    return [place for place in kinds.values() if _is_page(client, place)]


def _is_page(client, place):
    answer = client.get(place)
    answer.close()
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def complaints_of(page, places):
    """Return a line for each thing that axe finds, and for each page that is too wide."""
    found = []
    for place in places:
        page.goto(place)
        page.add_script_tag(path=AXE)
        found += [f"{place} {line}" for line in page.evaluate(ASK_AXE, RULES)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            found.append(f"{place} is {width} px wide")
    return "\n".join(found)


@pytest.fixture
def phone(open_context, draw, world):
    draw()
    # axe is not ours to serve: it comes in past the content security policy.
    return open_context(PHONE, is_mobile=True, has_touch=True, bypass_csp=True).new_page()


def in_both_languages(*places):
    return [before + place for before in ("", "/en") for place in places]


def test_every_page_of_the_notice_is_accessible_and_fits_a_phone(phone):
    form = "/notice/2026/objections/new/?work=P-000001"
    places = in_both_languages("/notice/", form, "/results-data/2026/", "/results/")
    assert complaints_of(phone, places) == ""


def test_every_public_page_is_accessible_and_fits_a_phone(phone, world):
    published(world.award_list)
    places = addresses(world)
    certificate = f"/certificates/{number_of(LETTERS['expert'], 1)}/"
    known = ("/results/", "/results/statistics/", "/gallery/", "/accounts/login/", "/api/",
             certificate, "/certificates/", "/results-data/2026/")  # fmt: skip
    assert set(in_both_languages("/", *known)) <= {*places}
    assert complaints_of(phone, places) == ""


def test_a_page_that_is_not_there_is_accessible_too(browser, site, world):
    # Its answer is 404, which the browser's console calls an error.
    context = browser.new_context(viewport=PHONE, base_url=site, bypass_csp=True, locale="zh-CN")
    missing = in_both_languages("/not-here/", "/certificates/2026-E-9999-000000/")
    assert complaints_of(context.new_page(), missing) == ""
    context.close()


def test_feedback_to_an_entrant_is_accessible(phone, world, sign_in):
    published(world.award_list)
    entrant = world.people["entrant"]
    sign_in(phone, entrant)
    work = world.edition.entries.filter(created_by=entrant).first()
    places = in_both_languages(f"/my/works/{work.pk}/feedback/", f"/my/works/{work.pk}/", "/my/")
    assert complaints_of(phone, places) == ""

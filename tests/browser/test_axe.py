"""Every public page, in both languages on a phone: axe has nothing to say, nothing sticks out."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.browser.chromium import PHONE
from tests.factories import published
from tests.portal.embargo.world import Exhibition, give_awards, issue_what_follows
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
def published_world(root_page):
    world = Exhibition()
    award_list = give_awards(world)
    issue_what_follows(world, award_list)
    published(award_list)
    return world


def addresses(world):
    """Return one address of each kind of page that anybody can open, in both languages."""
    client = Client()
    found = re.findall(r"<loc>([^<]+)</loc>", client.get("/sitemap.xml").content.decode())
    places = [urlsplit(place).path for place in found]
    keys = {"edition": world.edition.slug, "number": "2026-0001"}
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
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def test_every_public_page_is_accessible_and_fits_a_phone(open_context, published_world, draw):
    draw()
    # axe is not ours to serve: it comes in past the content security policy.
    context = open_context(PHONE, is_mobile=True, has_touch=True, bypass_csp=True)
    places = addresses(published_world)
    assert {"/", "/en/", "/results/", "/en/results/", "/gallery/", "/accounts/login/"} <= {*places}
    page, complaints = context.new_page(), []
    for place in places:
        page.goto(place)
        page.add_script_tag(path=AXE)
        complaints += [f"{place} {line}" for line in page.evaluate(ASK_AXE, RULES)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            complaints.append(f"{place} is {width} px wide")
    assert not complaints, "\n".join(complaints)

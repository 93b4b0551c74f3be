"""A visitor reads the results, on a phone and on a desk: by keyboard, and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESK, PHONE
from tests.factories import published
from tests.portal.embargo.world import Exhibition, give_awards, issue_what_follows

WIDTHS = {"phone": PHONE, "desk": DESK}


@pytest.fixture
def award_list(root_page, site):
    world = Exhibition()
    award_list = give_awards(world)
    issue_what_follows(world, award_list)
    return published(award_list)


def link_to(page, work):
    return page.locator(f"main a[href*='/works/{work.number}/']").first


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_from_the_results_to_a_work_and_back(open_context, award_list, width, scripts):
    page = open_context(WIDTHS[width], java_script_enabled=scripts).new_page()
    work = award_list.awards.first().entry
    page.goto("/results/")
    for award in award_list.awards.all():
        expect(link_to(page, award.entry)).to_be_visible()
    link_to(page, work).click()
    page.wait_for_url(f"**/works/{work.number}/")
    expect(page.locator("h1")).to_have_text(work.title)
    page.go_back()
    page.wait_for_url("**/results/")
    expect(link_to(page, work)).to_be_visible()


def test_a_work_is_reached_by_keyboard_alone(page, award_list):
    work = award_list.awards.first().entry
    page.goto("/results/")
    for _ in range(60):
        page.keyboard.press("Tab")
        if f"/works/{work.number}/" in page.evaluate("document.activeElement.href || ''"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/works/{work.number}/")

"""The screening in a browser: a queue worked by keys, a meeting of a projector and a phone."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from competition.entries.models import Entry
from competition.entries.services import submit_entry, update_entry
from competition.screening.models import Meeting, ScreeningCard
from competition.screening.queries import scores_on
from competition.screening.services import return_for_revision, save_card
from tests import factories
from tests.browser.chromium import PHONE
from tests.browser.conftest import expect_to_fit
from tests.competition.entries.worlds import World

# A transactional test empties the tables after itself, as the live server needs it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(draw) -> World:
    """Three works wait; the association may forward two."""
    world = World()
    world.section.forwarded_per_association = 2
    world.section.save()
    for code in ("theme", "artistry", "story"):
        factories.CriterionFactory(edition=world.edition, code=code)
    for title in ("晨光", "塔吊之下", "夜班"):
        world.submitted(title=title)
    draw()
    return world


@pytest.fixture
def desk(open_context, sign_in, world):
    page = open_context().new_page()
    sign_in(page, world.manager)
    return page


def shoot(page, name: str) -> None:
    """Keep a picture of the page for who asks for one: SHOTS=<folder>."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def expect_saved(page) -> None:
    """Wait until the page says so, in whatever language."""
    word = page.locator("[data-scorecard]").get_attribute("data-saved")
    expect(page.locator("[data-scorecard] [data-state]")).to_have_text(word)


def address(entry) -> str:
    return reverse("screening-entry", args=[entry.pk])


def test_a_queue_is_worked_by_keys_alone(desk, world):
    first, second, _third = Entry.objects.order_by("number")
    desk.goto(address(first))
    shoot(desk, "work-1440")
    for digit in "890":
        desk.keyboard.press(digit)
    expect_saved(desk)
    desk.keyboard.press("?")
    expect(desk.locator("[data-help]")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("ArrowRight")
    desk.wait_for_url(f"**{address(second)}*")
    desk.keyboard.press("ArrowLeft")
    desk.wait_for_url(f"**{address(first)}*")
    values = desk.locator("[data-criterion] input:checked").evaluate_all(
        "inputs => inputs.map(input => input.value)"
    )
    assert values == ["8", "9", "10"]
    desk.keyboard.press("f")
    expect(desk.locator("[data-ask]")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("f")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{address(second)}*")
    desk.keyboard.press("d")
    desk.keyboard.type("离题 123")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("h1")).to_have_text("夜班")
    states = Entry.objects.order_by("number").values_list("state", "advice")
    assert list(states) == [("forwarded", ""), ("not_forwarded", "离题 123"), ("submitted", "")]
    (card,) = ScreeningCard.objects.all()
    assert scores_on(card) == {"theme": 8, "artistry": 9, "story": 10}


def test_the_projector_and_a_phone_meet_over_one_work(desk, open_context, sign_in, world):
    member = factories.MembershipFactory(organisation=world.association, role="contributor").user
    phone = open_context(PHONE, has_touch=True, is_mobile=True).new_page()
    sign_in(phone, member)
    desk.goto(reverse("screening-meeting"))
    desk.locator("main form button").click()
    expect(desk.locator(".projector__title")).to_contain_text("晨光")
    phone.goto(reverse("screening-meeting-card"))
    expect(phone.locator("h1")).to_have_text("晨光")
    for criterion in range(3):
        phone.locator("[data-criterion]").nth(criterion).locator("label", has_text="7").click()
    expect_saved(phone)
    shoot(phone, "phone-390")
    expect(desk.locator(".has-scored")).to_have_count(1)
    expect(desk.locator("[data-panel]")).not_to_contain_text("7.00")
    desk.keyboard.press("s")
    expect(desk.locator(".projector__mean")).to_contain_text("7.00")
    shoot(desk, "projector-1440")
    desk.keyboard.press("PageDown")
    expect(phone.locator("h1")).to_have_text("塔吊之下")
    assert Meeting.objects.get().shows_scores is False


def test_one_keyboard_scores_for_each_member_in_turn(desk, world):
    factories.MembershipFactory(organisation=world.association, role="contributor")
    desk.goto(reverse("screening-meeting"))
    desk.locator("main form button").click()
    expect(desk.locator(".projector__title")).to_contain_text("晨光")
    desk.wait_for_load_state()  # its scripts have run
    desk.keyboard.press("k")
    for digits in ("780", "456"):
        for digit in digits:
            desk.keyboard.press(digit)
        desk.keyboard.press("Enter")
    expect(desk.locator(".has-scored")).to_have_count(2)
    shoot(desk, "keying-1440")
    cards = ScreeningCard.objects.order_by("screener")
    assert [list(scores_on(card).values()) for card in cards] == [[7, 8, 10], [4, 5, 6]]


def test_grid_and_revisions_fit_a_phone(phone, desk, sign_in, world):
    entry = Entry.objects.order_by("number")[0]
    revision = entry.revisions.get()
    save_card(
        revision=revision,
        screener=world.manager,
        actor=world.manager,
        scores={"theme": 6, "artistry": 7, "story": 5},
        advice="构图好，说明太短。",
    )
    return_for_revision(entry=entry, user=world.manager, reason="请补充说明")
    update_entry(entry=entry, user=world.entrant, story="一张照片背后的故事，摄于夜班之后。")
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    sign_in(phone, world.manager)
    for page, width in ((phone, 390), (desk, 1440)):
        for name, url in [
            ("grid", reverse("screening")),
            ("revised", address(entry)),
            ("sheets", reverse("screening-sheets")),
            ("criteria", reverse("screening-criteria")),
            ("meeting", reverse("screening-meeting")),
        ]:
            page.goto(url)
            shoot(page, f"{name}-{width}")
            if width == 390:
                expect_to_fit(page)
    desk.goto(reverse("screening"))
    desk.locator("input[name=work]").first.check()
    desk.locator(".bulk button[value=forward]").click()
    expect(desk.locator("button[name=confirm]")).to_be_visible()
    shoot(desk, "bulk-1440")

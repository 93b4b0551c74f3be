"""The judge's room when things go wrong, and the keys that a form alone does not have."""

import hashlib
from io import BytesIO
from pathlib import PurePath

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from competition.judging.models import Assignment, Scorecard
from competition.judging.services import add_judge
from media_processing.models import Derivative
from media_processing.storage import derivatives
from tests import factories
from tests.media_processing.processes import wait_for

# A transactional test empties the tables after itself, as the live server needs it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def works(window, sign_in) -> list[str]:
    """The addresses of three works that a signed-in judge has to score, in order."""
    section = factories.SectionFactory()
    factories.open_phase(section.edition, "judging")
    for code in ["theme", "artistry", "story"]:
        factories.CriterionFactory(edition=section.edition, code=code)
    round = factories.RoundFactory(edition=section.edition)
    panel = factories.PanelFactory(edition=section.edition)
    judge = add_judge(panel=panel, user=factories.UserFactory())
    addresses = []
    for position in (1, 2, 3):
        entry = factories.EntryFactory(section=section, state="admitted")
        assignment = factories.AssignmentFactory(
            round=round, judge=judge, entry=entry, position=position
        )
        addresses.append(reverse("judging-work", args=[assignment.pk]))
    paint()
    sign_in(window, judge.user)
    return addresses


def paint(detail: int = 0) -> None:
    """Give every picture a file of its own, so that no two works share an address.

    `detail`: how strong the noise is that makes it as large as a photo's; 0 for one colour.
    """
    for derivative in Derivative.objects.all():
        content = BytesIO()
        size = (derivative.width, derivative.height)
        colour = Image.new("RGB", size, f"#{derivative.asset_id.hex[:6]}")
        if detail:
            noise = Image.effect_noise(size, detail)
            colour = Image.blend(colour, Image.merge("RGB", [noise] * 3), 0.5)
        colour.save(content, "WEBP")
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        name = f"{digest[:2]}/{digest}.webp"
        derivative.file = derivatives().save(name, ContentFile(content.getvalue()))
        derivative.save()


def press(page: BrowserPage, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def shown(page: BrowserPage):
    return page.locator(".room__where b")


def expect_scored(expected: list[list[int]]) -> None:
    """Sheets are saved while the judge is at the next work already."""
    wait_for(lambda: scored() == expected)


def scored() -> list[list[int]]:
    cards = Scorecard.objects.order_by("assignment__position")
    return [
        list(card.scores.order_by("criterion__pk").values_list("value", flat=True))
        for card in cards
    ]


def test_what_is_not_saved_survives_a_look_at_another_work_and_a_reload(window, works):
    window.goto(works[0])
    press(window, "8", "n")
    expect(shown(window)).to_have_text("2")
    assert window.url.endswith(works[1])
    press(window, "ArrowLeft")
    expect(shown(window)).to_have_text("1")
    expect(window.locator("input[type=radio]:checked")).to_have_value("8")
    window.reload()
    press(window, "9", "7", "Enter")
    expect(shown(window)).to_have_text("2")
    expect_scored([[8, 9, 7]])


def test_a_sheet_that_lacks_a_score_stays_and_says_so(window, works):
    window.goto(works[0])
    press(window, "8", "Enter")
    expect(window.locator(".scorecard__alert")).not_to_be_empty()
    expect(shown(window)).to_have_text("1")
    press(window, "9", "7", "Enter")
    expect(shown(window)).to_have_text("2")
    expect(window.locator(".scorecard__alert")).to_be_empty()
    expect_scored([[8, 9, 7]])


def test_going_back_by_the_browser_shows_the_work_and_its_scores(window, works):
    window.goto(works[0])
    press(window, "8", "9", "7", "Enter")
    expect(shown(window)).to_have_text("2")
    window.go_back()
    expect(shown(window)).to_have_text("1")
    expect(window.locator("input[type=radio]:checked")).to_have_count(3)


def test_the_next_picture_is_there_before_it_is_asked_for(window, works):
    asset = Assignment.objects.get(position=2).entry.frames.get().asset
    following = PurePath(asset.derivatives.get(width=1280).file.name).stem
    with window.expect_request(lambda request: following in request.url) as preload:
        window.goto(works[0])
    press(window, "n")
    expect(shown(window)).to_have_text("2")
    # A browser chooses the source of an image a moment after it was put in place.
    picture = window.locator(".stage .picture img")
    expect(picture).to_have_js_property("currentSrc", preload.value.url)


def test_letters_and_digits_in_the_note_are_only_text(window, works):
    window.goto(works[0])
    window.locator(".scorecard summary").click()
    window.locator("[name=note]").fill("")
    window.locator("[name=note]").press_sequentially("np 8?")
    expect(shown(window)).to_have_text("1")
    expect(window.locator("[name=note]")).to_have_value("np 8?")
    expect(window.locator("input[type=radio]:checked")).to_have_count(0)


def test_the_keys_are_shown_on_asking(window, works):
    window.goto(works[0])
    press(window, "?")
    expect(window.get_by_role("dialog")).to_be_visible()
    press(window, "8", "Escape")
    expect(window.get_by_role("dialog")).to_be_hidden()
    expect(window.locator("input[type=radio]:checked")).to_have_count(0)


def test_without_scripts_the_form_does_it_all(browser, site, works, window):
    context = browser.new_context(java_script_enabled=False, base_url=site)
    context.add_cookies(window.context.cookies())
    page = context.new_page()
    page.goto(works[0])
    for code, value in {"theme": 8, "artistry": 9, "story": 7}.items():
        page.check(f"input[name=score-{code}][value='{value}']", force=True)
    page.locator(".scorecard button").click()
    expect(shown(page)).to_have_text("2")
    page.locator("[rel=next]").click()
    expect(shown(page)).to_have_text("3")
    context.close()
    expect_scored([[8, 9, 7]])

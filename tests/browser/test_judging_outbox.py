"""Sheets on a bad line: kept in the browser, sent in order, once each; and taken back."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect
from wagtail.models import ModelLogEntry

from competition.judging.models import Assignment, Recusal, Round, Scorecard
from competition.judging.scorecards import save_scorecard
from competition.judging.services import add_judge, close_round
from tests import factories
from tests.browser.test_judging_room import expect_scored, paint, press, scored, shown
from tests.media_processing.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

CODES = ["theme", "artistry", "story"]


def assigned(count: int, detail: int = 0) -> list[Assignment]:
    """A judge's works, in order; `detail` as of paint."""
    section = factories.SectionFactory()
    factories.open_phase(section.edition, "judging")
    for code in CODES:
        factories.CriterionFactory(edition=section.edition, code=code)
    round = factories.RoundFactory(edition=section.edition)
    round.sections.add(section)
    panel = factories.PanelFactory(edition=section.edition)
    round.panels.add(panel)
    judge = add_judge(panel=panel, user=factories.UserFactory())
    works = [
        factories.AssignmentFactory(
            round=round,
            judge=judge,
            entry=factories.EntryFactory(section=section, state="admitted"),
            position=position,
        )
        for position in range(1, count + 1)
    ]
    paint(detail)
    return works


def open_room(window: BrowserPage, sign_in, works: list[Assignment]) -> None:
    sign_in(window, works[0].judge.user)
    window.goto(reverse("judging-work", args=[works[0].pk]))


def saved_as(work: Assignment, *values: int) -> None:
    scores = dict(zip(CODES, values, strict=True))
    save_scorecard(assignment=work, user=work.judge.user, scores=scores)


def lines(action: str) -> int:
    return ModelLogEntry.objects.filter(action=f"competition.scorecard.{action}").count()


def is_ready(window: BrowserPage) -> None:
    """Wait until the next works and their pictures are in the browser."""
    window.wait_for_load_state("networkidle")


def test_thirty_works_by_keyboard_five_of_them_without_a_line(window, sign_in):
    works = assigned(30)
    open_room(window, sign_in, works)
    typed = [[1 + n % 9, 1 + (n * 2) % 9, 1 + (n * 5) % 9] for n in range(30)]
    for number, values in enumerate(typed, start=1):
        expect(shown(window)).to_have_text(str(number))
        if number == 13:
            wait_for(lambda: len(scored()) == 12)
            is_ready(window)
            window.context.set_offline(True)
        if number == 18:
            expect(window.locator("[data-waiting]")).to_contain_text("5")
            assert len(scored()) == 12
            window.context.set_offline(False)
        press(window, *map(str, values), "Enter")
    expect(window).to_have_url(window.url.split("/judging/")[0] + "/judging/")
    expect_scored(typed)
    assert lines("save") == 30


def test_in_a_shortlisting_one_key_is_the_verdict_and_brings_the_next_work(window, sign_in):
    works = assigned(4)
    Round.objects.update(kind="shortlisting")
    open_room(window, sign_in, works)
    for number, key in enumerate("3123"[:3], start=1):
        expect(shown(window)).to_have_text(str(number))
        press(window, key)
    expect(shown(window)).to_have_text("4")
    press(window, "z")
    expect(shown(window)).to_have_text("3")
    window.locator("[data-at-once] input[value='1']").click(force=True)
    expect(shown(window)).to_have_text("4")
    cards = Scorecard.objects.order_by("assignment__position")
    wait_for(lambda: list(cards.values_list("verdict", flat=True)) == [3, 1, 1])


def test_what_waits_outlives_the_tab_and_is_sent_from_the_list_of_works(window, sign_in):
    works = assigned(3)
    open_room(window, sign_in, works)
    is_ready(window)
    window.context.set_offline(True)
    press(window, "8", "9", "0", "Enter")
    expect(shown(window)).to_have_text("2")
    press(window, "7", "7", "7", "Enter")
    expect(window.locator("[data-waiting]")).to_contain_text("2")
    context = window.context
    window.close()
    context.set_offline(False)
    later = context.new_page()
    later.goto("/judging/")
    expect_scored([[8, 9, 10], [7, 7, 7]])
    expect(later.locator(".round__progress strong")).to_have_text("2")


def test_who_was_signed_out_loses_no_sheet(window, sign_in):
    works = assigned(2)
    open_room(window, sign_in, works)
    is_ready(window)
    session = window.context.cookies()
    window.context.clear_cookies()
    press(window, "8", "9", "7", "Enter")
    expect(window.locator("[data-waiting]")).not_to_be_empty()
    assert scored() == []
    window.context.add_cookies(session)
    expect_scored([[8, 9, 7]])
    expect(window.locator("[data-outbox]")).to_be_hidden()


def test_a_sheet_refused_for_good_stays_in_sight_until_it_is_dismissed(window, sign_in):
    works = assigned(3)
    saved_as(works[2], 5, 5, 5)
    open_room(window, sign_in, works)
    is_ready(window)
    window.context.set_offline(True)
    press(window, "8", "9", "7", "Enter")
    expect(shown(window)).to_have_text("2")
    close_round(round=Round.objects.get(), actor=None)
    window.context.set_offline(False)
    refused = window.locator("[data-refused] li")
    expect(refused).to_have_count(1)
    window.reload()
    expect(refused).to_have_count(1)
    refused.get_by_role("button").click()
    expect(refused).to_have_count(0)
    assert scored() == [[5, 5, 5]]


def test_two_tabs_do_not_overwrite_each_other_in_silence(window, sign_in):
    works = assigned(2)
    open_room(window, sign_in, works)
    saved_as(works[0], 3, 3, 3)  # the other tab
    press(window, "8", "9", "7", "Enter")
    refused = window.locator("[data-refused] li")
    expect(refused).to_contain_text("3")
    assert scored() == [[3, 3, 3]]
    refused.get_by_role("link").click()
    expect(shown(window)).to_have_text("1")
    expect(window.locator("input[type=radio]:checked")).to_have_count(3)
    press(window, "Enter")  # knowing what is there
    expect_scored([[8, 9, 7]])
    expect(refused).to_have_count(0)


def test_the_last_sheet_is_taken_back_by_a_key_and_can_be_mended(window, sign_in):
    works = assigned(3)
    open_room(window, sign_in, works)
    press(window, "8", "9", "7", "Enter")
    expect_scored([[8, 9, 7]])
    expect(shown(window)).to_have_text("2")
    press(window, "z")
    expect(shown(window)).to_have_text("1")
    expect_scored([])
    expect(window.locator("input[type=radio]:checked")).to_have_count(3)
    expect(window.locator(".room__progress span")).to_have_text("0 / 3")
    window.locator("input[name=score-story][value='6']").check(force=True)
    press(window, "Enter")
    expect_scored([[8, 9, 6]])
    assert (lines("save"), lines("take_back")) == (2, 1)


def test_a_change_taken_back_is_what_it_was_before(window, sign_in):
    works = assigned(2)
    saved_as(works[0], 3, 4, 5)
    open_room(window, sign_in, works)
    press(window, "8", "9", "7", "Enter")
    expect_scored([[8, 9, 7]])
    press(window, "z")
    expect_scored([[3, 4, 5]])
    expect(shown(window)).to_have_text("1")


def test_a_judge_stands_aside_by_a_key(window, sign_in):
    works = assigned(3)
    open_room(window, sign_in, works)
    press(window, "x", "Tab")
    window.keyboard.type("我的学生")
    press(window, "Enter")
    expect(shown(window)).to_have_text("2")
    recusal = Recusal.objects.get()
    assert (recusal.entry, recusal.judge) == (works[0].entry, works[0].judge)
    assert recusal.reason.endswith(": 我的学生")
    expect(window.locator(".room__progress span")).to_have_text("0 / 2")


def test_the_next_work_and_its_picture_are_there_before_the_line_is_needed(window, sign_in):
    open_room(window, sign_in, assigned(2))
    is_ready(window)
    window.context.set_offline(True)
    press(window, "8", "9", "7", "Enter")
    expect(shown(window)).to_have_text("2")
    picture = window.locator(".stage .picture img")
    wait_for(lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"))

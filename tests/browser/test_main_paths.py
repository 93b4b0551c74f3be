"""The four people who make a competition, each on their main path, in a real browser.

Elements are found by what they are, not by what they say: the site speaks two languages.
"""

from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from competition.awards.models import AwardList
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from competition.judging.services import StandingLine, add_judge, freeze_standings
from portal.accounts.groups import ORGANISERS, add_to_group
from portal.accounts.models import User
from portal.pages.services import create_site
from tests import factories
from tests.browser.conftest import expect_to_fit
from voting.models import Ballot

SAVE, SUBMIT = ".work-form__texts button[value=save]", "button[name=do][value=submit]"
FORM_BUTTON = "main form button[type=submit], main form button:not([type])"


@pytest.fixture
def photo(tmp_path):
    """A real photo as a phone makes it."""
    path = tmp_path / "李四_13800000000.jpg"
    Image.effect_noise((1600, 1200), 80).convert("RGB").save(path, quality=85)
    return path


def test_an_entrant_registers_uploads_a_photo_and_submits(
    page, photo, run_worker, link_in_last_mail
):
    section = factories.SectionFactory()
    factories.open_phase(section.edition, "call")

    page.goto(reverse("account_signup"))
    page.fill("[name=last_name]", "李")
    page.fill("[name=first_name]", "四")
    page.fill("[name=email]", "lisi@example.org")
    page.fill("[name=password1]", "a long enough secret 7")
    page.locator(FORM_BUTTON).click()
    page.wait_for_url(f"**{reverse('account_email_verification_sent')}")

    page.goto(urlsplit(link_in_last_mail()).path)
    page.locator(FORM_BUTTON).click()
    page.wait_for_url(lambda url: "confirm-email" not in url)

    page.goto(reverse("my"))
    if page.locator("[name=login]").count():
        page.fill("[name=login]", "lisi@example.org")
        page.fill("[name=password]", "a long enough secret 7")
        page.locator(FORM_BUTTON).first.click()
        page.wait_for_url(f"**{reverse('my')}")

    page.click(f"a[href='{reverse('organisation-create')}']")
    page.fill("[name=name]", "远帆船舶工程有限公司")
    page.locator(FORM_BUTTON).click()
    page.wait_for_url(f"**{reverse('my')}")

    page.click(f"a[href='{reverse('entry-create', args=[section.pk])}']")
    page.fill("[name=title]", "晨雾中的船坞")
    page.fill("[name=author_names]", "李四")
    page.set_input_files("#files-input", photo)
    page.click(SAVE)
    page.wait_for_url("**/edit/**")
    expect(page.locator("[data-frames] li")).to_have_count(1)
    expect(page.locator("[data-frames] li[data-state=received]")).to_have_count(1)

    run_worker()
    expect(page.locator("[data-frames] li[data-state=ready] .picture img")).to_be_visible()
    page.check("[name=ai_use][value=none]")
    page.check("[name=portraits][value=none]")
    page.check("#accepts-rights")
    page.click(SUBMIT)
    expect(page.locator(".badge--submitted").first).to_be_visible()

    entry = Entry.objects.get()
    assert (entry.state, entry.title, entry.number) == ("submitted", "晨雾中的船坞", "P-000001")
    assert entry.created_by == User.objects.get(email="lisi@example.org")


def test_a_judge_scores_by_keyboard(page, sign_in, draw):
    section = factories.SectionFactory()
    edition = section.edition
    factories.open_phase(edition, "judging")
    for code in ["theme", "artistry", "story"]:
        factories.CriterionFactory(edition=edition, code=code)
    round = factories.RoundFactory(edition=edition)
    round.sections.add(section)
    judge = add_judge(panel=factories.PanelFactory(edition=edition), user=factories.UserFactory())
    round.panels.add(judge.panel)
    for position in (1, 2):
        entry = factories.EntryFactory(section=section, state="admitted")
        factories.AssignmentFactory(round=round, judge=judge, entry=entry, position=position)
    draw()
    sign_in(page, judge.user)

    page.goto(reverse("judging"))
    page.locator(".round--current a.button--primary").focus()
    page.keyboard.press("Enter")
    for position, keys in [("1", "897"), ("2", "665")]:
        expect(page.locator(".room__where b")).to_have_text(position)
        page.wait_for_load_state()  # its scripts have run
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('judging')}")

    assert [
        [score.value for score in card.scores.order_by("criterion__pk")]
        for card in Scorecard.objects.order_by("assignment__position")
    ] == [[8, 9, 7], [6, 6, 5]]


def test_a_voter_votes_on_a_phone(phone, root_page, draw):
    section = factories.SectionFactory()
    edition = section.edition
    factories.open_phase(edition, "voting")
    poll = factories.PollFactory(edition=edition)
    poll.sections.add(section)
    entry = factories.EntryFactory(section=section, state="admitted")
    draw()
    create_site(edition=edition)

    phone.goto("/")
    phone.goto("/gallery/")
    expect_to_fit(phone)
    phone.locator(".work-card a", has_text=entry.title).tap()
    phone.wait_for_url(f"**/works/{entry.number}/")
    phone.locator("[data-vote=ready] .vote__button").tap()
    expect(phone.locator("[data-vote=voted] .vote__button")).to_be_disabled()
    phone.reload()
    expect(phone.locator("[data-vote=voted] .vote__button")).to_be_disabled()

    assert list(Ballot.objects.values_list("entry", "void_reason")) == [(entry.pk, "")]


def test_an_organiser_publishes_the_awards(page, sign_in, root_page, draw):
    section = factories.SectionFactory()
    edition = section.edition
    factories.close_phase(edition, "judging")
    category = factories.CategoryFactory(edition=edition, source="jury")
    factories.QuotaFactory(category=category, section=section, places=1)
    best, second = (
        factories.EntryFactory(section=section, state="admitted", title=title)
        for title in ("晨雾", "暮色")
    )
    freeze_standings(
        edition=edition,
        source="jury",
        round=factories.RoundFactory(edition=edition),
        lines=[
            StandingLine(best.pk, section.pk, Decimal("9.1"), 1),
            StandingLine(second.pk, section.pk, Decimal("8.2"), 1),
        ],
        actor=None,
    )
    draw()
    create_site(edition=edition)
    organiser = factories.UserFactory()
    add_to_group(organiser, ORGANISERS)
    sign_in(page, organiser)

    page.goto(reverse("competition_awards", args=[edition.pk]))
    for step in ["propose", "confirm", "publish"]:
        page.click(f"a[href*='{step}']:visible")
        page.click(".room-confirm button[type=submit]")
        page.wait_for_url(f"**{reverse('competition_awards', args=[edition.pk])}")

    assert AwardList.objects.get().state == "published"
    page.goto("/results/")
    expect(page.locator("main")).to_contain_text(best.title)
    expect(page.locator("main")).not_to_contain_text(second.title)

"""Somebody objects on a phone, with a picture; the organiser upholds it and the next moves up."""

from decimal import Decimal

from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from competition.awards.models import AwardList, Objection
from competition.awards.notice import begin_notice
from competition.awards.services import confirm_awards, propose_awards
from competition.judging.services import StandingLine, freeze_standings
from portal.accounts.groups import ORGANISERS, add_to_group
from portal.pages.services import create_site
from portal.permissions import set_group_permissions
from tests import factories
from tests.browser.conftest import expect_to_fit


def on_notice():
    """Return two works; the first has the only award, which is on notice."""
    section = factories.SectionFactory()
    category = factories.CategoryFactory(edition=section.edition)
    factories.QuotaFactory(category=category, section=section, places=1)
    works = factories.EntryFactory.create_batch(2, section=section, state="admitted")
    freeze_standings(
        edition=section.edition,
        source="jury",
        round=factories.RoundFactory(edition=section.edition),
        lines=[
            StandingLine(work.pk, section.pk, Decimal(9 - place), 3)
            for place, work in enumerate(works)
        ],
        actor=None,
    )
    factories.open_phase(section.edition, "notice")
    award_list = propose_awards(edition=section.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    begin_notice(award_list=award_list, actor=None)
    return works


def test_from_the_notice_to_the_replacement(
    phone, page, root_page, sign_in, draw, run_worker, tmp_path
):
    set_group_permissions()
    first, second = on_notice()
    create_site(edition=first.edition)
    draw()
    proof = tmp_path / "旧报纸.jpg"
    Image.effect_noise((800, 600), 60).convert("RGB").save(proof)

    phone.goto("/")
    phone.click("a[href='/notice/'].button")
    phone.wait_for_url("**/notice/")
    expect_to_fit(phone)
    phone.click(f"a[href$='?work={first.number}']")
    expect(phone.locator("[name=work]")).to_have_value(first.number)
    expect_to_fit(phone)
    phone.select_option("[name=ground]", "authorship")
    phone.fill("[name=text]", "三年前已由他人发表。")
    phone.fill("[name=name]", "王知情")
    phone.fill("[name=email]", "reader@example.org")
    phone.set_input_files("[name=evidence]", proof)
    phone.locator("main form button").click()
    expect(phone.locator("[role=status]")).to_be_visible()
    expect_to_fit(phone)
    kept = phone.url
    run_worker()

    organiser = factories.UserFactory()
    add_to_group(organiser, ORGANISERS)
    sign_in(page, organiser)
    objection = Objection.objects.get()
    page.goto(reverse("objections:inspect", args=[objection.pk]))
    expect(page.locator(".room-frames img").first).to_be_visible()
    page.click(f"a[href='{reverse('competition_objection_uphold', args=[objection.pk])}']")
    expect(page.locator(".room-ahead")).to_contain_text(second.title)
    page.fill("[name=answer]", "经查属实，取消其拟获奖项。")
    page.locator(".room-confirm button[type=submit]").click()
    page.wait_for_url(f"**{reverse('objections:inspect', args=[objection.pk])}")

    phone.goto(kept)
    expect(phone.locator("main")).to_contain_text("经查属实")
    phone.goto("/notice/")
    expect(phone.locator(".proposed")).to_contain_text(second.title)
    expect(phone.locator(".proposed")).not_to_contain_text(first.title)
    expect(phone.locator(".answers")).to_contain_text(first.number)
    assert [award.entry for award in AwardList.objects.get().awards.all()] == [second]

"""A company comes in: registered, verified by its association, a colleague invited by a link."""

from urllib.parse import urlsplit

from django.urls import reverse
from playwright.sync_api import expect

from competition.organisations.models import Organisation
from tests import factories
from tests.browser.conftest import DESK, expect_to_fit
from tests.browser.test_main_paths import FORM_BUTTON
from tests.competition.organisations.people import manager_of, roles_in


def test_a_company_registers_is_verified_and_invites_a_colleague(
    page, phone, open_context, sign_in, link_in_last_mail
):
    association = factories.AssociationFactory()
    newcomer = factories.UserFactory()

    sign_in(page, newcomer)
    page.goto(reverse("organisation-create"))
    page.fill("[name=name]", "远帆船舶工程有限公司")
    page.select_option("[name=association]", str(association.pk))
    page.locator(FORM_BUTTON).click()
    page.wait_for_url(f"**{reverse('my')}")
    expect(page.locator(".badge--pending")).to_be_visible()
    company = Organisation.objects.get(name="远帆船舶工程有限公司")

    sign_in(phone, manager_of(association))
    phone.goto(reverse("companies"))
    expect_to_fit(phone)
    phone.locator("button[value=verify]").tap()
    expect(phone.locator(".people .badge--verified")).to_be_visible()

    page.goto(reverse("my"))
    expect(page.locator(".badge--pending")).to_have_count(0)
    page.click(f"a[href='{reverse('organisation-members', args=[company.pk])}']")
    page.locator("aside button").click()
    link = page.locator(".invitation-link").inner_text()

    guest = open_context(DESK).new_page()
    guest.goto(urlsplit(link).path)
    guest.click(f"main a[href^='{reverse('account_signup')}?next=']")
    guest.fill("[name=last_name]", "李")
    guest.fill("[name=first_name]", "四")
    guest.fill("[name=email]", "lisi@example.org")
    guest.fill("[name=password1]", "a long enough secret 7")
    guest.locator(FORM_BUTTON).click()
    guest.wait_for_url(f"**{reverse('account_email_verification_sent')}")
    guest.goto(urlsplit(link_in_last_mail()).path)
    guest.locator(FORM_BUTTON).click()
    guest.wait_for_url(lambda url: "confirm-email" not in url)
    if "/invitations/" not in guest.url:
        guest.goto(reverse("account_login") + f"?next={urlsplit(link).path}")
        if guest.locator("[name=login]").count():
            guest.fill("[name=login]", "lisi@example.org")
            guest.fill("[name=password]", "a long enough secret 7")
            guest.locator(FORM_BUTTON).first.click()
    guest.wait_for_url(f"**{urlsplit(link).path}")
    guest.locator(FORM_BUTTON).click()
    guest.wait_for_url(f"**{reverse('my')}")
    assert {user.email: role for user, role in roles_in(company).items()} == {
        newcomer.email: "manager",
        "lisi@example.org": "contributor",
    }

    guest.goto(urlsplit(link).path)
    expect(guest.locator("main form")).to_have_count(0)

"""Registering, confirming, signing in, a new password, signing out."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from portal.accounts.groups import (
    ORGANISERS,
    add_to_group,
    group_names,
    is_organiser,
)
from portal.accounts.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "a long enough secret 7"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def person(**fields):
    return {
        "last_name": "李",
        "first_name": "四",
        "email": "LiSi@Example.org",
        "password1": SECRET,
    } | fields


def link_in_last_mail():
    return urlsplit(re.search(r"https?://\S+", mail.outbox[-1].body).group()).path


def test_a_person_registers_confirms_and_signs_in(client):
    sent = client.post(reverse("account_signup"), person())
    assert sent.headers["Location"] == reverse("account_email_verification_sent")
    user = User.objects.get()
    assert (user.email, str(user), user.language) == ("lisi@example.org", "李四", "zh-hans")

    sign_in = {"login": "lisi@example.org", "password": SECRET}
    client.logout()
    assert client.post(reverse("account_login"), sign_in).headers["Location"] == reverse(
        "account_email_verification_sent"
    )
    assert client.get(reverse("my")).status_code == 302  # not confirmed: not signed in

    client.post(link_in_last_mail())
    client.logout()
    answer = client.post(reverse("account_login"), sign_in)
    assert answer.headers["Location"] == reverse("my")
    assert client.get(reverse("my")).status_code == 200


def test_who_registers_in_english_gets_english_mails(client):
    with translation.override("en"):
        url = reverse("account_signup")
    client.post(url, person())
    assert User.objects.get().language == "en"
    assert mail.outbox[-1].subject == "Please confirm your e-mail address"


def test_a_taken_address_is_not_told_to_whoever_tries_it(client):
    UserFactory(email="lisi@example.org")
    answer = client.post(reverse("account_signup"), person())
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123"])
def test_a_weak_password_is_refused(client, password):
    client.post(reverse("account_signup"), person(password1=password))
    assert not User.objects.exists()


def test_a_forgotten_password_is_replaced_by_a_link(client):
    user = UserFactory(email="lisi@example.org")
    client.post(reverse("account_reset_password"), {"email": user.email})
    form = client.get(link_in_last_mail(), follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": SECRET, "password2": SECRET},
    )
    user.refresh_from_db()
    assert user.check_password(SECRET)


def test_signing_out_takes_a_post(client):
    client.force_login(UserFactory())
    client.get(reverse("account_logout"))
    assert client.get(reverse("my")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("my")).status_code == 302


def test_guessing_a_password_is_slowed_down(client):
    user = UserFactory()
    url = reverse("account_login")
    answers = [client.post(url, {"login": user.email, "password": f"wrong {n}"}) for n in range(7)]
    assert answers[0].status_code == 200
    # Even the right one does not help any more.
    last = client.post(url, {"login": user.email, "password": PASSWORD})
    assert last.status_code in (200, 429)
    assert client.get(reverse("my")).status_code == 302


PAGES = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_email_verification_sent",
    "account_inactive",
]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_wears_the_sites_clothes(client, name, language):
    with translation.override(language):
        url = reverse(name)
    page = client.get(url).content.decode()
    assert "css/site.css" in page
    assert re.search(r'<h1 class="page-title">\s*\S', page)
    assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=", page)


@pytest.mark.parametrize("name", ["account_change_password", "account_email", "account_logout"])
def test_so_does_every_page_of_the_own_account(client, name):
    client.force_login(UserFactory())
    page = client.get(reverse(name)).content.decode()
    assert "css/site.css" in page
    assert '<h1 class="page-title">' in page


def test_a_dead_link_says_what_to_do(client):
    page = client.get(reverse("account_confirm_email", args=["x"])).content.decode()
    assert reverse("account_login") in page


def test_groups_are_made_when_they_are_needed():
    user = UserFactory()
    assert not is_organiser(user)
    add_to_group(user, ORGANISERS)
    add_to_group(user, ORGANISERS)
    assert group_names(user) == {ORGANISERS}
    assert is_organiser(user)


def test_who_is_an_organiser():
    assert is_organiser(UserFactory(is_superuser=True))
    assert not is_organiser(AnonymousUser())
    assert not is_organiser(UserFactory(is_superuser=True, is_active=False))

"""Wagtail's form of people works with a person known by e-mail."""

import pytest
from django.urls import reverse

from portal.accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "long enough 2027"


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


def test_a_superuser_makes_a_person_and_changes_one(admin):
    person = {"email": "Wang@example.org", "last_name": "王", "first_name": "五", "groups": []}
    page = admin.get(reverse("wagtailusers_users:add"))
    assert page.status_code == 200
    admin.post(
        reverse("wagtailusers_users:add"), person | {"password1": PASSWORD, "password2": PASSWORD}
    )
    made = User.objects.get(email__iexact="wang@example.org")
    assert made.check_password(PASSWORD)
    url = reverse("wagtailusers_users:edit", args=[made.pk])
    assert admin.get(url).status_code == 200
    admin.post(url, person | {"first_name": "六", "is_active": "on", "password1": ""})
    made.refresh_from_db()
    assert (made.first_name, made.check_password(PASSWORD)) == ("六", True)


def test_the_list_of_people_opens_and_searches_by_address(admin):
    found = UserFactory(email="needle@example.org")
    response = admin.get(reverse("wagtailusers_users:index") + "?q=needle")
    assert list(response.context["object_list"]) == [found]


def test_an_organiser_does_not_reach_accounts(organiser):
    assert organiser.get(reverse("wagtailusers_users:index")).status_code in (302, 403)
    assert organiser.get(reverse("wagtailusers_users:add")).status_code in (302, 403)

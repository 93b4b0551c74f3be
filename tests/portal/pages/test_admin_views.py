"""An organiser puts an edition on the site with one press."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.groups import ENTRANTS, ORGANISERS, add_to_group
from portal.pages.models import GalleryPage, HomePage
from portal.permissions import set_group_permissions
from tests.factories import EditionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def press():
    """Sign in as one of a group and press the button of an edition."""
    set_group_permissions()

    def press_as(group, edition):
        client = Client()
        user = UserFactory()
        add_to_group(user, group)
        client.force_login(user)
        return client.post(reverse("pages_show_edition", args=[edition.pk]))

    return press_as


def test_the_front_page_shows_the_edition_and_earlier_ones_have_an_archive(press):
    earlier, edition = EditionFactory(slug="first"), EditionFactory(slug="second")
    assert press(ORGANISERS, edition).status_code == 302
    assert {page.edition for page in HomePage.objects.all()} == {edition}
    galleries = GalleryPage.objects.filter(locale__language_code="zh-hans")
    assert dict(galleries.values_list("slug", "edition")) == {
        "gallery": edition.pk,
        f"gallery-{earlier.slug}": earlier.pk,
    }


def test_who_is_no_organiser_can_not(press):
    assert press(ENTRANTS, EditionFactory()).status_code == 302
    assert not HomePage.objects.exists()

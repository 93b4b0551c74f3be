"""The tree of pages, built and built again."""

import pytest
from wagtail.models import Locale, Page, Site

from portal.pages.models import CallPage, GalleryPage, HomePage, ResultsPage
from portal.pages.services import create_site
from tests.factories import EditionFactory

PATHS = {"/", "/call/", "/gallery/", "/notice/", "/results/", "/news/"}


def public_paths() -> set[str]:
    return {page.url for page in Page.objects.live() if page.url}


def test_the_same_pages_exist_in_both_languages(edition, client):
    create_site(edition=edition)

    assert public_paths() == PATHS | {f"/en{path}" for path in PATHS}
    assert {client.get(path).status_code for path in public_paths()} == {200}


def test_each_page_is_the_translation_of_the_other(edition):
    home = create_site(edition=edition)
    english = Locale.objects.get(language_code="en")

    for page in Page.objects.descendant_of(home, inclusive=True):
        assert page.get_translation(english).url == f"/en{page.url}"


def test_building_again_adds_nothing_and_keeps_what_editors_wrote(edition):
    home = create_site(edition=edition)
    call = CallPage.objects.child_of(home).get()
    call.title = "我们的征集"
    call.save_revision().publish()
    before = set(Page.objects.values_list("pk", flat=True))

    create_site(edition=edition)

    assert set(Page.objects.values_list("pk", flat=True)) == before
    assert Page.objects.get(pk=call.pk).title == "我们的征集"


@pytest.mark.parametrize("year", ["2026", "2027"])
def test_an_unpublished_draft_stays_where_its_editor_finds_it(edition, year):
    home = create_site(edition=edition)
    call = CallPage.objects.child_of(home).get()
    call.title = "写到一半的征集"
    call.save_revision()
    shown = edition if year == "2026" else EditionFactory(slug=year)

    create_site(edition=shown)

    call = CallPage.objects.child_of(home).get()
    draft = call.get_latest_revision_as_object()
    assert (call.title, call.edition, call.has_unpublished_changes) == ("作品征集", shown, True)
    assert (draft.title, draft.edition) == ("写到一半的征集", shown)


def test_every_page_tells_when_it_was_published(edition):
    home = create_site(edition=edition)

    assert not Page.objects.descendant_of(home).filter(first_published_at=None).exists()
    assert not Page.objects.descendant_of(home).filter(last_published_at=None).exists()


def test_next_year_the_pages_turn_to_the_new_edition_and_the_old_one_is_archived(edition):
    create_site(edition=edition)
    following = EditionFactory(slug="2027")

    create_site(edition=following, archive=[edition])

    assert set(HomePage.objects.values_list("edition__slug", flat=True)) == {"2027"}
    assert set(
        GalleryPage.objects.values_list("slug", "edition__slug", "locale__language_code")
    ) == {
        ("gallery", "2027", "zh-hans"),
        ("gallery", "2027", "en"),
        ("gallery-2026", "2026", "zh-hans"),
        ("gallery-2026", "2026", "en"),
    }
    assert set(ResultsPage.objects.values_list("slug", flat=True)) == {"results", "results-2026"}
    assert not Page.objects.filter(slug="gallery-2026").in_menu().exists()


def test_wagtails_welcome_page_makes_room_and_the_site_is_known_by_its_address(edition, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://photo.example.org"
    home = create_site(edition=edition)

    site = Site.objects.get()
    assert (site.hostname, site.port, site.root_page_id) == ("photo.example.org", 443, home.pk)
    assert set(Page.objects.filter(depth=2).values_list("slug", flat=True)) == {"zh-hans", "en"}

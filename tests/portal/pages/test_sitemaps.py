"""What search engines are told of."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competition.entries.models import Entry
from portal.pages.models import GalleryPage
from portal.pages.sitemaps import WorksSitemap
from tests.factories import open_phase

pytestmark = pytest.mark.usefixtures("site")
HALLS = ["/gallery/", "/en/gallery/"]
PAGES = ["/", "/call/", "/gallery/", "/notice/", "/results/", "/news/"]


def places_in(client: Client, address: str) -> list[str]:
    """Return the paths, with their queries, that an answer lists."""
    text = client.get(address).content.decode()
    parts = [urlsplit(place) for place in re.findall("<loc>([^<]+)</loc>", text)]
    return [f"{part.path}?{part.query}" if part.query else part.path for part in parts]


def sitemap_paths(client: Client) -> list[str]:
    """Return every path that search engines are told of, by way of the index."""
    sections = places_in(client, "/sitemap.xml")
    return [path for section in sections for path in places_in(client, section)]


def works_sitemaps() -> list[str]:
    """Return the addresses of the Chinese gallery's and the English one's."""
    pages = GalleryPage.objects.order_by("-locale__language_code")
    return [f"/sitemap-works-{page.pk}.xml" for page in pages]


@pytest.fixture
def on_show(edition, make_works):
    open_phase(edition, "voting")
    return make_works(3)


def test_robots_find_by_the_index_every_public_page_and_work_once(client, on_show):
    assert "Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").content.decode()
    pages = [f"{language}{path}" for language in ("", "/en") for path in PAGES]
    works = [f"{hall}works/{work.number}/" for hall in HALLS for work in on_show]
    assert sorted(sitemap_paths(client)) == sorted(pages + works)


def test_works_come_in_portions(client, on_show, monkeypatch):
    monkeypatch.setattr(WorksSitemap, "limit", 2)
    chinese, english = works_sitemaps()
    index = places_in(client, "/sitemap.xml")
    halves = [(one, f"{one}?p=2") for one in (chinese, english)]
    assert index == ["/sitemap-pages.xml", *halves[0], *halves[1]]
    assert [len(places_in(client, section)) for section in index] == [12, 2, 1, 2, 1]


def test_a_work_comes_with_the_day_of_its_last_change(client, on_show):
    Entry.objects.filter(pk=on_show[0].pk).update(updated_at="2026-03-04T05:00:00Z")
    text = client.get(works_sitemaps()[0]).content.decode()
    assert text.count("<lastmod>2026-03-04</lastmod>") == 1


def test_before_a_gallery_opens_its_works_have_no_sitemap(client, make_works):
    make_works(1)
    assert places_in(client, "/sitemap.xml") == ["/sitemap-pages.xml"]
    assert [client.get(one).status_code for one in works_sitemaps()] == [404, 404]


@pytest.mark.parametrize("asked", ["?p=2", "?p=x%00", "?p=-1"])
def test_a_portion_that_is_not_there_answers_404(client, on_show, asked):
    assert client.get(works_sitemaps()[0] + asked).status_code == 404


@pytest.mark.parametrize("asked", ["other", "works", "works-0"])
def test_a_section_that_is_not_there_answers_404(client, on_show, asked):
    assert client.get(f"/sitemap-{asked}.xml").status_code == 404


def test_more_works_cost_no_more_queries(client, on_show, make_works):
    def queries():
        counts = []
        for address in ("/sitemap.xml", works_sitemaps()[0]):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            counts.append(len(captured))
        return counts

    queries()  # sites and locales are remembered from now on
    before = queries()
    make_works(3)
    assert queries() == before

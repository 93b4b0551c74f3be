"""What search engines are told of."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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
    monkeypatch.setattr(WorksSitemap, "limit", 4)
    index = places_in(client, "/sitemap.xml")
    assert index == ["/sitemap-pages.xml", "/sitemap-works.xml", "/sitemap-works.xml?p=2"]
    assert [len(places_in(client, section)) for section in index] == [12, 4, 2]


def test_a_work_comes_with_the_day_of_its_last_change(client, on_show):
    changed = on_show[0].updated_at.date().isoformat()
    text = client.get("/sitemap-works.xml").content.decode()
    assert text.count(f"<lastmod>{changed}</lastmod>") == 6


def test_before_the_gallery_opens_no_work_is_told_of(client, make_works):
    make_works(1)
    assert places_in(client, "/sitemap-works.xml") == []


@pytest.mark.parametrize("address", ["-other.xml", "-works.xml?p=2", "-works.xml?p=x%00"])
def test_what_is_not_there_answers_404(client, on_show, address):
    assert client.get(f"/sitemap{address}").status_code == 404


def test_more_works_cost_no_more_queries(client, on_show, make_works):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/sitemap-works.xml").status_code == 200
        return len(captured)

    queries()
    before = queries()
    make_works(3)
    assert queries() == before

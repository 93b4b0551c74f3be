"""The results' pages before and after their hour."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext, override

from media_processing.storage import derivatives
from portal.pages import picture_views, yearbook
from portal.pages.services import create_site
from portal.pages.statistics import edition_statistics, first_and_others
from tests.factories import (
    AwardListFactory,
    BallotFactory,
    CategoryFactory,
    CompanyFactory,
    EditionFactory,
    EntryFactory,
    FrameFactory,
    HonourFactory,
    PollFactory,
    SectionFactory,
    open_phase,
    published,
)
from tests.portal.pages.test_poster import picture

pytestmark = pytest.mark.usefixtures("site")

BELOW = ["/results/expert/", "/results/statistics/", "/results-pictures/2026.jpg"]


@pytest.fixture
def works(edition, make_works):
    """Works that can be seen, of which none is awarded yet; the first has a picture."""
    open_phase(edition, "published")
    made = make_works(3)
    still = made[0].frames.get().asset.derivatives.get(width=640)
    still.file = derivatives().save("ab/mosaic-test.webp", ContentFile(picture()))
    still.save()
    return made


@pytest.fixture
def award_list(edition, works):
    """The first work wins, in an hour."""
    hour = timezone.now() + timedelta(hours=1)
    made = published(AwardListFactory(edition=edition), hour)
    category = CategoryFactory(edition=edition, title_en="Expert-recommended works")
    made.awards.create(category=category, entry=works[0], rank=1)
    return made


@pytest.fixture
def after(award_list):
    """The hour has come."""
    published(award_list)
    return award_list


def text_of(response) -> str:
    return response.content.decode()


def queries(show):
    show()
    with CaptureQueriesContext(connection) as captured:
        show()
    return len(captured)


def graph_of(response):
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text_of(response))
    return json.loads(block[1])["@graph"]


class TestTheHour:
    @pytest.mark.parametrize("path", [*BELOW, *(f"/en{path}" for path in BELOW)])
    def test_opens_what_answers_404_before_it(self, client, award_list, works, path):
        with time_machine.travel(award_list.published_at - timedelta(seconds=1), tick=False):
            assert client.get(path).status_code == 404
        with time_machine.travel(award_list.published_at, tick=False):
            response = client.get(path)
            assert response.status_code == 200
            response.getvalue()

    def test_brings_feed_sitemap_work_and_results(self, client, award_list, works):
        work_page = f"/gallery/works/{works[0].number}/"
        hour = award_list.published_at
        found = []
        for moment in (hour - timedelta(seconds=1), hour):
            with time_machine.travel(moment, tick=False):
                texts = [
                    text_of(client.get(path))
                    for path in ("/feeds/results/", "/sitemap-pages.xml", work_page, "/results/")
                ]
            marks = (works[0].number, "/results/expert/", "award-mark", 'id="expert"')
            found.append([mark in text for mark, text in zip(marks, texts, strict=True)])
        assert found == [[False] * 4, [True] * 4]

    def test_the_picture_is_not_drawn_before_it(self, client, award_list, monkeypatch):
        drawn = []
        monkeypatch.setattr(
            picture_views.mosaic, "draw", lambda text, pictures: drawn.append(text) or b"jpg"
        )
        client.get("/results-pictures/2026.jpg")
        assert drawn == []


class TestTheFirstPage:
    def test_shows_categories_sections_honours_and_what_the_organiser_says(
        self, client, edition, after, works
    ):
        HonourFactory(edition=edition, organisation__name="青江市协会")
        page = text_of(client.get("/en/results/"))
        for text in ("Expert-recommended works", works[0].author_names, "青江市协会"):
            assert text in page
        assert works[1].title not in page
        assert (
            'property="og:image" content="http://testserver/en/results-pictures/2026.jpg"' in page
        )

    def test_honours_are_not_told_before(self, client, edition, award_list):
        HonourFactory(edition=edition, organisation__name="青江市协会")
        assert "青江市协会" not in text_of(client.get("/results/"))

    def test_shows_a_row_of_each_section_when_there_are_many(
        self, client, after, works, make_works, monkeypatch
    ):
        monkeypatch.setattr(yearbook, "ON_ONE_PAGE", 5)
        category = after.awards.get().category
        for rank, work in enumerate(make_works(5), 2):
            after.awards.create(category=category, entry=work, rank=rank)
        section = works[0].section
        page = text_of(client.get("/results/"))
        assert page.count('class="work-card"') == yearbook.A_ROW
        assert f'href="/results/expert/#section-{section.pk}"' in page
        assert text_of(client.get("/results/expert/")).count('class="work-card"') == 6

    @pytest.mark.parametrize("path", ["/results/", "/results/expert/", "/feeds/results/"])
    def test_costs_the_same_queries_with_1_and_3_awards(self, client, after, works, path):
        client.get(path)  # what a cache keeps is in it from then on
        one = queries(lambda: client.get(path))
        for rank, work in enumerate(works[1:], 2):
            after.awards.create(category=after.awards.first().category, entry=work, rank=rank)
        assert queries(lambda: client.get(path)) == one

    def test_tells_search_engines_the_works_in_order(self, client, after, works):
        (listed,) = (one for one in graph_of(client.get("/results/")) if one["@type"] == "ItemList")
        assert listed["itemListElement"] == [
            {
                "@type": "ListItem",
                "position": 1,
                "name": works[0].title,
                "url": f"http://testserver/gallery/works/{works[0].number}/",
            }
        ]


class TestTheArchive:
    def test_shows_published_editions_only_at_constant_queries(self, client, edition, after):
        newest = EditionFactory(slug="2030", title="2030 摄影展")
        hidden = EditionFactory(slug="2029", title="2029 摄影展")
        create_site(edition=newest, archive=[edition, hidden])
        page = text_of(client.get("/results/"))
        assert 'href="/results-2026/"' in page
        assert "2029" not in page
        one = queries(lambda: client.get("/results/"))
        for slug in ("2027", "2028"):
            work = EntryFactory(section__edition__slug=slug, state="admitted")
            made = published(AwardListFactory(edition=work.edition))
            category = CategoryFactory(edition=work.edition)
            made.awards.create(category=category, entry=work, rank=1)
            create_site(edition=newest, archive=[work.edition])
        assert queries(lambda: client.get("/results/")) == one
        assert text_of(client.get("/results/")).count('class="archive__edition"') == 3


class TestTheWorksPage:
    def test_has_its_award_and_leads_to_the_results(self, client, after, works):
        page = client.get(f"/en/gallery/works/{works[0].number}/")
        assert 'class="award-mark" href="/en/results/expert/"' in text_of(page)
        (work, _way) = graph_of(page)
        assert work["award"] == ["Expert-recommended works · Exhibition 2026"]
        assert "award-mark" not in text_of(client.get(f"/gallery/works/{works[1].number}/"))

    def test_names_nobody_to_search_engines_while_judges_read_blind(self, client, edition, works):
        open_phase(edition, "judging")
        (work, _way) = graph_of(client.get(f"/gallery/works/{works[0].number}/"))
        assert "creator" not in work
        assert "copyrightNotice" not in work

    def test_a_hostile_title_stays_text(self, client, after, works):
        works[0].title = "</script><script>alert(1)</script>"
        works[0].save()
        page = client.get(f"/gallery/works/{works[0].number}/")
        assert "<script>alert(1)" not in text_of(page)
        assert graph_of(page)[0]["name"] == works[0].title


class TestStatistics:
    def test_count_what_took_part(self, edition, section, after, works):
        series = SectionFactory(edition=edition, kind="photo_series", title="组照", position=1)
        company = CompanyFactory(association=None, province="东海省")
        work = EntryFactory(section=series, state="rejected", organisation=company)
        FrameFactory(entry=work, position=2)
        EntryFactory(section=section, state="withdrawn")
        EntryFactory(section=section, state="draft")
        poll = PollFactory(edition=edition)
        for status in (0, 0, 1, 2):
            code = "" if status == 0 else "rate"
            reason = "x" if status == 2 else ""
            BallotFactory(poll=poll, entry=works[0], status=status, code=code, void_reason=reason)
        found = edition_statistics(edition)
        assert found.sections == [("单幅照片", 3), ("组照", 1)]
        assert found.pictures == [("单幅照片", 3), ("组照", 2)]
        assert found.provinces == [("东海省", 1), (gettext("Not given"), 3)]
        assert (found.organisations, found.association_count) == (4, 3)
        assert [count for _label, count in found.funnel] == [4, 3, 1]
        assert found.works_by_day == {timezone.localdate(): 4}
        assert found.votes == 2

    def test_name_the_largest_and_count_the_others(self):
        counts = [("甲", 1), ("乙", 5), ("丙", 3), ("丁", 2)]
        with override("en"):
            assert first_and_others(counts, 2) == [("乙", 5), ("丙", 3), ("2 others", 3)]
        assert first_and_others(counts, 3) == [("乙", 5), ("丙", 3), ("丁", 2), ("甲", 1)]

    def test_cost_constant_queries(self, client, edition, section, after):
        one = queries(lambda: edition_statistics(edition))
        EntryFactory.create_batch(3, section=section, state="admitted")
        assert queries(lambda: edition_statistics(edition)) == one

    def test_stand_as_drawings_with_the_same_numbers_as_tables(self, client, after):
        page = text_of(client.get("/en/results/statistics/"))
        drawings = page.count('<svg role="img"')
        assert drawings == page.count('<details class="chart__table">') == page.count("<desc") > 3
        assert " style=" not in page


class TestThePicture:
    def test_is_drawn_once_of_the_awarded_works(self, client, after):
        response = client.get("/results-pictures/2026.jpg")
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.getvalue()[:3] == b"\xff\xd8\xff"
        before = set(default_storage.listdir("mosaics")[1])
        client.get("/results-pictures/2026.jpg").getvalue()
        assert set(default_storage.listdir("mosaics")[1]) == before


class TestFeeds:
    @pytest.mark.parametrize(
        ("prefix", "title"), [("", "专家推荐作品"), ("/en", "Expert-recommended works")]
    )
    def test_have_an_item_for_each_awarded_work(self, client, after, works, prefix, title):
        channel = ElementTree.fromstring(client.get(f"{prefix}/feeds/results/").content)[0]
        (item,) = channel.findall("item")
        assert item.findtext("title") == f"{works[0].title} · {title}"
        assert item.findtext("link") == (
            f"http://testserver{prefix}/gallery/works/{works[0].number}/"
        )
        assert works[0].author_names in item.findtext("description")

    def test_of_results_are_empty_before(self, client, award_list):
        assert b"<item>" not in client.get("/feeds/results/").content

    def test_every_page_leads_to_them(self, client):
        page = text_of(client.get("/en/news/"))
        assert re.findall(r'type="application/rss\+xml" title="[^"]*" href="([^"]*)"', page) == [
            "/en/feeds/news/",
            "/en/feeds/results/",
        ]

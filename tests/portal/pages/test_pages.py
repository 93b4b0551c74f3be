"""The public pages as a visitor's browser gets them."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from media_processing.models import MediaAsset
from portal.pages.models import ArticlePage, HomePage, NewsPage
from portal.pages.services import create_site
from tests.factories import (
    CategoryFactory,
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    FrameFactory,
    PollFactory,
    QuotaFactory,
    SectionFactory,
    UserFactory,
    close_phase,
    open_phase,
)
from tests.portal.pages.test_exhibition import publish
from tests.portal.pages.test_sitemaps import places_in, sitemap_paths

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def on_show(edition, section, make_works):
    """Two works, of which one is a series, in an open vote; judging goes on; some news."""
    for kind in ("call", "judging", "voting"):
        open_phase(edition, kind)
    photo, series = make_works(2)
    FrameFactory(entry=series, position=2, caption="第二幅的说明")
    for work, name in ((photo, "李明远"), (series, "赵雪")):
        work.author_names, work.credit_line = name, f"摄影：{name}"
        work.save()
    PollFactory(edition=edition).sections.add(section)
    CriterionFactory(edition=edition, code="theme", title="主题性", weight=3)
    CriterionFactory(edition=edition, code="story", title="故事性", weight=1)
    QuotaFactory(category=CategoryFactory(edition=edition), section=section, places=12)
    news = NewsPage.objects.get(locale__language_code="zh-hans")
    news.add_child(
        instance=ArticlePage(
            title="巡展开幕", slug="opening", published_on="2026-05-01", body="<p>正文</p>"
        )
    )
    return photo, series


def paths_of(works) -> list[str]:
    first = ["/", "/call/", "/gallery/", "/gallery/credits/", "/notice/", "/results/", "/news/"]
    first += [f"/gallery/works/{work.number}/" for work in works]
    return first + [f"/en{path}" for path in first] + ["/news/opening/"]


class Inline(HTMLParser):
    """Collects what a strict content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        is_data = ("type", "application/ld+json") in attrs  # a data block: no browser runs it
        if tag == "style" or (tag == "script" and "src" not in names and not is_data):
            self.found.append(f"<{tag}>")
        self.found += [name for name in names if name == "style" or name.startswith("on")]


def text_of(response) -> str:
    return response.content.decode()


def test_every_page_is_there_in_both_languages_with_nothing_inline_and_a_strict_policy(
    client, on_show
):
    for path in paths_of(on_show):
        response = client.get(path)
        assert response.status_code == 200, path
        inline = Inline()
        inline.feed(text_of(response))
        assert inline.found == [], path
        assert "'unsafe" not in response["Content-Security-Policy"], path


def test_every_page_has_one_title_and_headings_in_order(client, on_show):
    for path in paths_of(on_show):
        page = text_of(client.get(path))
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert not re.search(r"<img(?![^>]* alt=)", page), path


def test_a_page_links_to_itself_in_the_other_language(client, on_show):
    for path in paths_of(on_show)[:6]:
        for here, there, tag in ((path, f"/en{path}", "en"), (f"/en{path}", path, "zh-Hans")):
            page = text_of(client.get(here))
            assert f'<a href="{there}" lang="{tag}"' in page
            assert f'hreflang="{tag}" href="http://testserver{there}"' in page
            assert f'<link rel="canonical" href="http://testserver{here}">' in page


def test_where_a_page_is_not_translated_the_link_leads_to_the_front_page(client, on_show):
    page = text_of(client.get("/news/opening/"))
    assert '<a href="/en/" lang="en"' in page
    assert 'rel="alternate" hreflang="en"' not in page


def test_the_menu_marks_where_one_is(client, on_show):
    assert '<a href="/gallery/" aria-current="page">' in text_of(client.get("/gallery/"))
    work = client.get(f"/gallery/works/{on_show[0].number}/")
    assert '<a href="/gallery/" aria-current="true">' in text_of(work)


class TestBeforeTheVote:
    def test_the_gallery_says_when_it_opens_and_a_work_is_not_there(
        self, client, edition, make_works
    ):
        (work,) = make_works(1)
        page = text_of(client.get("/gallery/"))
        assert work.title not in page
        assert "empty-state" in page
        assert client.get(f"/gallery/works/{work.number}/").status_code == 404
        assert not [path for path in sitemap_paths(client) if work.number in path]
        assert work.title not in text_of(client.get("/"))

    def test_credits_are_not_told_either(self, client, section):
        EntryFactory(section=section, state="admitted", credit_line="摄影：李明远")
        assert "李明远" not in text_of(client.get("/gallery/credits/"))


class TestWhileJudgesReadBlind:
    def test_no_page_names_an_author_or_an_organisation(self, client, on_show):
        names = [name for work in on_show for name in (work.author_names, work.organisation.name)]
        for path in paths_of(on_show):
            if not path.endswith("/credits/"):
                page = text_of(client.get(path))
                assert [name for name in names if name in page] == [], path

    def test_no_page_tells_what_a_file_says_of_its_making(self, client, on_show):
        told = {"camera": "SECRETCAM", "lens": "NOCTILUX", "latitude": 31.234, "longitude": 121.476}
        MediaAsset.objects.update(**told, iso=98765, exposure_seconds=0.004)
        secrets = ("SECRETCAM", "NOCTILUX", "31.23", "121.4", "98765", "1/250")
        for path in [*paths_of(on_show), *places_in(client, "/sitemap.xml")]:
            page = text_of(client.get(path))
            assert [one for one in secrets if one in page] == [], path

    def test_credits_stand_together_without_the_works(self, client, on_show):
        page = text_of(client.get("/gallery/credits/"))
        assert [work.credit_line in page for work in on_show] == [True, True]
        assert [work.title in page or work.number in page for work in on_show] == [False, False]

    def test_afterwards_they_are_named(self, client, edition, on_show):
        close_phase(edition, "judging")
        photo = on_show[0]
        for path in ("/gallery/", f"/gallery/works/{photo.number}/"):
            page = text_of(client.get(path))
            assert photo.author_names in page
            assert photo.organisation.name in page
        assert photo.credit_line in page


def pages_of_numbers(client, query):
    """Return the numbers of the works on the gallery's first and second page, as shown."""
    answers = [client.get(f"/gallery/?page={page}&{query}") for page in (1, 2)]
    return [re.findall(r'id="work-([^"]+)"', text_of(answer)) for answer in answers]


class TestGallery:
    def test_is_filtered_by_section_and_search(self, client, edition, section, on_show):
        other = SectionFactory(edition=edition, title="微视频", kind="micro_video")
        video = EntryFactory(section=other, state="admitted", title="一粒麦", number="V-000001")

        def titles(query):
            page = text_of(client.get(f"/gallery/{query}"))
            return re.findall(r'class="work-card__title"><a [^>]*>([^<]+)<', page)

        everything = [work.title for work in (*on_show, video)]
        assert sorted(titles("")) == sorted(everything)
        assert titles(f"?section={other.pk}") == ["一粒麦"]
        assert titles("?q=一粒") == ["一粒麦"]
        assert titles(f"?section={section.pk}&q=一粒") == []
        assert titles("?section=x&page=zzz") == titles("")

    def test_shows_48_works_a_page_by_number_when_nobody_votes(
        self, client, edition, on_show, make_works
    ):
        close_phase(edition, "voting")
        make_works(50)
        first, second = pages_of_numbers(client, "")
        assert (len(first), len(second)) == (48, 4)
        assert first + second == sorted(first + second)

    def test_while_the_public_votes_each_visitor_keeps_an_order_of_their_own(
        self, client, on_show, make_works
    ):
        make_works(50)
        mine = pages_of_numbers(client, "")
        assert pages_of_numbers(client, "") == mine
        assert [len(page) for page in mine] == [48, 4]
        assert len({*mine[0], *mine[1]}) == 52
        others = [pages_of_numbers(Client(), "") for _ in range(4)]
        assert any(other != mine for other in others)

    def test_by_number_is_a_choice(self, client, on_show, make_works):
        make_works(50)
        first, second = pages_of_numbers(client, "order=number")
        assert first + second == sorted(first + second)

    def test_costs_the_same_queries_with_1_3_and_48_works(
        self, client, edition, section, make_works
    ):
        open_phase(edition, "voting")
        PollFactory(edition=edition).sections.add(section)
        counts = []
        for more in (1, 2, 45):
            make_works(more)
            client.get("/gallery/")  # the site's root is remembered in the cache from here on
            with CaptureQueriesContext(connection) as queries:
                response = client.get("/gallery/")
            counts.append(len(queries))
        assert response.content.count(b'class="work-card"') == 48
        assert len(set(counts)) == 1

    def test_a_search_is_shown_as_text(self, client, on_show):
        page = text_of(client.get("/gallery/", {"q": "<script>alert(1)</script>"}))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


class TestWork:
    def test_a_series_shows_every_frame_without_a_script(self, client, on_show):
        series = on_show[1]
        page = text_of(client.get(f"/gallery/works/{series.number}/"))
        assert 'id="frame-1"' in page
        assert 'id="frame-2"' in page
        assert 'href="#frame-2"' in page
        assert "第二幅的说明" in page

    @pytest.mark.parametrize(("ai_use", "is_told"), [("", 0), ("none", 0), ("generated", 1)])
    def test_tells_that_ai_had_a_part_and_not_what(self, client, on_show, ai_use, is_told):
        work = on_show[0]
        work.ai_use, work.ai_note, work.portraits = ai_use, "SECRETTOOL", "consented"
        work.save()
        page = text_of(client.get(f"/gallery/works/{work.number}/"))
        assert page.count("<dt>AI</dt>") == is_told
        assert "SECRETTOOL" not in page
        assert str(work.get_portraits_display()) not in page

    def test_tells_social_networks_its_title_and_picture(self, client, on_show):
        photo = on_show[0]
        page = text_of(client.get(f"/gallery/works/{photo.number}/"))
        assert f'<meta property="og:title" content="{photo.title}">' in page
        image = photo.frames.get().asset.derivatives.get(width=1280).file.url
        assert f'<meta property="og:image" content="http://testserver{image}">' in page

    def test_of_another_edition_or_state_is_not_there(self, client, edition, section, on_show):
        others = [
            EntryFactory(state="admitted", number="P-100001"),
            EntryFactory(section=section, state="submitted", number="P-100002"),
            EntryFactory(section=section, state="disqualified", number="P-100003"),
        ]
        for work in others:
            assert client.get(f"/gallery/works/{work.number}/").status_code == 404


class TestResults:
    def test_say_that_they_are_not_published(self, client, edition, on_show):
        page = text_of(client.get("/results/"))
        assert "empty-state" in page
        assert "award-group" not in page

    def test_show_the_published_awards_with_names_and_credits(self, client, edition, on_show):
        category = edition.award_categories.get()
        publish(edition, (category, on_show[0], 1))
        for path in ("/results/", "/en/results/"):
            page = text_of(client.get(path))
            assert category.local_title in page
            for text in (on_show[0].title, on_show[0].author_names, on_show[0].credit_line):
                assert text in page
            assert on_show[1].title not in page

    def test_cost_the_same_queries_with_1_and_3_awards(self, client, edition, on_show, make_works):
        category = edition.award_categories.get()
        publish(edition, (category, on_show[0], 1))
        award_list = category.awards.get().award_list
        counts = []
        for _ in range(2):
            client.get("/results/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/results/")
            counts.append(len(queries))
            for rank, work in enumerate(make_works(2), 2):
                award_list.awards.create(category=category, entry=work, rank=rank)
        assert counts[0] == counts[1]

    def test_of_the_archive_stay_and_the_front_page_leads_to_them(self, client, edition, on_show):
        publish(edition, (edition.award_categories.get(), on_show[0], 1))
        create_site(edition=EditionFactory(slug="2027"), archive=[edition])
        assert on_show[0].title in text_of(client.get("/results-2026/"))
        assert client.get(f"/gallery-2026/works/{on_show[0].number}/").status_code == 200
        front = text_of(client.get("/"))
        assert 'href="/results-2026/"' in front
        assert on_show[0].title in front


def test_the_call_tells_weights_places_rules_and_rights(client, edition, on_show):
    page = text_of(client.get("/call/"))
    assert [share for share in ("75%", "25%") if share in page] == ["75%", "25%"]
    assert edition.declarations.get().text in page
    assert '<td class="number">12</td>' in page


def test_an_unknown_address_answers_404_in_its_language(client, on_show):
    for path, language in (("/nothing/", "zh-Hans"), ("/en/nothing/", "en")):
        response = client.get(path)
        assert response.status_code == 404
        assert f'<html lang="{language}">' in text_of(response)


def test_a_form_without_its_token_is_explained_and_not_accepted(on_show):
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})
    assert response.status_code == 403
    assert "empty-state" in text_of(response)


def test_somebody_signed_in_signs_out_by_post(client, on_show):
    client.force_login(UserFactory())
    assert '<form method="post" action="/accounts/logout/">' in text_of(client.get("/"))


def test_without_any_page_the_sites_name_comes_from_the_settings(client, settings):
    HomePage.objects.all().delete()
    cache.clear()
    settings.SITE_NAME = "影展"
    assert "<span>影展</span>" in text_of(client.get("/accounts/login/"))

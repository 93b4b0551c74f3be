"""What the API says, to whom and when: the pages' own facts, and none before its hour."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.api.docs_views import document
from portal.api.queries import PAGES
from portal.api.schemas import (
    AwardsRecord,
    EditionRecord,
    EditionSummary,
    HonoursRecord,
    NoticeRecord,
    StatisticsRecord,
    WorkPage,
    WorkRecord,
)
from portal.pages.models import GalleryPage
from tests.factories import (
    AssetFactory,
    AwardFactory,
    AwardListFactory,
    BallotFactory,
    DerivativeFactory,
    EditionFactory,
    EntryFactory,
    FrameFactory,
    HonourFactory,
    PollFactory,
    ReplacementFactory,
    SectionFactory,
    noticed,
    open_phase,
    published,
)

pytestmark = pytest.mark.django_db

OF_AN_EDITION = {
    "show_edition": EditionRecord,
    "list_works": WorkPage,
    "list_awards": AwardsRecord,
    "show_notice": NoticeRecord,
    "list_honours": HonoursRecord,
    "show_statistics": StatisticsRecord,
}


def give_awards(edition, works, code=None):
    """Put the works on one award list, in this order."""
    award_list = AwardListFactory(edition=edition)
    category = edition.award_categories.get()
    for rank, work in enumerate(works, start=1):
        AwardFactory(entry=work, award_list=award_list, category=category, rank=rank)
    return award_list


# --- editions ---------------------------------------------------------------------------------


def test_an_edition_without_a_page_does_not_exist(api, gallery):
    EditionFactory(slug="2027", title="还在筹备")
    assert [one["slug"] for one in api.get("list_editions")] == ["2026"]
    for name in OF_AN_EDITION:
        answer = api.client.get(reverse(f"api:{name}", args=["2027"]))
        assert answer.status_code == 404
        assert "还在筹备" not in answer.text


@pytest.mark.parametrize("kind", PAGES)
def test_one_live_page_makes_an_edition_public(api, gallery, kind):
    for other in PAGES:
        if other is not kind:
            other.objects.update(live=False)
    assert len(api.get("list_editions")) == 1
    kind.objects.update(live=False)
    assert api.get("list_editions") == []


def test_an_edition_says_its_rules_in_both_languages(api, gallery, edition, section):
    found = api.get("show_edition")
    assert (found["title"], found["title_en"]) == ("2026 摄影展", "Exhibition 2026")
    assert [(one["kind"], one["state"]) for one in found["phases"]] == [
        ("judging", "done"),
        ("voting", "open"),
    ]
    assert found["sections"] == [
        {
            "id": section.pk,
            "kind": "single_photo",
            "title": "单幅照片",
            "title_en": "Single photo",
        }
    ]
    assert found["criteria"][0]["weight"] == 40
    assert found["categories"] == [
        {
            "code": "expert",
            "title": "专家推荐作品",
            "title_en": "Expert-recommended works",
            "places": [{"section": section.pk, "places": 2}],
        }
    ]
    assert found["works_on_show"] is found["names_public"] is True
    assert found["results_published"] is False
    for address in found["links"].values():
        assert api.client.get(urlsplit(address).path).status_code == 200


# --- works ------------------------------------------------------------------------------------


def test_a_work_is_shown_as_its_page_shows_it(api, gallery, section):
    work = EntryFactory(section=section, state="admitted", place="青岛", credit_line="© 李四")
    found = api.get("show_work", work.number)
    assert found["title"] == work.title
    assert found["story"] == "一张照片的故事。"
    assert (found["authors"], found["credit"]) == ("李四", "© 李四")
    assert found["organisation"] == work.organisation.name
    assert (found["place"], found["taken_on"], found["ai_use"]) == ("青岛", None, "none")
    assert (found["awards"], found["votes"]) == ([], None)
    (frame,) = found["frames"]
    assert frame["alt"] == f"{work.title} · 李四"
    assert frame["is_cover"] is True
    assert [(one["type"], one["width"], one["height"]) for one in frame["pictures"]] == [
        ("image/webp", 320, 213),
        ("image/webp", 640, 426),
        ("image/webp", 1280, 853),
    ]
    assert frame["pictures"][0]["url"].startswith("http://testserver/derivatives/ab/")
    for name in ["page", "page_en"]:
        assert urlsplit(found[name]).path.endswith(f"/works/{work.number}/")
        assert api.client.get(urlsplit(found[name]).path).status_code == 200
    assert api.client.get(urlsplit(found["url"]).path).json() == found


def test_nothing_of_an_original_is_said(api, gallery, make_works):
    (work,) = make_works(1)
    asset = work.frames.get().asset
    answer = api.answer("list_works").text
    for secret in [asset.original_name, str(asset.pk) + ".", str(asset.original), asset.sha256]:
        assert secret not in answer
    assert work.created_by.email not in answer


def test_a_film_has_its_clips_playlist_and_subtitles(api, gallery, edition):
    films = SectionFactory(edition=edition, kind="micro_video", title="微视频")
    work = EntryFactory(section=films, state="admitted", number="V-000001", frames=False)
    asset = AssetFactory(kind="video", seconds=61.5, derivatives=False)
    FrameFactory(entry=work, asset=asset)
    for height in (360, 720):
        DerivativeFactory(
            asset=asset,
            role="video",
            name=f"video-{height}",
            file=f"ab/{height}.mp4",
            mime_type="video/mp4",
            width=height * 16 // 9,
            height=height,
        )
    asset.captions.create(language="en", file="ab/en.vtt")
    (frame,) = api.get("show_work", "V-000001")["frames"]
    assert (frame["kind"], frame["seconds"]) == ("video", 61.5)
    assert [one["height"] for one in frame["videos"]] == [720, 360]
    assert [one["language"] for one in frame["subtitles"]] == ["en"]


def test_works_are_filtered_by_section_text_and_award(api, gallery, edition, section):
    series = SectionFactory(edition=edition, kind="photo_series", title="组照", position=1)
    first = EntryFactory(section=section, state="admitted", title="晨光", number="P-000001")
    EntryFactory(section=section, state="admitted", title="暮色", number="P-000002")
    EntryFactory(section=series, state="admitted", title="晨雾", number="S-000001")
    EntryFactory(section=section, state="submitted", title="晨跑", number="P-000003")
    published(give_awards(edition, [first]))

    def numbers(**query):
        return [one["number"] for one in api.get("list_works", **query)["items"]]

    assert numbers() == ["P-000001", "P-000002", "S-000001"]
    assert numbers(section=series.pk) == ["S-000001"]
    assert numbers(q="晨") == ["P-000001", "S-000001"]
    assert numbers(q="晨", section=section.pk) == ["P-000001"]
    assert numbers(award="expert") == ["P-000001"]
    assert numbers(award="popular") == []
    assert numbers(q="李四") == [], "names are never searched"


def test_pages_of_works_follow_each_other(api, gallery, make_works):
    works = make_works(5)
    found, address, pages = [], reverse("api:list_works", args=["2026"]) + "?limit=2&q=P-", 0
    while address:
        page = api.client.get(address).json()
        assert (page["count"], page["pages"], page["limit"]) == (5, 3, 2)
        found += [one["number"] for one in page["items"]]
        address, pages = page["next"], pages + 1
    assert pages == 3
    assert found == sorted(work.number for work in works)
    beyond = api.get("list_works", page=9, limit=2)
    assert (beyond["items"], beyond["next"], beyond["previous"]) == ([], None, None)
    assert api.get("list_works", page=2, limit=2)["previous"].endswith("limit=2&page=1")


def test_before_the_gallery_opens_there_are_no_works(api, site, edition, section, make_works):
    (work,) = make_works(1)
    assert api.get("list_works")["items"] == []
    assert api.get("show_edition")["works_on_show"] is False
    assert api.get("show_statistics")["on_show"] is None
    there, never = (api.answer("show_work", number) for number in [work.number, "P-999999"])
    assert there.status_code == never.status_code == 404
    assert there.content == never.content, "nobody learns what was admitted"


def test_without_a_gallery_page_no_work_is_on_show(api, gallery, make_works):
    (work,) = make_works(1)
    GalleryPage.objects.update(live=False)
    assert api.get("list_works")["count"] == 0
    assert api.answer("show_work", work.number).status_code == 404


def test_names_are_withheld_while_judges_read_blind(api, gallery, edition, make_works):
    open_phase(edition, "judging")
    (work,) = make_works(1)
    answer = api.answer("show_work", work.number)
    found = answer.json()
    assert found["authors"] is found["organisation"] is found["credit"] is None
    assert "李四" not in answer.text
    assert work.organisation.name not in answer.text


def test_votes_are_said_only_where_the_poll_shows_them(api, gallery, edition, section, make_works):
    voted, other = make_works(2)
    poll = PollFactory(edition=edition)
    poll.sections.add(section)
    BallotFactory(poll=poll, entry=voted)
    assert api.get("show_work", voted.number)["votes"] is None
    assert api.get("show_statistics")["votes"] is None
    poll.shows_totals = True
    poll.save()
    assert api.get("show_work", voted.number)["votes"] == 1
    assert api.get("show_work", other.number)["votes"] == 0
    assert api.get("show_statistics")["votes"] == 1


# --- results ----------------------------------------------------------------------------------


def test_awards_appear_at_their_hour_and_not_a_second_before(api, gallery, edition, make_works):
    first, second = make_works(2)
    HonourFactory(edition=edition, organisation__name="甲市行业协会")
    hour = timezone.now().replace(microsecond=0) + timedelta(hours=5)
    published(give_awards(edition, [second, first]), hour)

    with time_machine.travel(hour - timedelta(seconds=1), tick=False):
        before = {name: api.answer(name) for name in OF_AN_EDITION}
        work = api.get("show_work", first.number)
    with time_machine.travel(hour, tick=False):
        after = {name: api.get(name) for name in OF_AN_EDITION}
        later = api.get("show_work", first.number)

    assert before["list_awards"].json() == {
        "results_published": False,
        "results_published_at": None,
        "awards": [],
    }
    assert before["list_honours"].json() == {"results_published": False, "honours": []}
    assert before["show_statistics"].json()["awards"] is None
    assert before["show_edition"].json()["results_published_at"] is None
    assert work["awards"] == []
    assert "甲市行业协会" not in "".join(one.text for one in before.values())

    given = after["list_awards"]["awards"]
    assert [(one["rank"], one["work"]["number"]) for one in given] == [
        (1, second.number),
        (2, first.number),
    ]
    assert after["list_honours"]["honours"][0]["organisation"] == "甲市行业协会"
    assert after["show_statistics"]["awards"] == [{"category": "expert", "awards": 2}]
    assert after["show_edition"]["results_published"] is True
    assert later["awards"] == [
        {
            "category": "expert",
            "title": "专家推荐作品",
            "title_en": "Expert-recommended works",
            "rank": 2,
        }
    ]


def test_the_filter_by_award_tells_nothing_before_the_hour(api, gallery, edition, make_works):
    make_works(1)
    hour = timezone.now().replace(microsecond=0) + timedelta(hours=5)
    published(give_awards(edition, make_works(1)), hour)
    for moment, count in [(hour - timedelta(seconds=1), 0), (hour, 1)]:
        with time_machine.travel(moment, tick=False):
            assert api.get("list_works", award="expert")["count"] == count


def test_the_notice_is_public_from_its_hour(api, gallery, edition, make_works):
    works = make_works(3)
    hour = timezone.now().replace(microsecond=0) + timedelta(hours=5)
    open_phase(edition, "notice")
    award_list = noticed(give_awards(edition, works[:1]))
    award_list.noticed_at = hour
    award_list.save()
    gained = [{"category": "expert", "section": 1, "entry": works[0].pk, "rank": 1}]
    ReplacementFactory(award_list=award_list, entry=works[1], gained=gained)
    with time_machine.travel(hour - timedelta(seconds=1), tick=False):
        assert api.get("show_notice") == {
            "on_notice": False,
            "since": None,
            "objections_until": None,
            "awards": [],
            "replacements": [],
        }
    with time_machine.travel(hour, tick=False):
        found = api.get("show_notice")
        assert api.get("list_awards")["awards"] == [], "proposed is not published"
    assert found["on_notice"] is True
    assert [one["work"]["number"] for one in found["awards"]] == [works[0].number]
    (replaced,) = found["replacements"]
    assert (replaced["work"], replaced["moved_up"]) == (works[1].number, [works[0].number])


# --- what all of them keep --------------------------------------------------------------------


def test_answers_are_what_their_schemas_say(api, gallery, edition, make_works):
    works = make_works(2)
    published(noticed(give_awards(edition, works)))
    HonourFactory(edition=edition)
    for name, schema in OF_AN_EDITION.items():
        found = api.get(name)
        assert schema(**found).model_dump(mode="json").keys() == found.keys()
    for one in api.get("list_editions"):
        EditionSummary(**one)
    WorkRecord(**api.get("show_work", works[0].number))


@pytest.mark.parametrize("count", [1, 3])
def test_an_answer_costs_constant_queries(api, gallery, edition, section, make_works, count):
    works = make_works(count)
    poll = PollFactory(edition=edition, shows_totals=True)
    poll.sections.add(section)
    award_list = published(noticed(give_awards(edition, works)))
    for work in make_works(count):
        gained = [{"category": "expert", "section": 1, "entry": works[0].pk, "rank": 1}]
        ReplacementFactory(award_list=award_list, entry=work, gained=gained)
        HonourFactory(edition=edition)
    costs = {}
    for name in ["list_editions", *OF_AN_EDITION]:
        api.get(name)  # Wagtail and the rate limit remember some things
        with CaptureQueriesContext(connection) as captured:
            api.get(name)
        costs[name] = len([one for one in captured if is_reading(one["sql"])])
    known = {
        "list_editions": 2,
        "show_edition": 10,
        "list_works": 20,
        "list_awards": 11,
        "list_honours": 11,
    }
    assert {name: costs[name] for name in known} == known
    assert max(costs.values()) <= 20


def is_reading(sql):
    """Leave out what the rate limit counts."""
    return "cache_entries" not in sql and "SAVEPOINT" not in sql


def test_the_document_describes_every_address_and_nothing_else():
    described = document()
    assert described["openapi"] == "3.1.0"
    assert set(described["info"]) >= {"title", "version", "description"}
    assert len(described["paths"]) == 8
    known = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        assert set(methods) == {"get"}, path
        operation = methods["get"]
        assert operation["summary"]
        assert operation["description"]
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for status, answer in operation["responses"].items():
            assert answer["description"], status
            assert "schema" in answer["content"]["application/json"]
    for name in references(described):
        assert name in known
    for schema in known.values():
        assert schema["type"] == "object"


def references(part):
    """Yield the name of each schema that the document points at."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].removeprefix("#/components/schemas/")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)

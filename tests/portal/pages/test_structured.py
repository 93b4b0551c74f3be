"""What search engines are told, as plain values."""

from datetime import UTC, date, datetime

from portal.pages import structured
from portal.pages.structured import Exhibition, Film, Picture, Work
from portal.pages.templatetags.page_tags import structured_data

PHOTO = Picture("https://x.example/a.webp", 1600, 1067)


def test_a_photo_has_its_people_rights_and_award():
    work = Work(
        title="归途",
        url="https://x.example/works/P-000001/",
        story="雨夜。",
        authors="李明远、赵雪",
        organisation="远帆公司",
        credit="李明远 · CC BY 4.0",
        place="青江",
        taken_on=date(2026, 3, 1),
        pictures=[PHOTO],
        awards=["专家推荐作品 · 2026"],
    )
    assert structured.work(work) == {
        "name": "归途",
        "description": "雨夜。",
        "url": "https://x.example/works/P-000001/",
        "dateCreated": "2026-03-01",
        "contentLocation": {"@type": "Place", "name": "青江"},
        "award": ["专家推荐作品 · 2026"],
        "creator": [
            {"@type": "Person", "name": "李明远"},
            {"@type": "Person", "name": "赵雪"},
        ],
        "sourceOrganization": {"@type": "Organization", "name": "远帆公司"},
        "creditText": "李明远 · CC BY 4.0",
        "copyrightNotice": "© 李明远、赵雪",
        "@type": "ImageObject",
        "contentUrl": "https://x.example/a.webp",
        "width": 1600,
        "height": 1067,
    }


def test_while_nobody_is_named_the_credit_is_not_told_either():
    work = Work(title="归途", url="u", credit="李明远", organisation="远帆公司", pictures=[PHOTO])
    assert structured.work(work) == {
        "name": "归途",
        "url": "u",
        "@type": "ImageObject",
        "contentUrl": "https://x.example/a.webp",
        "width": 1600,
        "height": 1067,
    }


def test_a_series_is_one_work_with_its_photos_in_order():
    photos = [PHOTO, Picture("b", 3, 2)]
    found = structured.work(Work(title="四季", url="u", authors="赵雪", pictures=photos))
    assert found["@type"] == "CreativeWork"
    assert [part["contentUrl"] for part in found["hasPart"]] == [PHOTO.url, "b"]
    assert {part["copyrightNotice"] for part in found["hasPart"]} == {"© 赵雪"}


def test_a_film_tells_its_length_and_since_when_it_is_shown():
    film = Film("f.mp4", "f.jpg", 62.4, datetime(2026, 5, 1, tzinfo=UTC))
    assert structured.work(Work(title="春醒", url="u", film=film)) == {
        "name": "春醒",
        "url": "u",
        "@type": "VideoObject",
        "contentUrl": "f.mp4",
        "thumbnailUrl": "f.jpg",
        "duration": "PT62S",
        "uploadDate": "2026-05-01T00:00:00+00:00",
    }


def test_a_list_counts_from_one():
    assert structured.item_list("获奖", [("甲", "a"), ("乙", "b")]) == {
        "@type": "ItemList",
        "name": "获奖",
        "numberOfItems": 2,
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "甲", "url": "a"},
            {"@type": "ListItem", "position": 2, "name": "乙", "url": "b"},
        ],
    }


def test_an_exhibition_without_an_organiser_names_none():
    found = structured.exhibition(
        Exhibition("2026", "光影", "u", "", datetime(2026, 5, 1, tzinfo=UTC))
    )
    assert "organizer" not in found
    assert found["startDate"] == "2026-05-01T00:00:00+00:00"


def test_no_title_can_end_the_block():
    text = structured_data([{"name": "</script><script>alert(1)</script>&amp;"}])
    assert text.count("<") == 2
    assert text == (
        '<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"name":'
        '"\\u003C/script\\u003E\\u003Cscript\\u003Ealert(1)\\u003C/script\\u003E\\u0026amp;"}]}'
        "</script>"
    )

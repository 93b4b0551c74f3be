"""What is written into a file: whole in XMP, what fits in IIM, and never a broken letter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.results.credits import AI_SOURCE, Credits, file_name, fitting, tags_for

TEXT = st.text(max_size=200)


def credits(**changes):
    facts = {
        "number": "P-000001",
        "title": "晨光",
        "authors": "李四",
        "organisation": "第一企业有限公司",
        "rights": "",
        "caption": "",
        "place": "",
        "taken_on": None,
        "edition": "第七届",
        "theme": "光影",
        "section": "单幅照片",
        "awards": ("专家推荐作品",),
    }
    return Credits(**{**facts, **changes})


@given(TEXT, st.integers(0, 64))
def test_what_fits_is_the_beginning_in_whole_letters(text, size):
    found = fitting(text, size)
    assert text.startswith(found)
    assert len(found.encode()) <= size
    if found != text:
        assert len(text[: len(found) + 1].encode()) > size


@given(TEXT, TEXT)
def test_a_file_name_is_never_a_path_and_never_empty(one, other):
    name = file_name(one, other)
    assert 0 < len(name) <= 60
    assert not set(name) & set('\\/:*?"<>|\0\r\n')
    assert name.strip(" .") == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("晨光：\n第一班", "晨光： 第一班"),
        ("...", "_"),
        ("", "_"),
    ],
)
def test_odd_titles(title, name):
    assert file_name(title) == name


@pytest.mark.parametrize(
    ("authors", "people"),
    [("李四", ["李四"]), ("李四、张三", ["李四", "张三"]), ("Li Si; Zhang", ["Li Si", "Zhang"])],
)
def test_each_author_is_a_creator(authors, people):
    assert tags_for(credits(authors=authors), "jpeg")["XMP-dc:Creator"] == people


@pytest.mark.parametrize(
    ("rights", "taken_on", "said"),
    [
        ("CC BY 4.0", date(2026, 5, 1), "CC BY 4.0"),
        ("", date(2026, 5, 1), "© 2026 李四"),
        ("", None, "© 李四"),
    ],
)
def test_the_licence_that_was_chosen_is_the_copyright_notice(rights, taken_on, said):
    tags = tags_for(credits(rights=rights, taken_on=taken_on), "jpeg")
    assert tags["XMP-dc:Rights"] == tags["IPTC:CopyrightNotice"] == said


@pytest.mark.parametrize(
    ("place", "city", "spot"),
    [
        ("黄山市·光明顶", "黄山市", "光明顶"),
        ("黄山市 光明顶 西侧", "黄山市", "光明顶 西侧"),
        ("光明顶", None, "光明顶"),
        ("", None, None),
    ],
)
def test_the_place_is_city_and_spot(place, city, spot):
    tags = tags_for(credits(place=place), "jpeg")
    assert (tags.get("XMP-photoshop:City"), tags.get("IPTC:Sub-location")) == (city, spot)


def test_iim_is_in_pictures_that_have_it_and_what_is_too_long_is_whole_in_xmp():
    long = credits(organisation="某某省机械电子轻工纺织行业协会联合会")
    tags = tags_for(long, "jpeg")
    assert tags["IPTC:Credit"] == "某某省机械电子轻工纺"[:10]
    assert tags["XMP-photoshop:Credit"] == "某某省机械电子轻工纺织行业协会联合会"
    for other in ("png", "heic", "webp", "mp4"):
        assert not [name for name in tags_for(long, other) if name.startswith("IPTC:")]


@pytest.mark.parametrize("use", ["none", "assisted", "generated"])
def test_where_ai_had_a_part_the_file_says_so(use):
    tags = tags_for(credits(ai_use=use), "jpeg")
    assert tags.get("XMP-iptcExt:DigitalSourceType") == AI_SOURCE.get(use)


def test_a_film_has_them_where_players_look():
    assert tags_for(credits(), "mov")["ItemList:Artist"] == "李四"

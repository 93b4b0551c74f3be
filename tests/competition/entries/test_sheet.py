"""A spreadsheet as people fill it in."""

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from competition.entries.models import Entry
from competition.entries.sheet import (
    CHOICES,
    NoHeadings,
    read_choice,
    read_date,
    read_lines,
    split_files,
)

HEADINGS = ["文件名", "参赛单元", "作品标题", "拍摄日期"]
SECTIONS = {"单幅": 1, "Single": 1, "组照": 2}


def lines(*rows, headings=HEADINGS):
    return read_lines([headings, *rows], SECTIONS)


def test_a_row_says_its_files_section_and_texts():
    (line,) = lines(["a.jpg", "SINGLE", "晨光", date(2026, 5, 1)])
    assert (line.number, line.files, line.section) == (2, ("a.jpg",), 1)
    assert line.texts == {"title": "晨光", "taken_on": "2026-05-01"}
    assert line.notes == ()


def test_ai_and_people_are_said_in_either_language():
    headings = ["文件名", "ai 使用情况", "AI 使用说明", "People in the work"]
    found = lines(
        ["a.jpg", "ai 辅助创作", "降噪", "everybody who can be recognised has consented"],
        ["b.jpg", "也许", "", "没有可辨认的人物"],
        headings=headings,
    )
    assert [line.texts for line in found] == [
        {"ai_use": "assisted", "ai_note": "降噪", "portraits": "consented"},
        {"portraits": "none"},
    ]
    assert [note.code for note in found[1].notes] == ["choice"]
    assert found[1].notes[0].values == {"field": "ai_use", "text": "也许"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", CHOICES)
def test_what_the_site_calls_a_choice_is_understood_and_offered(name, language):
    at = 1 if language == "en" else 0
    with translation.override(language):
        for value, label in Entry._meta.get_field(name).choices:
            assert read_choice(str(label), CHOICES[name]) == value
            assert CHOICES[name][value][at] == label


def test_headings_may_stand_lower_in_any_order_and_in_english():
    table = [
        ["作品登记表"],
        [],
        ["Title", "File name*"],
        ["Dawn", "a.jpg"],
        ["", ""],
        ["", "b.jpg"],
    ]
    found = read_lines(table, SECTIONS)
    assert [(line.number, line.files) for line in found] == [(4, ("a.jpg",)), (6, ("b.jpg",))]
    assert found[0].texts == {"title": "Dawn"}


def test_without_a_column_for_files_nothing_is_read():
    with pytest.raises(NoHeadings):
        lines(["晨光"], headings=["作品标题"])


def test_each_thing_that_is_wrong_is_a_note_and_the_rest_is_kept():
    found = lines(
        ["a.jpg", "水彩", "长" * 81, "五月"],
        ["A.JPEG", "", "同一个文件", ""],
        ["", "", "没有文件", ""],
    )
    assert [[note.code for note in line.notes] for line in found] == [
        ["section", "long", "date"],
        ["twice"],
        ["no_file"],
    ]
    assert found[0].texts == {}
    assert found[1].notes[0].values == {"name": "A.JPEG", "row": 2}
    assert found[1].files == ()


def test_several_names_in_one_cell_are_a_series_in_that_order():
    assert split_files("c.jpg; a.jpg；b.jpg\na.jpg|") == ("c.jpg", "a.jpg", "b.jpg")


@pytest.mark.parametrize(
    "cell",
    ["2026-5-1", "2026/05/01", "2026.5.1", "2026年5月1日", "20260501", "2026-05-01 08:30",
     date(2026, 5, 1)],
)  # fmt: skip
def test_a_day_is_read_in_the_usual_ways(cell):
    assert read_date(cell) == date(2026, 5, 1)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_what_we_write_we_read(day):
    assert read_date(day.isoformat()) == day


@given(st.lists(st.lists(st.text(max_size=20) | st.dates(), max_size=5), max_size=8))
def test_no_table_breaks_the_reading(rows):
    for line in lines(*rows):
        assert len(line.texts.get("title", "")) <= 80

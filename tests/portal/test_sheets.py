"""Spreadsheets: no cell is a formula, whatever somebody typed, and every value arrives."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.sheets import (
    CELL_LENGTH,
    FORMULA_STARTS,
    Sheet,
    cell_value,
    harmless,
    xlsx_response,
)


def read(response):
    with response.file_to_stream as file:
        return load_workbook(BytesIO(file.read()))


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_what_would_be_a_formula_is_text(start):
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["晨光", "3 + 4", "a=b", "", "'quoted", 7, None, -3])
def test_anything_else_is_left_alone(value):
    assert harmless(value) == value


@given(st.text())
def test_no_text_begins_like_a_formula_afterwards_and_none_is_lost(text):
    assert not harmless(text).startswith(FORMULA_STARTS)
    assert harmless(text).removeprefix("'") == text.removeprefix("'")


@given(st.text())
def test_guarding_twice_is_guarding_once(text):
    assert harmless(harmless(text)) == harmless(text)


def test_a_workbook_holds_what_was_given_and_no_formula(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    noon = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
    row = ["=1+1", "晨光\x07", 3, None, noon, date(2026, 5, 2), gettext_lazy("Draft")]
    response = xlsx_response("作品.xlsx", Sheet("作品", ["=题", "b"], [row], widths=[9]))
    assert "%E4%BD%9C%E5%93%81.xlsx" in response.headers["Content-Disposition"]
    sheet = read(response)["作品"]
    head, body = list(sheet.iter_rows())
    assert [cell.value for cell in head][:2] == ["'=题", "b"]
    assert head[0].font.bold
    assert [cell.value for cell in body] == [
        "'=1+1",
        "晨光",
        3,
        None,
        datetime(2026, 5, 1, 12, 0),
        datetime(2026, 5, 2),
        "草稿",
    ]
    assert "f" not in {cell.data_type for cell in (*head, *body)}


def test_a_control_writes_the_formula_that_the_guard_stops():
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["=1+1"])
    assert book.active["A1"].data_type == "f"


def test_a_text_too_long_for_a_cell_is_cut():
    assert len(cell_value("字" * 40_000)) == CELL_LENGTH


def test_sheets_stand_in_the_order_given():
    sheets = [Sheet(name, ["a"], []) for name in ("二", "一")]
    assert read(xlsx_response("x.xlsx", *sheets)).sheetnames == ["二", "一"]


def test_a_text_of_several_lines_shows_them():
    sheet = read(xlsx_response("x.xlsx", Sheet("一", ["a", "b"], [["1\n2", "1"]]))).active
    assert [cell.alignment.wrap_text for cell in sheet[2]] == [True, None]

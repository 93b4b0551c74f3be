"""A stranger's table: read as values, refused when it is none or too much."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from portal.sheet_reader import MAX_BYTES, MAX_ROWS, SheetUnreadable, read_table


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_xlsx_gives_text_and_dates_and_never_a_formula():
    found = read_table(xlsx(["名", 3, 2.5, date(2026, 5, 1), "=1+1", "末", None]))
    assert found == [["名", "3", "2.5", date(2026, 5, 1), "", "末"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_excel_writes_it(encoding, delimiter):
    text = f'文件名{delimiter}标题\r\na.jpg{delimiter}"晨光\n二"\r\n\r\n'
    assert read_table(text.encode(encoding)) == [["文件名", "标题"], ["a.jpg", "晨光\n二"]]


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", b"0" * (41 * 1024**2))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * (MAX_BYTES + 1), "too_large"),
        (bomb(), "too_large"),
        (b"\xd0\xcf\x11\xe0", "old_excel"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"a\x00b", "damaged"),
        (b"\x81", "damaged"),
        (b"a,b\n" * (MAX_ROWS + 1), "too_many_rows"),
    ],
)
def test_what_is_no_table_or_too_much_is_refused(content, code):
    with pytest.raises(SheetUnreadable) as refused:
        read_table(content)
    assert refused.value.code == code


def test_an_archive_that_is_no_workbook_is_damaged():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        parts.writestr("a.txt", "a")
    with pytest.raises(SheetUnreadable):
        read_table(buffer.getvalue())

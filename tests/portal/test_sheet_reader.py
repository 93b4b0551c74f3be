"""A stranger's table: read as values, refused in words when it is none or too much."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from django.utils import translation

from portal.sheet_reader import MAX_BYTES, SheetRefused, read_table


def read(content, most_rows=100):
    return read_table(io.BytesIO(content), most_rows=most_rows)


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_xlsx_gives_text_and_dates_and_never_a_formula():
    found = read(xlsx(["名", 3, 2.5, date(2026, 5, 1), "=1+1", "末", None]))
    assert found == [["名", "3", "2.5", date(2026, 5, 1), "", "末"]]


def test_a_number_in_xlsx_is_read_as_people_see_it():
    assert read(xlsx(["电话", None], [13800000000.0, 1.5])) == [["电话"], ["13800000000", "1.5"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_excel_in_china_saves_it(encoding, delimiter):
    text = f'文件名{delimiter}标题\r\na.jpg{delimiter}"晨光\n二"\r\n\r\n'
    assert read(text.encode(encoding)) == [["文件名", "标题"], ["a.jpg", "晨光\n二"]]


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x" * (MAX_BYTES + 1), "more than 5 MB"),
        (b"\xd0\xcf\x11\xe0", "old .xls file"),
        (b"PK\x03\x04 no archive", "XLSX file can't be read"),
        (zipped(a="a"), "XLSX file can't be read"),
        (b"a\x00b", "neither XLSX nor CSV"),
        (b"\x81", "neither XLSX nor CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe", "neither XLSX nor CSV"),
    ],
)
def test_what_is_no_table_or_too_much_is_refused(content, words):
    with translation.override("en"), pytest.raises(SheetRefused, match=words):
        read(content)


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(monkeypatch):
    monkeypatch.setattr("openpyxl.load_workbook", lambda *a, **k: pytest.fail("opened"))
    for bomb in (zipped(sheet=b"0" * (41 * 1024**2)), zipped(**{f"p{n}": "" for n in range(501)})):
        with pytest.raises(SheetRefused):
            read(bomb)


def test_a_row_too_many_is_refused_in_both_formats():
    rows = [["a"]] * 4
    for content in (xlsx(*rows), b"a\n" * 4):
        assert len(read(content, 4)) == 4
        with pytest.raises(SheetRefused):
            read(content, 3)

"""Reads a table that somebody uploads: XLSX, or CSV in UTF-8 or GB18030. Values only. Pure.

A table is a stranger's file: what it would unpack to is measured before anything is unpacked,
rows and columns are counted, and a formula is never computed.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES = 5 * 1024**2
MAX_UNPACKED = 40 * 1024**2
MAX_PARTS = 500
MAX_ROWS = 2000
MAX_COLUMNS = 30
CELL_LENGTH = 5000

Cell = str | date
Table = list[list[Cell]]


class SheetUnreadable(Exception):
    """The file is no table we can read. `code`: too_large, too_many_rows, damaged, old_excel."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_table(content: bytes) -> Table:
    """Return the first sheet's rows; a cell is text, or a date. Raises SheetUnreadable."""
    if len(content) > MAX_BYTES:
        raise SheetUnreadable("too_large")
    if content.startswith(b"PK"):
        rows = _read_xlsx(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetUnreadable("old_excel")
    else:
        rows = _read_csv(content)
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > MAX_ROWS:
        raise SheetUnreadable("too_many_rows")
    return rows


def _read_xlsx(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
        if len(sizes) > MAX_PARTS or sum(sizes) > MAX_UNPACKED:
            raise SheetUnreadable("too_large")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that are not read
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            cells = book.worksheets[0].iter_rows(
                max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True
            )
            return [_row(row) for row in cells]
    except SheetUnreadable:
        raise
    except (InvalidFileException, zipfile.BadZipFile, *_DAMAGE) as error:
        raise SheetUnreadable("damaged") from error


# What openpyxl and the parser below it raise for a file that is none, or a broken one.
_DAMAGE = (
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    SyntaxError,
    NotImplementedError,
    EOFError,
    OverflowError,
)


def _read_csv(content: bytes) -> Table:
    if b"\x00" in content:
        raise SheetUnreadable("damaged")
    text = _decode(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        table: Table = []
        for row in rows:
            table.append(_row(row[:MAX_COLUMNS]))
            if len(table) > MAX_ROWS:
                raise SheetUnreadable("too_many_rows")
    except csv.Error as error:
        raise SheetUnreadable("damaged") from error
    return table


def _decode(content: bytes) -> str:
    """Read UTF-8, or what Excel in Chinese writes: GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetUnreadable("damaged")


def _row(values: Iterable[Any]) -> list[Cell]:
    cells = [_cell(value) for value in values]
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:CELL_LENGTH]

"""Reads a table that somebody uploads: XLSX, or CSV in UTF-8 or GB18030. Values only.

A table is a stranger's file: what it would unpack to is measured before anything is unpacked,
rows and columns are counted, and a formula is never computed.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES = 5 * 1024**2
MAX_UNPACKED = 40 * 1024**2
MAX_PARTS = 500
MAX_COLUMNS = 50
CELL_LENGTH = 5000

Cell = str | date
Table = list[list[Cell]]


class SheetRefused(Exception):
    """The file is no table we can read. The message is for who sent it, in their language."""


def read_table(file: IO[bytes], *, most_rows: int) -> Table:
    """Return the first sheet's rows; a cell is text, or a date. Raises SheetRefused."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SheetRefused(
            _("The file has more than 5 MB. Nothing was read; please split it into smaller ones.")
        )
    if content.startswith(b"PK"):
        rows = _read_xlsx(content, most_rows)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetRefused(_("This is an old .xls file. Please save it as .xlsx and upload that."))
    else:
        rows = _read_csv(content, most_rows)
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > most_rows:
        raise SheetRefused(
            _("The table has more than %(most)d rows. Nothing was read; please split it.")
            % {"most": most_rows}
        )
    return rows


def _read_xlsx(content: bytes, most_rows: int) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
        if len(sizes) > MAX_PARTS or sum(sizes) > MAX_UNPACKED:
            raise SheetRefused(
                _("Unpacked, this XLSX file is far too large. Please send the table alone, as CSV.")
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that are not read
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            cells = book.worksheets[0].iter_rows(
                max_row=most_rows + 1, max_col=MAX_COLUMNS, values_only=True
            )
            return [_row(row) for row in cells]
    except SheetRefused:
        raise
    except (InvalidFileException, zipfile.BadZipFile, *_DAMAGE) as error:
        raise SheetRefused(
            _("This XLSX file can't be read. Please save it anew, or as CSV.")
        ) from error


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


def _read_csv(content: bytes, most_rows: int) -> Table:
    text = _decode(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        table: Table = []
        for row in rows:
            table.append(_row(row[:MAX_COLUMNS]))
            if len(table) > most_rows:
                break
    except csv.Error as error:
        raise SheetRefused(
            _("This CSV file can't be read. Please save it anew, or as XLSX.")
        ) from error
    return table


def _decode(content: bytes) -> str:
    """Read UTF-8, or what Excel in Chinese writes: GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetRefused(_("This file is neither XLSX nor CSV text. Please choose another one."))


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

"""Reads a spreadsheet that somebody sends (XLSX or CSV) as rows of plain text."""

import csv
import datetime
import io
import zipfile
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

MOST_BYTES = 5 * 1024**2
MOST_UNPACKED = 60 * 1024**2  # an XLSX is a ZIP: its parts' declared sizes, which zipfile enforces
MOST_PARTS = 500
MOST_COLUMNS = 50


class SheetRefused(Exception):
    """The file can't be read as a table. `messages`: translated sentences for who sent it."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


def read_sheet(file: IO[bytes], most_rows: int) -> list[list[str]]:
    """Return the first sheet's cells, as text; a formula is the value it had when saved.

    Raises SheetRefused: too large, no spreadsheet, or more than `most_rows` rows.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SheetRefused(
            _("The file has more than 5 MB. Nothing was read; please split it into smaller ones.")
        )
    is_xlsx = content.startswith(b"PK")
    rows = _read_xlsx(content, most_rows) if is_xlsx else _read_csv(content, most_rows)
    if len(rows) > most_rows:
        raise SheetRefused(
            _("The table has more than %(most)d rows. Nothing was read; please split it.")
            % {"most": most_rows}
        )
    return rows


def _read_xlsx(content: bytes, most_rows: int) -> list[list[str]]:
    unreadable = SheetRefused(_("This XLSX file can't be read. Please save it anew, or as CSV."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile as error:
        raise unreadable from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SheetRefused(
            _("Unpacked, this XLSX file is far too large. Please send the table alone, as CSV.")
        )
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            cells = book.worksheets[0].iter_rows(
                max_row=most_rows + 1, max_col=MOST_COLUMNS, values_only=True
            )
            return [_without_tail([_text(value) for value in row]) for row in cells]
        finally:
            book.close()
    except Exception as error:  # a damaged file fails anywhere in openpyxl, in any way
        raise unreadable from error


def _read_csv(content: bytes, most_rows: int) -> list[list[str]]:
    text = _decode(content)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row[:MOST_COLUMNS] for row, _count in zip(rows, range(most_rows + 1), strict=False)]
    except csv.Error as error:
        raise SheetRefused(
            _("This CSV file can't be read. Please save it anew, or as XLSX.")
        ) from error


def _decode(content: bytes) -> str:
    """Return the text, in UTF-8 with or without a mark, or in GB18030 as Excel in China saves."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetRefused(_("This file is neither XLSX nor CSV text. Please choose another one."))


def _without_tail(row: list[str]) -> list[str]:
    """Take out the empty cells after the last one that is filled."""
    while row and not row[-1]:
        row.pop()
    return row


def _text(value: Any) -> str:
    """Return a cell as people see it: a phone number that became a number has no “.0”."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else str(value)
    return str(value)

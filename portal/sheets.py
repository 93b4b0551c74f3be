"""The one place that writes spreadsheets. Imports no room."""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What Excel, WPS and LibreOffice take for the beginning of a formula; the wide ones in a
# Chinese locale. A sheet saved as CSV loses what says "text", so no cell may begin like this.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CELL_LENGTH = 32_767  # Excel refuses a file with more in one cell


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name (31 characters at most), its heading, its rows of plain values."""

    title: str
    header: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()


def harmless(value: Any) -> Any:
    """Return a text that no spreadsheet runs as a formula; what is no text comes back as it is.

    Every export passes everything that a person typed through here.
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def cell_value(value: Any) -> Any:
    """Return what a cell can hold: local times, harmless text, numbers; None for nothing."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value
    if hasattr(value, "isoformat"):
        return value
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", str(value)))[:CELL_LENGTH]


def guard_wagtail_exports() -> None:
    """Let Wagtail's own exports pass through `harmless`: lists, site history, form submissions.

    Wagtail 8 leaves formulas in its CSV files, and its views offer no setting. Patched in the
    one method that they all share, so that a view which comes later is guarded too.
    """
    from wagtail.admin.views.mixins import SpreadsheetExportMixin

    as_wagtail = SpreadsheetExportMixin.preprocess_field_value

    def guarded(view: Any, field: str, value: Any, export_format: str) -> Any:
        return harmless(as_wagtail(view, field, value, export_format))

    SpreadsheetExportMixin.preprocess_field_value = guarded


def xlsx_response(filename: str, *sheets: Sheet) -> FileResponse:
    """Answer with a workbook. Rows go to disk one by one: memory does not grow with them."""
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        _write(workbook, sheet)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    workbook.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)


def csv_response(filename: str, sheet: Sheet) -> StreamingHttpResponse:
    """Answer with one sheet as CSV, row by row; with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    rows = (
        writer.writerow([cell_value(value) for value in row])
        for row in chain([sheet.header], sheet.rows)
    )
    headers = {"Content-Disposition": content_disposition_header(True, filename)}
    content = chain(["\ufeff"], rows)
    return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


class _Echo:
    """A file for csv that gives each line back."""

    def write(self, line: str) -> str:
        return line


def _write(workbook: Workbook, sheet: Sheet) -> None:
    target = workbook.create_sheet(sheet.title)
    target.freeze_panes = "A2"
    for number, width in enumerate(sheet.widths, start=1):
        target.column_dimensions[get_column_letter(number)].width = width
    target.append([_heading(target, text) for text in sheet.header])
    for row in sheet.rows:
        target.append([_cell(target, value) for value in row])


def _cell(target: Any, value: Any) -> Any:
    """Return the value, in a cell that shows all its lines when it has several."""
    plain = cell_value(value)
    if not isinstance(plain, str) or "\n" not in plain:
        return plain
    cell = WriteOnlyCell(target, plain)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _heading(target: Any, text: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(target, cell_value(text))
    cell.font = Font(bold=True)
    return cell

"""The one place that writes spreadsheets. Imports no room."""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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
ISO_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
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
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    _save(file, sheets)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)


def write_xlsx(path: Path, *sheets: Sheet, at: datetime) -> None:
    """Write a workbook that says it was made `at`: the same rows give the same bytes."""
    made = at.astimezone(UTC)
    stamp = f"{made:%Y-%m-%dT%H:%M:%SZ}".encode()
    with tempfile.TemporaryFile() as file:
        _save(file, sheets)
        with ZipFile(file) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
            for name in sorted(source.namelist()):
                # openpyxl writes the time of saving, and nothing turns that off.
                content = source.read(name)
                if name == "docProps/core.xml":
                    content = ISO_TIME.sub(stamp, content)
                member = ZipInfo(name, made.timetuple()[:6])
                member.compress_type = ZIP_DEFLATED
                target.writestr(member, content)


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """Yield one sheet as CSV, line by line; first the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in chain([sheet.header], sheet.rows):
        yield writer.writerow([cell_value(value) for value in row])


def csv_response(filename: str, sheet: Sheet) -> StreamingHttpResponse:
    """Answer with one sheet as CSV, row by row."""
    headers = {"Content-Disposition": content_disposition_header(True, filename)}
    return StreamingHttpResponse(
        csv_lines(sheet), content_type="text/csv; charset=utf-8", headers=headers
    )


class _Echo:
    """A file for csv that gives each line back."""

    def write(self, line: str) -> str:
        return line


def _save(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        _write(workbook, sheet)
    workbook.save(file)


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

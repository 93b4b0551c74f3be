"""The spreadsheet an organisation fills in: headings, an example, and the edition's limits."""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from competition.editions.models import Edition, Section
from competition.entries.sheet import CHOICES, HEADINGS

ROWS = 500  # for which a section can be chosen from the list
WIDTHS = {"files": 32, "section": 18, "title": 28, "author_names": 18, "story": 48, "portraits": 24}


def write_template(edition: Edition, *, in_chinese: bool) -> bytes:
    """Return the XLSX for an edition, with headings in Chinese or in English."""
    book = Workbook()
    works, limits = book.active, book.create_sheet(_("Sections and limits"))
    works.title = _("Works")
    sections = list(edition.sections.all())
    _write_works(works, sections, in_chinese)
    _write_limits(limits, sections)
    if sections:
        _offer(works, "section", f"'{limits.title}'!$A$2:$A${len(sections) + 1}")
    for name, choices in CHOICES.items():
        words = [said[0 if in_chinese else 1] for said in choices.values()]
        _offer(works, name, f'"{",".join(words)}"')
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _offer(sheet: Worksheet, name: str, source: str) -> None:
    """Let the cells below a heading be chosen from a list."""
    letter = get_column_letter(list(HEADINGS).index(name) + 1)
    choice = DataValidation(type="list", formula1=source, allow_blank=True)
    choice.add(f"{letter}2:{letter}{ROWS}")
    sheet.add_data_validation(choice)


def _write_works(sheet: Worksheet, sections: list[Section], in_chinese: bool) -> None:
    headings = [words[0 if in_chinese else 1] for words in HEADINGS.values()]
    said = [next(iter(one.values()))[0 if in_chinese else 1] for one in CHOICES.values()]
    section = str(sections[0]) if sections else ""
    example = [
        _("example.jpg"),
        section,
        _("Morning light (this row is an example: write over it)"),
        _("Zhang San"),
        _("What the picture shows, and why it matters."),
        _("Ningbo"),
        "2026-05-01",
        "",
        said[0],
        "",
        said[1],
    ]
    for at, (heading, text) in enumerate(zip(headings, example, strict=True), start=1):
        _write(sheet, 1, at, heading).font = Font(bold=True)
        cell = _write(sheet, 2, at, text)
        cell.fill = PatternFill("solid", fgColor="F7F5F1")
    for at, name in enumerate(HEADINGS):
        sheet.column_dimensions[get_column_letter(at + 1)].width = WIDTHS.get(name, 16)
    sheet.freeze_panes = "A2"


def _write_limits(sheet: Worksheet, sections: list[Section]) -> None:
    headings = [
        _("Section"),
        _("Files of a work"),
        _("Formats"),
        _("MB a file"),
        _("Long side (px)"),
        _("Seconds"),
        _("Works for each organisation"),
    ]
    for at, heading in enumerate(headings, start=1):
        _write(sheet, 1, at, heading).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 20
    for row, section in enumerate(sections, start=2):
        for at, text in enumerate(_limits_of(section), start=1):
            _write(sheet, row, at, text)


def _limits_of(section: Section) -> list[str]:
    frames = (section.min_frames, section.max_frames)
    return [
        str(section),
        str(frames[0]) if frames[0] == frames[1] else f"{frames[0]}–{frames[1]}",
        ", ".join(section.media_rules.formats).upper(),
        f"≤ {section.max_mb}",
        f"≥ {section.min_long_side}" if section.min_long_side else "",
        f"{section.min_seconds}–{section.max_seconds}" if section.max_seconds else "",
        str(section.entries_per_organisation or ""),
    ]


def _write(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Write text as text: what begins with “=” is no formula."""
    cell = sheet.cell(row, column)
    cell.value, cell.data_type = text, "s"
    return cell

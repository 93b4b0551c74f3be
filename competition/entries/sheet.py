"""What a spreadsheet says of works: a line each, and what is wrong in it. Pure.

A line is matched to its files by name. Several names in one cell, one below the other or
parted by a semicolon, are the pictures of one series, in that order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from competition.entries.names import find_name

# Column -> what its heading may be, in lower case. The first two are those of the template.
HEADINGS: dict[str, tuple[str, ...]] = {
    "files": ("文件名", "file name", "文件", "files", "file", "filename"),
    "section": ("参赛单元", "section", "单元", "类别"),
    "title": ("作品标题", "title", "标题", "作品名称", "题目"),
    "author_names": ("作者", "authors", "author", "作者姓名"),
    "story": ("作品故事", "story", "故事", "作品说明", "说明"),
    "place": ("拍摄地点", "place", "地点"),
    "taken_on": ("拍摄日期", "date taken", "日期", "date", "拍摄时间"),
    "credit_line": ("署名", "credit line", "credit", "署名与许可"),
}
LENGTHS = {"title": 80, "author_names": 200, "story": 2000, "place": 120, "credit_line": 240}
HEADING_ROWS = 10
_BETWEEN_FILES = re.compile(r"[;；|\n]+")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?")
_PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")

Cell = str | date


class NoHeadings(Exception):
    """No row near the top names a column for the file names."""


@dataclass(frozen=True)
class Note:
    """Something to tell of a line. `code` and `values` make the sentence."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One work: its row in the sheet, its files, its section's key, and what is said of it.

    `texts` holds what can be used, dates as YYYY-MM-DD; what can't is a note.
    """

    number: int
    files: tuple[str, ...]
    section: int | None
    texts: dict[str, str]
    notes: tuple[Note, ...]


def read_lines(table: Sequence[Sequence[Cell]], sections: Mapping[str, int]) -> list[Line]:
    """Return a line for each row below the headings. `sections`: titles -> keys.

    Raises NoHeadings.
    """
    heading, columns = _find_columns(table)
    known = {title.strip().casefold(): key for title, key in sections.items() if title}
    lines: list[Line] = []
    for number, row in enumerate(table[heading + 1 :], start=heading + 2):
        cells = {name: row[at] for name, at in columns.items() if at < len(row) and row[at] != ""}
        if cells:
            lines.append(_read_line(number, cells, known, lines))
    return lines


def _find_columns(table: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    for index, row in enumerate(table[:HEADING_ROWS]):
        texts = [str(cell).strip().casefold().rstrip("*") for cell in row]
        columns = {
            name: next(at for at, text in enumerate(texts) if text in words)
            for name, words in HEADINGS.items()
            if any(text in words for text in texts)
        }
        if "files" in columns:
            return index, columns
    raise NoHeadings


def _read_line(
    number: int, cells: Mapping[str, Cell], sections: Mapping[str, int], above: Iterable[Line]
) -> Line:
    notes: list[Note] = []
    files = split_files(str(cells.get("files", "")))
    if not files:
        notes.append(Note("no_file"))
    for other in above:
        if taken := [name for name in files if find_name(name, other.files)]:
            notes.append(Note("twice", {"name": taken[0], "row": other.number}))
            files = ()
            break
    section = None
    if title := str(cells.get("section", "")).strip():
        section = sections.get(title.casefold())
        if section is None:
            notes.append(Note("section", {"section": title}))
    texts, text_notes = _read_texts(cells)
    return Line(number, files, section, texts, (*notes, *text_notes))


def _read_texts(cells: Mapping[str, Cell]) -> tuple[dict[str, str], list[Note]]:
    texts, notes = {}, []
    for name in ("title", "author_names", "story", "place", "credit_line"):
        text = str(cells.get(name, "")).strip()
        if len(text) > LENGTHS[name]:
            notes.append(Note("long", {"field": name, "most": LENGTHS[name], "count": len(text)}))
        elif text:
            texts[name] = text
    if "taken_on" in cells:
        if day := read_date(cells["taken_on"]):
            texts["taken_on"] = day.isoformat()
        else:
            notes.append(Note("date", {"text": str(cells["taken_on"])}))
    return texts, notes


def split_files(cell: str) -> tuple[str, ...]:
    """Return the names in a cell, in order, each once."""
    names = (name.strip() for name in _BETWEEN_FILES.split(cell))
    return tuple(dict.fromkeys(name for name in names if name))


def read_date(cell: Cell) -> date | None:
    """Return the day a cell means: 2026-05-01, 2026/5/1, 2026年5月1日, 20260501; else None."""
    if isinstance(cell, date):
        return cell
    found = _DATE.fullmatch(cell.strip()) or _PLAIN_DATE.fullmatch(cell.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None

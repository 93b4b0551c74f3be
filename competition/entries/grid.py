"""The works desk as it is read: a row for each work, with what is wrong and what is offered."""

import zlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition, Section
from competition.entries.checks import files_on_their_way, work_problems
from competition.entries.exact_copies import Copies, find_copies
from competition.entries.forms import EntryForm
from competition.entries.models import Entry, SheetRow
from competition.entries.queries import (
    edit_window,
    grace_window,
    places_by_section,
    works_at_the_desk,
)
from competition.entries.sheets import missing_files, rows_of, sentence
from competition.organisations.models import Organisation


class RowForm(EntryForm):
    """A work's texts in a row of the grid."""

    class Meta(EntryForm.Meta):
        widgets = EntryForm.Meta.widgets | {
            "story": forms.Textarea(attrs={"rows": 2}),
            "ai_use": forms.Select,
            "ai_note": forms.TextInput,
            "portraits": forms.Select,
        }

    def __init__(self, instance: Entry) -> None:
        super().__init__(instance=instance, auto_id=f"work-{instance.pk}-%s")
        for name in ("ai_use", "portraits"):
            field = self.fields[name]
            field.choices = [("", _("Please choose")), *field.choices]


@dataclass
class Row:
    """One work at the desk. `stamp` changes when anything but its texts does."""

    entry: Entry
    problems: list[str]
    is_ready: bool
    is_waiting: bool
    may_edit: bool
    may_submit: bool
    copies: Copies
    notes: list[str]
    taken_on: date | None

    @property
    def stamp(self) -> str:
        return stamp_of(self.entry, self.copies)

    @cached_property
    def form(self) -> RowForm:
        """Return the row's fields; they are made only for rows that are shown."""
        return RowForm(self.entry)


@dataclass(frozen=True)
class Limit:
    """What a section still takes of the organisation, and what the desk has for it."""

    section: Section
    left: int | None
    drafts: int
    ready: int

    @property
    def is_short(self) -> bool:
        return self.left is not None and self.ready > self.left


@dataclass(frozen=True)
class Awaited:
    """A row of the spreadsheet whose files are not all here."""

    row: SheetRow
    missing: list[str]
    notes: list[str]


@dataclass
class Grid:
    """Everything the desk shows of an organisation's works in an edition."""

    rows: list[Row]
    limits: list[Limit]
    awaited: list[Awaited]

    @property
    def ready(self) -> list[Row]:
        return [row for row in self.rows if row.is_ready]

    @property
    def on_their_way(self) -> list[Row]:
        return [row for row in self.rows if row.is_waiting]

    @property
    def incomplete(self) -> list[Row]:
        return [row for row in self.rows if row.problems]


def read_grid(edition: Edition, organisation: Organisation) -> Grid:
    """Return the whole desk, at a cost in queries that does not grow with it."""
    entries = list(works_at_the_desk(edition, organisation))
    for entry in entries:
        entry.edition = edition  # its phases are fetched once
    sheet = list(rows_of(edition, organisation))
    copies = find_copies(entries)
    rows = [
        _read_row(entry, [one for one in sheet if one.entry_id == entry.pk], copies[entry.pk])
        for entry in entries
    ]
    limits = [
        Limit(
            section=section,
            left=left,
            drafts=sum(1 for row in rows if row.entry.section_id == section.pk),
            ready=sum(1 for row in rows if row.is_ready and _takes_a_place(row.entry, section)),
        )
        for section, left in places_by_section(edition, organisation)
    ]
    return Grid(rows, limits, _awaited(sheet, entries))


def stamp_of(entry: Entry, copies: Copies) -> str:
    """Return what tells two states of a row apart, but for its texts."""
    files = [(frame.pk, frame.asset.state, frame.is_cover) for frame in entry.frames.all()]
    declared = (entry.ai_use, bool(entry.ai_note), entry.portraits)
    elsewhere = (copies.problems, copies.notes)
    facts = (files, elsewhere, entry.section_id, entry.state, entry.submit_when_ready, declared)
    return f"{zlib.crc32(repr(facts).encode()):08x}"


def _read_row(entry: Entry, sheet: list[SheetRow], copies: Copies) -> Row:
    lasting = work_problems(entry, copies, waiting=False)
    is_waiting = files_on_their_way(entry.frames.all())
    window = edit_window(entry)
    may_submit = window is not None or grace_window(entry) is not None
    return Row(
        entry=entry,
        problems=lasting,
        is_ready=may_submit and not lasting and not is_waiting,
        is_waiting=may_submit and is_waiting and not lasting,
        may_edit=window is not None,
        may_submit=may_submit,
        copies=copies,
        notes=[sentence(code, values) for row in sheet for code, values in row.notes],
        taken_on=None if entry.taken_on else _day_of(entry),
    )


def _day_of(entry: Entry) -> date | None:
    """Return the day on which the files say they were taken, the first that says so."""
    moments = [frame.asset.taken_at for frame in entry.frames.all() if frame.asset.taken_at]
    return timezone.localdate(moments[0]) if moments else None


def _takes_a_place(entry: Entry, section: Section) -> bool:
    """A returned work holds its place already."""
    return entry.section_id == section.pk and entry.number is None


def _awaited(sheet: list[SheetRow], entries: list[Entry]) -> list[Awaited]:
    """Return the rows of the spreadsheet that lack a file, or could not be used."""
    names = {
        entry.pk: [frame.asset.original_name for frame in entry.frames.all()] for entry in entries
    }
    found = []
    for row in sheet:
        if row.entry_id is None:
            notes = [sentence(code, values) for code, values in row.notes]
            found.append(Awaited(row, list(row.files), notes))
        elif missing := missing_files(row, names.get(row.entry_id, row.files)):
            found.append(Awaited(row, missing, []))
    return found

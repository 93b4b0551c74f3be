"""A spreadsheet at the works desk: its rows are kept, and filled into works as files arrive."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competition.editions.models import Edition, Section
from competition.editions.queries import is_phase_open
from competition.entries.checks import EDITABLE_FIELDS, EntryRefused, require_member
from competition.entries.frames import order_frames
from competition.entries.models import Entry, SheetRow
from competition.entries.names import find_name, title_from_name
from competition.entries.queries import works_at_the_desk
from competition.entries.series import change_section, join_entries
from competition.entries.services import update_entry
from competition.entries.sheet import Cell, NoHeadings, read_lines
from competition.organisations.models import Organisation
from portal.accounts.models import User

SENTENCES = {
    "no_file": gettext_lazy("No file is named in this row."),
    "twice": gettext_lazy("“%(name)s” is named in row %(row)s too; this row was not used."),
    "section": gettext_lazy(
        "There is no section “%(section)s”. Please take one of the list on the second sheet."
    ),
    "long": gettext_lazy(
        "%(label)s has %(count)s characters; at most %(most)s are allowed. It was not taken over."
    ),
    "date": gettext_lazy("“%(text)s” is no date we can read. Please write it as 2026-05-01."),
    "choice": gettext_lazy(
        "%(label)s: “%(text)s” is none of the choices. Please take one of the list in the cell."
    ),
    "kept": gettext_lazy("%(label)s: what was typed here was kept; the sheet says “%(text)s”."),
    "refused": "%(message)s",
}


def own_authors(user: User, organisation: Organisation) -> str:
    """Return whom a new draft names as authors until somebody says more."""
    return user.get_full_name() or organisation.name


def sentence(code: str, values: dict[str, Any]) -> str:
    """Return what a note of a row says, in the reader's language."""
    labels = {field.name: field.verbose_name for field in Entry._meta.concrete_fields}
    return str(SENTENCES[code]) % {**values, "label": labels.get(values.get("field", ""), "")}


@transaction.atomic
def keep_sheet(
    *,
    edition: Edition,
    organisation: Organisation,
    user: User,
    table: Sequence[Sequence[Cell]],
) -> list[SheetRow]:
    """Keep the rows of a spreadsheet in place of an earlier one, and fill in what can be.

    Raises EntryRefused when it has no headings we know, or nobody may enter works now.
    """
    require_member(user, organisation)
    if not is_phase_open(edition, "call"):
        raise EntryRefused(_("The call is not open now. The spreadsheet was not kept."))
    # Two sheets at once: one after the other.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    sections = {
        title: section.pk
        for section in edition.sections.all()
        for title in (section.title_en, section.title)
    }
    try:
        lines = read_lines(table, sections)
    except NoHeadings as error:
        raise EntryRefused(
            _(
                "No row has the heading “File name”, so nothing was taken over. "
                "Please use the template of this page."
            )
        ) from error
    rows_of(edition, organisation).delete()
    SheetRow.objects.bulk_create(
        SheetRow(
            edition=edition,
            organisation=organisation,
            number=line.number,
            files=list(line.files),
            section_id=line.section,
            texts=line.texts,
            notes=[[note.code, note.values] for note in line.notes],
        )
        for line in lines
    )
    fill_in(edition=edition, organisation=organisation, user=user)
    return list(rows_of(edition, organisation))


def rows_of(edition: Edition, organisation: Organisation) -> Any:
    """Return the rows of the organisation's spreadsheet, in its order."""
    return SheetRow.objects.filter(edition=edition, organisation=organisation).select_related(
        "section", "entry"
    )


def row_for(rows: Iterable[SheetRow], name: str) -> SheetRow | None:
    """Return the row that names this file, or None."""
    return next((row for row in rows if find_name(name, row.files)), None)


def missing_files(row: SheetRow, names: Iterable[str]) -> list[str]:
    """Return which of the row's files are not among `names`."""
    here = list(names)
    return [name for name in row.files if not find_name(name, here)]


@transaction.atomic
def fill_in(*, edition: Edition, organisation: Organisation, user: User) -> None:
    """Fill every waiting row into the work of its file; several files are joined first."""
    works = list(works_at_the_desk(edition, organisation))
    home = {frame.asset.original_name: work for work in works for frame in work.frames.all()}
    for row in rows_of(edition, organisation).filter(entry=None):
        names = [name for wanted in row.files if (name := find_name(wanted, home))]
        if names:
            fill_in_row(row, list(dict.fromkeys(home[name] for name in names)), user)


def fill_in_row(row: SheetRow, entries: list[Entry], user: User) -> None:
    """Fill the row into the work of its files; what is refused becomes a note of the row."""
    first, *others = entries
    try:
        with transaction.atomic():
            if others:
                join_entries(entries=entries, section=series_section(row), user=user)
            elif len(row.files) > 1:
                change_section(entry=first, section=series_section(row), user=user)
            _fill_in_texts(row, first, user)
            put_in_order(row, first, user)
    except EntryRefused as refusal:
        row.notes += [["refused", {"message": message}] for message in refusal.messages]
        row.save(update_fields=["notes"])


def put_in_order(row: SheetRow, entry: Entry, user: User) -> None:
    """Give a series' frames the order in which the row names them; others come after."""
    if len(row.files) < 2:
        return
    frames = list(entry.frames.select_related("asset"))
    names = [frame.asset.original_name for frame in frames]
    rank = {find_name(wanted, names): at for at, wanted in enumerate(row.files)}
    frames.sort(key=lambda frame: rank.get(frame.asset.original_name, len(rank)))
    order_frames(entry=entry, frame_ids=[frame.pk for frame in frames], user=user)


def series_section(row: SheetRow) -> Section:
    """Return the section of a row with several files: its own, or the first for series.

    Raises EntryRefused when the edition has none.
    """
    if row.section and row.section.is_series:
        return row.section
    series = [section for section in row.edition.sections.all() if section.is_series]
    if not series:
        raise EntryRefused(_("This edition has no section for series."))
    return series[0]


def _fill_in_texts(row: SheetRow, entry: Entry, user: User) -> None:
    """Let the work say what the row says, but for what somebody typed. Raises EntryRefused."""
    entry.refresh_from_db()
    fields, kept = {}, []
    for name, text in row.texts.items():
        current = getattr(entry, name)
        value = date.fromisoformat(text) if name == "taken_on" else text
        if current == value:
            continue
        if current and not _was_filled_in(entry, name, user):
            kept.append(["kept", {"field": name, "text": text}])
        else:
            fields[name] = value
    if fields:
        update_entry(entry=entry, user=user, **fields)
    if row.section and len(row.files) == 1:
        change_section(entry=entry, section=row.section, user=user)
    row.entry = entry
    row.notes += kept
    row.save(update_fields=["entry", "notes"])


def _was_filled_in(entry: Entry, name: str, user: User) -> bool:
    """Tell whether the field holds what the desk put there itself when the file was chosen."""
    assert name in EDITABLE_FIELDS
    if name == "author_names":
        return bool(entry.author_names == own_authors(user, entry.organisation))
    if name != "title":
        return False
    names = entry.frames.values_list("asset__original_name", flat=True)
    return entry.title in {title_from_name(one) or untitled() for one in names}


def untitled() -> str:
    """Return the title of a draft whose file's name says nothing."""
    return _("Untitled")

"""The verbs of the works desk: many files begin works at once, many works are submitted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from competition.editions.models import Edition, Section
from competition.entries.checks import EntryRefused, refused_file, require_member
from competition.entries.frames import begin_frame
from competition.entries.models import Entry, Frame, SheetRow
from competition.entries.names import title_from_name
from competition.entries.queries import lock_entry
from competition.entries.services import create_entry, submit_entry, update_entry
from competition.entries.sheets import (
    fill_in_row,
    own_authors,
    put_in_order,
    row_for,
    rows_of,
    series_section,
    untitled,
)
from competition.entries.states import State
from competition.entries.wishes import wish_submission
from competition.organisations.models import Organisation
from media_processing.formats import FileName
from media_processing.rules import VIDEO_FORMATS, MediaRules, unknown_format
from media_processing.services import shown_name, take_upload
from media_processing.states import AssetState
from portal.accounts.models import User

MOST_FILES = 200  # in one request; a page sends more in several


@dataclass(frozen=True)
class Announced:
    """A file that a page is about to send."""

    name: str
    byte_size: int


@dataclass
class Begun:
    """What became of an announced file: its frame, or why there is none."""

    file: Announced
    frame: Frame | None = None
    messages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """What a page wants of a field: the new value, and the text it was typed over."""

    was: str
    value: Any


@dataclass(frozen=True)
class Outcome:
    """What became of a work that was to be submitted; no messages: it was."""

    entry: Entry
    messages: list[str]


@transaction.atomic
def begin_files(
    *,
    edition: Edition,
    organisation: Organisation,
    files: Sequence[Announced],
    sections: Iterable[Section],
    user: User,
) -> list[Begun]:
    """Make a draft of each file, with its place for the bytes; a refused one leaves none behind.

    `sections`: where photos and where videos go, unless a row of the spreadsheet says more. A
    file that is here already, or whose upload is unfinished (same name and size), keeps its
    place: an answer lost on the way, or a reload, makes nothing twice.
    Raises EntryRefused when the person is no member.
    """
    require_member(user, organisation)
    # A request that is sent again waits here for the one before, then finds what it made.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    here = frames_here(edition, organisation, user)
    rows = list(rows_of(edition, organisation))
    by_kind = {section.media_kind: section for section in reversed(list(sections))}
    begun = []
    for file in files:
        key = (shown_name(file.name), file.byte_size)
        if frames := here.get(key):
            begun.append(Begun(file, frames.pop(0)))
            continue
        try:
            with transaction.atomic():
                frame = _begin_file(organisation, file, by_kind, row_for(rows, file.name), user)
                begun.append(Begun(file, frame))
        except EntryRefused as refusal:
            begun.append(Begun(file, messages=refusal.messages))
    return begun


def receive_files(
    *,
    edition: Edition,
    organisation: Organisation,
    files: Sequence[tuple[str, File]],
    sections: Sequence[Section],
    user: User,
) -> list[Begun]:
    """Make a draft of each complete file, as begin_files does of those whose bytes come later."""
    outcomes = []
    for name, content in files:
        announced = Announced(name, content.size)
        (begun,) = begin_files(
            edition=edition,
            organisation=organisation,
            files=[announced],
            sections=sections,
            user=user,
        )
        if begun.frame is not None and begun.frame.asset.state == AssetState.UPLOADING:
            take_upload(begun.frame.asset, content)
        outcomes.append(begun)
    return outcomes


def frames_here(
    edition: Edition, organisation: Organisation, user: User
) -> dict[tuple[str, int], list[Frame]]:
    """Return the desk's good files, and the person's unfinished ones, by name and size.

    Another person's unfinished upload is not to be gone on with from here.
    """
    frames = Frame.objects.select_related("asset").filter(
        ~Q(asset__state=AssetState.UPLOADING) | Q(asset__uploaded_by=user),
        entry__edition=edition,
        entry__organisation=organisation,
        entry__state__in=[State.DRAFT, State.RETURNED],
    )
    found: dict[tuple[str, int], list[Frame]] = {}
    for frame in frames.exclude(asset__state__in=[AssetState.REFUSED, AssetState.FAILED]):
        found.setdefault((frame.asset.original_name, frame.asset.byte_size), []).append(frame)
    return found


@transaction.atomic
def save_changes(*, entry: Entry, user: User, changes: Mapping[str, Change]) -> dict[str, str]:
    """Save each field that nobody else has changed meanwhile; return what the others say now.

    Sent twice, a change is saved once. Raises EntryRefused like update_entry.
    """
    locked = lock_entry(entry)
    texts = {name: as_text(getattr(locked, name)) for name in changes}
    theirs = {
        name: texts[name]
        for name, change in changes.items()
        if texts[name] not in (as_text(change.was), as_text(change.value))
    }
    fields = {name: change.value for name, change in changes.items() if name not in theirs}
    update_entry(entry=entry, user=user, **fields)
    return theirs


def as_text(value: Any) -> str:
    """Return a field's value as its input shows it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value or "").replace("\r\n", "\n")


def declare_works(*, entries: Iterable[Entry], user: User, **declared: str) -> int:
    """Say this of AI use and of people for each work that says nothing of it; return how many.

    What a work says already is kept. Raises EntryRefused like update_entry.
    """
    changed = 0
    for entry in entries:
        missing = {
            name: said for name, said in declared.items() if said and not getattr(entry, name)
        }
        if missing:
            update_entry(entry=entry, user=user, **missing)
            changed += 1
    return changed


def submit_works(
    *,
    entries: Iterable[Entry],
    user: User,
    accepts_rights: bool,
    declaration: int | None = None,
) -> list[Outcome]:
    """Submit each in a transaction of its own; what is refused stays and stops no other.

    `declaration` is the version that the person read; None: the one in force.
    """
    accepted = {"user": user, "accepts_rights": accepts_rights, "declaration": declaration}
    return [_outcome(submit_entry, entry, **accepted) for entry in entries]


def wish_submissions(
    *,
    entries: Iterable[Entry],
    user: User,
    accepts_rights: bool,
    declaration: int | None = None,
) -> list[Outcome]:
    """Have each submitted when its files are ready; what is refused stops no other."""
    accepted = {"user": user, "accepts_rights": accepts_rights, "declaration": declaration}
    return [_outcome(wish_submission, entry, **accepted) for entry in entries]


def _outcome(verb: Callable[..., Any], entry: Entry, **accepted: Any) -> Outcome:
    try:
        verb(entry=entry, **accepted)
    except EntryRefused as refusal:
        return Outcome(entry, refusal.messages)
    return Outcome(entry, [])


def _begin_file(
    organisation: Organisation,
    file: Announced,
    sections: dict[str, Section],
    row: SheetRow | None,
    user: User,
) -> Frame:
    section = _section_for(file, sections, row)
    entry = row.entry if row and len(row.files) > 1 else None
    if entry is None or entry.state != State.DRAFT:
        entry = create_entry(
            section=section,
            organisation=organisation,
            user=user,
            title=title_from_name(file.name) or untitled(),
            author_names=own_authors(user, organisation),
        )
    frame = begin_frame(entry=entry, name=file.name, byte_size=file.byte_size, user=user)
    if row and row.entry is None:
        fill_in_row(row, [entry], user)
    elif row:
        put_in_order(row, entry, user)
    return frame


def _section_for(file: Announced, sections: dict[str, Section], row: SheetRow | None) -> Section:
    """Return the section in which the file's work begins. Raises EntryRefused."""
    claimed = FileName.read(file.name).claims
    if claimed is None:
        formats = tuple(name for one in sections.values() for name in one.media_rules.formats)
        raise refused_file(unknown_format(MediaRules("photo", formats)))
    kind = "video" if claimed in VIDEO_FORMATS else "photo"
    if row and len(row.files) > 1:
        return series_section(row)
    if row and row.section and row.section.media_kind == kind:
        return row.section
    if kind not in sections:
        raise EntryRefused(
            _("This edition takes no videos.")
            if kind == "video"
            else _("This edition takes no photos.")
        )
    return sections[kind]

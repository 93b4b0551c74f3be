"""Works change their shape: several become a series, a series comes apart, a section changes."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.models import Section
from competition.entries.checks import (
    RIGHTS_FIELDS,
    EntryRefused,
    refused_file,
    require_clean,
    require_editable,
)
from competition.entries.declared import AI_USE, PORTRAITS, joined_notes, strongest
from competition.entries.models import Entry, Frame
from competition.entries.queries import lock_entry, lock_with_organisation
from competition.entries.releases import copy_releases, move_releases
from competition.entries.services import create_entry
from competition.entries.states import State
from media_processing.services import UploadRefused, adopt_rules
from portal.accounts.models import User

STORY_LENGTH, NOTE_LENGTH = 2000, 300


@transaction.atomic
def join_entries(*, entries: Sequence[Entry], section: Section, user: User) -> Entry:
    """Make one series of several drafts, in their order; the first keeps its texts.

    Titles of the others become captions, their stories follow the first's, their releases go
    along, and of AI and people the series says what asks most: nothing is lost.
    Raises EntryRefused, and leaves every work as it was.
    """
    locked = {pk: lock_entry(Entry(pk=pk)) for pk in sorted({entry.pk for entry in entries})}
    first, *others = [locked[pk] for pk in dict.fromkeys(entry.pk for entry in entries)]
    _require_joinable([first, *others], section, user)
    _declare_as_one(first, others)
    position = max([frame.position for frame in first.frames.all()], default=0)
    for other in others:
        for frame in other.frames.all():
            position += 1
            frame.entry, frame.position, frame.is_cover = first, position, False
            frame.caption = frame.caption or other.title
            frame.save()
    first.story = "\n\n".join(entry.story for entry in [first, *others] if entry.story)
    _set_section(first, section)
    move_releases(source=others, target=first)
    for other in others:
        log(
            instance=other,
            action="competition.entry.join",
            user=user,
            data={"title": other.title, "into": first.pk},
        )
        other.delete()
    return first


@transaction.atomic
def split_entry(*, entry: Entry, section: Section, user: User) -> list[Entry]:
    """Make a work of each frame of a draft, in `section`; return them, the old one first.

    Each says the same of AI and people and has the releases, for who is on which frame only
    the entrant knows. Raises EntryRefused, and leaves the work as it was.
    """
    locked = lock_with_organisation(entry)  # copies of papers count in its quota
    require_editable(locked, user)
    _require_draft(locked)
    _require_same_kind(locked, section)
    first, *rest = locked.frames.all()
    works = [locked]
    for frame in rest:
        work = create_entry(
            section=section,
            organisation=locked.organisation,
            user=user,
            title=(frame.caption or locked.title)[:80],
            author_names=locked.author_names,
            place=locked.place,
            taken_on=locked.taken_on,
            credit_line=locked.credit_line,
            ai_use=locked.ai_use,
            ai_note=locked.ai_note,
            portraits=locked.portraits,
        )
        frame.entry, frame.position, frame.is_cover = work, 1, False
        frame.save()
        _hold_files_to(section, work)
        works.append(work)
    Frame.objects.filter(pk=first.pk).update(position=1, is_cover=False)
    _set_section(locked, section)
    copy_releases(source=locked, targets=works[1:], user=user)
    data = {"title": locked.title, "works": len(works)}
    log(instance=locked, action="competition.entry.split", user=user, data=data)
    return works


@transaction.atomic
def change_section(*, entry: Entry, section: Section, user: User) -> Entry:
    """Enter a draft in another section of its edition. Raises EntryRefused."""
    locked = lock_entry(entry)
    require_editable(locked, user)
    if locked.section_id == section.pk:
        return locked
    _require_draft(locked)
    _require_same_kind(locked, section)
    _require_room(section, locked.frames.count())
    _set_section(locked, section)
    return locked


# --- what they share ----------------------------------------------------------------------


def _require_joinable(entries: Sequence[Entry], section: Section, user: User) -> None:
    for entry in entries:
        require_editable(entry, user)
        _require_draft(entry)
        _require_same_kind(entry, section)
    if len({entry.organisation_id for entry in entries}) > 1:
        raise EntryRefused(_("These works belong to different organisations."))
    if not section.is_series:
        raise EntryRefused(_("This edition has no section for series."))
    if len(entries) < 2:
        raise EntryRefused(_("Please select the works that shall become one series."))
    _require_room(section, sum(entry.frames.count() for entry in entries))
    if len("\n\n".join(entry.story for entry in entries if entry.story)) > STORY_LENGTH:
        raise EntryRefused(
            _("The stories of these works are too long together. Please shorten them first.")
        )
    if len(joined_notes(entry.ai_note for entry in entries)) > NOTE_LENGTH:
        raise EntryRefused(
            _("What AI did in these works is too long together. Please shorten the notes first.")
        )


def _require_draft(entry: Entry) -> None:
    if entry.state != State.DRAFT:
        raise EntryRefused(
            _("“%(title)s” was submitted before: its section and its number stay as they are.")
            % {"title": entry.title}
        )


def _require_same_kind(entry: Entry, section: Section) -> None:
    if section.edition_id != entry.edition_id or section.is_video != entry.section.is_video:
        raise EntryRefused(
            _("“%(title)s” can't be entered in “%(section)s”. It was left as it is.")
            % {"title": entry.title, "section": section}
        )


def _require_room(section: Section, frames: int) -> None:
    if frames > section.max_frames:
        raise EntryRefused(
            _("“%(section)s” allows %(most)s files at most; these are %(count)s.")
            % {"section": section, "most": section.max_frames, "count": frames}
        )


def _declare_as_one(first: Entry, others: Sequence[Entry]) -> None:
    works = [first, *others]
    shown = {work.pk for work in works if work.frames.exists()}  # what nobody sees owes no word
    first.ai_use = strongest([w.ai_use for w in works if w.ai_use or w.pk in shown], AI_USE)
    first.ai_note = joined_notes(work.ai_note for work in works)
    first.portraits = strongest(
        [w.portraits for w in works if w.portraits or w.pk in shown], PORTRAITS
    )


def _set_section(entry: Entry, section: Section) -> None:
    entry.section = section
    entry.submit_when_ready = False  # nobody has seen the work as it is now
    require_clean(entry)
    changed = ["section", "story", *RIGHTS_FIELDS, "submit_when_ready", "updated_at"]
    entry.save(update_fields=changed)
    _hold_files_to(section, entry)


def _hold_files_to(section: Section, entry: Entry) -> None:
    for frame in entry.frames.select_related("asset"):
        name = frame.asset.original_name
        try:
            is_free = adopt_rules(frame.asset, section.media_rules)
        except UploadRefused as refusal:
            sentences = [f"{name}: {message}" for message in refused_file(refusal).messages]
            raise EntryRefused(*sentences) from refusal
        if not is_free:
            raise EntryRefused(
                _("“%(name)s” is being processed just now. Please try again in a moment.")
                % {"name": name}
            )

"""The verbs of an entry. Each checks its rule, then goes through the one door."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.models import Edition, Section
from competition.editions.queries import current_declaration
from competition.entries.checks import (
    EDITABLE_FIELDS,
    EntryRefused,
    require_clean,
    require_editable,
    require_member,
    require_organiser,
    require_possible,
    require_submittable,
    submission_problems,
)
from competition.entries.models import Entry, EntryRevision
from competition.entries.queries import (
    lock_entry,
    may_withdraw,
    next_number,
)
from competition.entries.signals import entry_state_changed
from competition.entries.states import MoveRefused, Role, State, find_move
from competition.organisations.models import Organisation
from media_processing.services import discard_asset
from portal.accounts.models import User


def set_entry_state(*, entry: Entry, target: str, role: str, actor: Any, reason: str = "") -> Entry:
    """Move the entry: lock the row, look the move up, save, log, signal. The only door.

    Raises MoveRefused when the table has no such move for `role`.
    Raises ValueError when the move asks for a reason and none is given.
    """
    with transaction.atomic():
        locked = Entry.objects.select_for_update().get(pk=entry.pk)
        move = find_move(locked.state, target, role)
        if move.needs_reason and not reason.strip():
            raise ValueError("This move needs a reason.")
        entry.state = locked.state = move.target.value
        entry.advice = locked.advice = reason
        locked.save(update_fields=["state", "advice", "updated_at"])
        log_entry = log(
            instance=locked,
            action=f"competition.entry.{move.verb}",
            user=actor,
            data={"from": move.source.value, "to": move.target.value, "why": reason},
        )
        entry_state_changed.send(
            Entry, entry=locked, move=move, actor=actor, reason=reason, log_entry=log_entry
        )
    return entry


# --- the entrant --------------------------------------------------------------------------


@transaction.atomic
def create_entry(
    *,
    section: Section,
    organisation: Organisation,
    user: User,
    title: str,
    author_names: str,
    story: str = "",
    place: str = "",
    taken_on: Any = None,
    credit_line: str = "",
    ai_use: str = "",
    ai_note: str = "",
    portraits: str = "",
) -> Entry:
    """Begin a draft. Raises EntryRefused: not a member, call closed, a field is wrong."""
    entry = Entry(
        edition=section.edition,
        section=section,
        organisation=organisation,
        created_by=user,
        title=title,
        author_names=author_names,
        story=story,
        place=place,
        taken_on=taken_on,
        credit_line=credit_line,
        ai_use=ai_use,
        ai_note=ai_note,
        portraits=portraits,
    )
    require_editable(entry, user)
    require_clean(entry)
    entry.save()
    log(instance=entry, action="competition.entry.create", user=user)
    return entry


@transaction.atomic
def update_entry(*, entry: Entry, user: User, **fields: Any) -> Entry:
    """Change a draft's or a returned work's texts.

    Raises EntryRefused when it can't be changed now or a field is wrong, TypeError when a
    field is not one of EDITABLE_FIELDS.
    """
    if unknown := fields.keys() - set(EDITABLE_FIELDS):
        raise TypeError(f"Not an entrant's to change: {sorted(unknown)}")
    locked = lock_entry(entry)
    require_editable(locked, user)
    for name, value in fields.items():
        setattr(locked, name, value)
    require_clean(locked)
    locked.save(update_fields=[*fields, "updated_at"])
    return _reload(entry)


@transaction.atomic
def submit_entry(
    *, entry: Entry, user: User, accepts_rights: bool, declaration: int | None = None
) -> Entry:
    """Hand the work in: it gets its number, and what it says now is kept as a revision.

    `declaration` is the version that the person read; None: the one in force.
    Raises EntryRefused with everything that is still missing.
    """
    # One lock for the section's limit, the numbers and the declaration: all are the edition's.
    Edition.objects.select_for_update(no_key=True).get(pk=entry.edition_id)
    locked = lock_entry(entry)
    require_submittable(locked, user)
    if problems := submission_problems(locked, accepts_rights, declaration):
        raise EntryRefused(*problems)
    in_force = current_declaration(locked.edition)
    assert in_force is not None
    locked.number = locked.number or next_number(locked.edition, locked.section.number_prefix)
    locked.rights_accepted_at = locked.submitted_at = timezone.now()
    locked.rights_accepted_by, locked.declaration = user, in_force
    locked.submit_when_ready = False
    locked.save(
        update_fields=[
            "number",
            "declaration",
            "rights_accepted_at",
            "rights_accepted_by",
            "submitted_at",
            "submit_when_ready",
        ]
    )
    EntryRevision.objects.create(
        entry=locked,
        number=locked.revisions.count() + 1,
        content=_content(locked),
        declaration=in_force,
        submitted_by=user,
    )
    move_entry(entry=locked, target=State.SUBMITTED, role=Role.ENTRANT, user=user)
    return _reload(entry)


@transaction.atomic
def withdraw_entry(*, entry: Entry, user: User) -> Entry:
    """Take a submitted work back for good, while the call is open."""
    locked = lock_entry(entry)
    require_member(user, locked.organisation)
    if not may_withdraw(locked):
        raise EntryRefused(
            _("This work can't be withdrawn any more. Please write to the organiser.")
        )
    move_entry(entry=locked, target=State.WITHDRAWN, role=Role.ENTRANT, user=user)
    return _reload(entry)


@transaction.atomic
def delete_draft(*, entry: Entry, user: User | None) -> None:
    """Delete a work that was never submitted, with its files; also after the deadline.

    Without a user: by the clock, when nobody went on with it for long.
    """
    locked = lock_entry(entry)
    if user:
        require_member(user, locked.organisation)
    if locked.state != State.DRAFT:
        raise EntryRefused(_("Only a draft can be deleted. This work was submitted already."))
    log(instance=locked, action="competition.entry.delete", user=user, data={"title": locked.title})
    assets = [frame.asset for frame in locked.frames.select_related("asset")]
    papers = [release.file for release in locked.releases.all()]
    locked.delete()
    for asset in assets:
        discard_asset(asset)
    for paper in papers:
        transaction.on_commit(partial(paper.storage.delete, str(paper.name)))


# --- the organiser ------------------------------------------------------------------------


@transaction.atomic
def return_entry(
    *, entry: Entry, user: User, reason: str, revise_by: datetime | None = None
) -> Entry:
    """Ask for a revision, and say what to change, as long as the entrant can still act on it.

    Nothing is changed after `revise_by`; None: as long as call or screening is open.
    """
    locked = lock_entry(entry)
    require_organiser(user)
    require_possible(locked, "return")
    send_back(entry=locked, role=Role.ORGANISER, user=user, reason=reason, revise_by=revise_by)
    return _reload(entry)


def admit_entry(*, entry: Entry, user: User, reason: str = "") -> Entry:
    """Let the work take part, until judging closes. A rejected one needs a reason."""
    return _organise(entry, user, "admit", State.ADMITTED, reason)


def reject_entry(*, entry: Entry, user: User, reason: str = "") -> Entry:
    """Do not let the work take part, and say why, until judging closes."""
    return _organise(entry, user, "reject", State.REJECTED, reason)


def disqualify_entry(*, entry: Entry, user: User, reason: str = "") -> Entry:
    """Exclude an admitted work, and say why; at any time."""
    return _organise(entry, user, "disqualify", State.DISQUALIFIED, reason)


def reinstate_entry(*, entry: Entry, user: User, reason: str = "") -> Entry:
    """Let a disqualified work take part again, and say why; at any time."""
    return _organise(entry, user, "reinstate", State.ADMITTED, reason)


@transaction.atomic
def _organise(entry: Entry, user: User, verb: str, target: State, reason: str) -> Entry:
    locked = lock_entry(entry)
    require_organiser(user)
    require_possible(locked, verb)
    move_entry(entry=locked, target=target, role=Role.ORGANISER, user=user, reason=reason)
    return _reload(entry)


# --- what the verbs share -----------------------------------------------------------------


def _reload(entry: Entry) -> Entry:
    """Let the caller's object say what the row says."""
    entry.refresh_from_db()
    return entry


def _content(entry: Entry) -> dict[str, Any]:
    """Return what the work says now, as a revision keeps it."""
    texts = {name: getattr(entry, name) for name in EDITABLE_FIELDS}
    texts["taken_on"] = entry.taken_on.isoformat() if entry.taken_on else None
    frames = [
        {"asset": str(frame.asset_id), "position": frame.position, "caption": frame.caption}
        for frame in entry.frames.all()
    ]
    releases = [{"id": one.pk, "name": one.original_name} for one in entry.current_releases]
    return {**texts, "frames": frames, "releases": releases}


def send_back(
    *, entry: Entry, role: Role, user: User, reason: str, revise_by: datetime | None
) -> None:
    """Return a locked work for revision until `revise_by`. Raises EntryRefused."""
    if revise_by is not None and revise_by <= timezone.now():
        raise EntryRefused(
            _("The deadline for the revision must lie in the future. The work was left as it is.")
        )
    entry.revise_by = revise_by
    entry.save(update_fields=["revise_by"])
    move_entry(entry=entry, target=State.RETURNED, role=role, user=user, reason=reason)


def move_entry(*, entry: Entry, target: State, role: Role, user: User, reason: str = "") -> None:
    """Take a locked work through the door; what the table refuses becomes a sentence.

    Raises EntryRefused.
    """
    try:
        move = find_move(entry.state, target, role)
    except MoveRefused as error:
        raise EntryRefused(
            _("This can't be done: the work is “%(state)s” now. It was left as it is.")
            % {"state": entry.get_state_display()}
        ) from error
    if move.needs_reason and not reason.strip():
        raise EntryRefused(_("Please say why: the entrant will read it."))
    set_entry_state(entry=entry, target=target, role=role, actor=user, reason=reason.strip())

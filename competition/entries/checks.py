"""What stands in the way of a verb, said in plain sentences. Reads, never writes."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competition.editions.models import Section
from competition.editions.queries import current_declaration
from competition.entries.exact_copies import NO_COPIES, Copies, copies_of
from competition.entries.models import Entry, Frame
from competition.entries.queries import (
    bytes_taken,
    edit_window,
    grace_window,
    may_admit,
    may_return,
    places_left,
)
from competition.entries.states import Role, State, find_verb
from competition.organisations.models import Organisation
from competition.organisations.queries import is_member
from media_processing.reasons import explain
from media_processing.rules import UploadRefused
from media_processing.states import FINAL_STATES, AssetState, Reason
from portal.accounts.groups import is_organiser
from portal.accounts.models import User

RIGHTS_FIELDS = ("ai_use", "ai_note", "portraits")
EDITABLE_FIELDS = (
    "title",
    "author_names",
    "story",
    "place",
    "taken_on",
    "credit_line",
    *RIGHTS_FIELDS,
)


class EntryRefused(Exception):
    """What somebody asked for can't be done. `messages`: translated sentences for them."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


class FileTooLarge(EntryRefused):
    """A file has more bytes than its section, or its organisation's quota, has room for."""


def refused_file(refusal: UploadRefused) -> EntryRefused:
    """Return what the media room refused as a refusal of this room, in plain words."""
    kind = FileTooLarge if refusal.reason == Reason.TOO_LARGE else EntryRefused
    return kind(explain(refusal.reason, refusal.values))


def require_member(user: User, organisation: Organisation) -> None:
    """Raise EntryRefused unless the person acts for the organisation."""
    if not is_member(user, organisation):
        raise EntryRefused(_("This work belongs to an organisation you are not a member of."))


def require_organiser(user: User) -> None:
    """Raise EntryRefused unless the person runs the competition."""
    if not is_organiser(user):
        raise EntryRefused(_("Only the organiser can do this."))


def require_verified(organisation: Organisation) -> None:
    """Raise EntryRefused unless the organisation is known to be what it claims to be."""
    if problem := verification_problem(organisation):
        raise EntryRefused(problem)


def verification_problem(organisation: Organisation) -> str:
    """Return why the organisation's works can't go on yet; "" when it is verified."""
    if organisation.is_verified:
        return ""
    return _(
        "%(organisation)s is “%(state)s”, so its works can't go on. The work was left "
        "as it is; verify the organisation first."
    ) % {"organisation": organisation, "state": organisation.get_verification_display()}


def require_editable(entry: Entry, user: User) -> None:
    """Raise EntryRefused unless the person may change the work, and now."""
    require_member(user, entry.organisation)
    if edit_window(entry) is not None:
        return
    if entry.state in (State.DRAFT, State.RETURNED):
        raise EntryRefused(
            _("The deadline has passed. What was saved before it is kept; nothing was changed.")
        )
    raise EntryRefused(
        _("This work is “%(state)s” and can't be changed. Nothing was changed.")
        % {"state": entry.get_state_display()}
    )


def require_submittable(entry: Entry, user: User) -> None:
    """Raise EntryRefused unless the person may submit the work now, or in its grace."""
    require_member(user, entry.organisation)
    if grace_window(entry) is None:
        require_editable(entry, user)


def require_clean(entry: Entry) -> None:
    """Raise EntryRefused with a sentence for each field that can't be saved so."""
    try:
        entry.clean_fields()
    except ValidationError as error:
        raise EntryRefused(*_sentences(entry, error)) from error


def _sentences(entry: Entry, error: ValidationError) -> list[str]:
    labels = {name: entry._meta.get_field(name).verbose_name for name in error.message_dict}
    return [
        f"{labels[name]}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def require_free_frame(entry: Entry) -> None:
    """Raise EntryRefused when the work has as many files as its section allows."""
    most = entry.section.max_frames
    if entry.frames.count() >= most:
        raise EntryRefused(
            ngettext(
                "A work in this section has %(most)s file only. Replace or remove it first.",
                "A work in this section has %(most)s files at most. Replace or remove one first.",
                most,
            )
            % {"most": most}
        )


def require_quota(entry: Entry, byte_size: int, replaced: Frame | None = None) -> None:
    """Raise FileTooLarge when the organisation's files would take more than the edition allows.

    `replaced` is the frame that makes room. The caller holds the organisation's row, or two
    files could take the same place.
    """
    if not settings.UPLOAD_QUOTA_MB:
        return
    taken = bytes_taken(entry.edition, entry.organisation, without=replaced)
    if taken + byte_size > settings.UPLOAD_QUOTA_MB * 1024**2:
        raise FileTooLarge(
            _(
                "%(organisation)s has used %(taken)s MB of the %(quota)s MB for its files in this "
                "edition, so this file was not taken; all others are kept. Remove files that "
                "are not needed any more, or ask the organiser for more room."
            )
            % {
                "organisation": entry.organisation,
                "taken": taken // 1024**2,
                "quota": settings.UPLOAD_QUOTA_MB,
            }
        )


def organiser_problem(entry: Entry, verb: str) -> str:
    """Return why the organiser can't do this to the work now; "" when nothing is in the way."""
    if find_verb(verb, entry.state, Role.ORGANISER) is None:
        return _("This can't be done: the work is “%(state)s” now. It was left as it is.") % {
            "state": entry.get_state_display()
        }
    if verb in ("admit", "reject") and not may_admit(entry.edition):
        return _("Judging is over: who takes part is settled.")
    if verb == "return" and not may_return(entry.edition):
        return _("Call and screening are over: nobody could revise the work now.")
    # Who is reinstated was verified when the work was admitted.
    return verification_problem(entry.organisation) if verb == "admit" else ""


def require_possible(entry: Entry, verb: str) -> None:
    """Raise EntryRefused when the organiser can't do this to the work now."""
    if problem := organiser_problem(entry, verb):
        raise EntryRefused(problem)


def submission_problems(
    entry: Entry, accepts_rights: bool, declaration: int | None = None
) -> list[str]:
    """Return a sentence for each thing that is missing; empty when the work may go.

    `declaration` is the version that was read; None: the one in force.
    """
    problems = work_problems(entry, copies_of(entry))
    problems += declaration_problems(entry, accepts_rights, declaration)
    # A returned work holds its place already.
    if entry.state == State.DRAFT and places_left(entry.section, entry.organisation) == 0:
        problems.append(
            _("%(organisation)s has submitted all %(limit)s works that “%(section)s” allows.")
            % {
                "organisation": entry.organisation,
                "limit": entry.section.entries_per_organisation,
                "section": entry.section,
            }
        )
    return problems


def work_problems(entry: Entry, copies: Copies = NO_COPIES, *, waiting: bool = True) -> list[str]:
    """Return a sentence for each thing that the work itself, or who enters it, lacks.

    `copies`: where its files are besides. `waiting=False` leaves out what time alone will mend:
    files that are on their way.
    """
    problems = file_problems(entry.section, entry.frames.all(), waiting=waiting)
    problems += copies.problems + _rights_problems(entry)
    if entry.organisation.is_refused:
        problems.append(
            _(
                "%(organisation)s could not be verified, so it can't submit. The draft is kept. "
                "The reason stands on “My page”, where a manager can correct the data."
            )
            % {"organisation": entry.organisation}
        )
    return problems


def _rights_problems(entry: Entry) -> list[str]:
    problems = []
    if not entry.ai_use:
        problems.append(_("Please say whether AI was used for the work."))
    elif entry.ai_use != Entry.AiUse.NONE and not entry.ai_note.strip():
        problems.append(_("Please say which AI tool was used, and for what."))
    if not entry.portraits:
        problems.append(_("Please say whether people can be recognised, and have consented."))
    return problems


def declaration_problems(entry: Entry, accepts: bool, read: int | None) -> list[str]:
    """Return why the rights declaration does not count as accepted; empty when it does.

    `read` is the version that the person was shown; None: the one in force.
    """
    in_force = current_declaration(entry.edition)
    if in_force is None:
        return [_("The organiser has not published the rights declaration yet. The work is kept.")]
    if not accepts:
        return [_("Please read the rights declaration and tick that you accept it.")]
    if read not in (None, in_force.number):
        return [
            _(
                "The rights declaration has changed since you opened the page, so the work was "
                "not submitted; everything in it is kept. Please read the new text, accept it "
                "and submit again."
            )
        ]
    return []


def files_on_their_way(frames: Iterable[Frame]) -> bool:
    """Tell whether a file is still being uploaded or processed."""
    return any(frame.asset.state not in FINAL_STATES for frame in frames)


def file_problems(section: Section, frames: Iterable[Frame], *, waiting: bool = True) -> list[str]:
    """Return a sentence for each thing that is wrong with a work's files.

    `waiting=False` leaves out what time alone will mend: files that are on their way.
    """
    frames = list(frames)
    problems = []
    if not frames:
        problems.append(_("The work has no file yet."))
    elif not section.min_frames <= len(frames) <= section.max_frames:
        problems.append(
            _("“%(section)s” asks for %(least)s to %(most)s files; this work has %(count)s.")
            % {
                "section": section,
                "least": section.min_frames,
                "most": section.max_frames,
                "count": len(frames),
            }
        )
    for order, frame in enumerate(frames, start=1):
        if not waiting and frame.asset.state not in FINAL_STATES:
            continue
        if frame.asset.state in (AssetState.RECEIVED, AssetState.PROCESSING):
            problems.append(
                _("File %(order)s is still being processed. Please try again when it is ready.")
                % {"order": order}
            )
        elif frame.asset.state == AssetState.UPLOADING:
            problems.append(
                _("File %(order)s is still being uploaded. Please wait for it, or go on with it.")
                % {"order": order}
            )
        elif frame.asset.state != AssetState.READY:
            problems.append(
                _("File %(order)s can't be used. Please replace or remove it.") % {"order": order}
            )
    return problems

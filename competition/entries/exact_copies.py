"""Exact copies: the same bytes as another file of the edition. Reads, never writes.

A file's digest is known when the worker has read the file to its end; a file without one is
like no other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _

from competition.entries.models import Entry, Frame
from competition.entries.queries import UNCOUNTED
from competition.entries.states import State


@dataclass(frozen=True)
class Copies:
    """Where the files of one work are besides. Files are told by their order, from 1.

    `repeated`: files that are in the work itself, earlier. `own`: with a work of the same
    organisation that was submitted; `foreign`: in one of another organisation, which is not
    named. `drafts`: with a draft of the same organisation.
    """

    repeated: list[int] = field(default_factory=list)
    own: list[tuple[int, Entry]] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    drafts: list[tuple[int, Entry]] = field(default_factory=list)


NO_COPIES = Copies()


def find_copies(entries: Collection[Entry]) -> dict[int, Copies]:
    """Return the exact copies of each of these works' files, by the work's id.

    The works are of one edition and one organisation. One query, besides bringing frames along.
    """
    if not entries:
        return {}
    prefetch_related_objects(list(entries), "frames__asset")
    first = next(iter(entries))
    digests = {frame.asset.sha256 for entry in entries for frame in entry.frames.all()} - {""}
    others: dict[str, list[Entry]] = defaultdict(list)
    frames = Frame.objects.filter(asset__sha256__in=digests, entry__edition=first.edition_id)
    is_own_draft = Q(entry__state=State.DRAFT, entry__organisation=first.organisation_id)
    for frame in (
        frames.filter(~Q(entry__state__in=UNCOUNTED) | is_own_draft)
        .select_related("asset", "entry")
        .order_by("entry__submitted_at", "entry", "position")
    ):
        others[frame.asset.sha256].append(frame.entry)
    return {entry.pk: _copies_of(entry, others) for entry in entries}


def copy_problems(copies: Copies) -> list[str]:
    """Return a sentence for each file that keeps the work from being submitted."""
    problems = [
        _("File %(order)s is in this work already. Please remove it.") % {"order": order}
        for order in copies.repeated
    ]
    problems += [
        _(
            "File %(order)s is the same as in your work %(number)s “%(title)s”, which takes part "
            "already. Please replace the file, or delete this draft."
        )
        % {"order": order, "number": other.number, "title": other.title}
        for order, other in copies.own
    ]
    problems += [
        _(
            "File %(order)s takes part in this edition already: another organisation has "
            "submitted exactly the same file. The draft is kept. Please replace the file; if "
            "the work is yours, write to the organiser."
        )
        % {"order": order}
        for order in copies.foreign
    ]
    return problems


def copy_notes(copies: Copies) -> list[str]:
    """Return a sentence for each file that another draft has as well: one of them can go."""
    return [
        _("File %(order)s is also in the draft “%(title)s”: only one of the two can be submitted.")
        % {"order": order, "title": other.title}
        for order, other in copies.drafts
    ]


def copy_sentences(entry: Entry) -> list[str]:
    """Return all that is to be said of the work's files being elsewhere as well."""
    copies = find_copies([entry])[entry.pk]
    return copy_problems(copies) + copy_notes(copies)


def _copies_of(entry: Entry, others: dict[str, list[Entry]]) -> Copies:
    copies, seen = Copies(), set()
    for order, frame in enumerate(entry.frames.all(), start=1):
        digest = frame.asset.sha256
        if digest and digest in seen:
            copies.repeated.append(order)
        elif digest:
            seen.add(digest)
            _sort_in(copies, order, entry, others[digest])
    return copies


def _sort_in(copies: Copies, order: int, entry: Entry, others: Iterable[Entry]) -> None:
    """Note the most telling of the works that have the file: an own one rather than a draft."""
    rest = [other for other in others if other.pk != entry.pk]
    is_own = {other.pk: other.organisation_id == entry.organisation_id for other in rest}
    submitted = [other for other in rest if other.state != State.DRAFT]
    own = [other for other in submitted if is_own[other.pk]]
    if own:
        copies.own.append((order, own[0]))
    elif submitted:
        copies.foreign.append(order)
    elif rest:
        copies.drafts.append((order, rest[0]))

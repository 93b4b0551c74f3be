"""Exact copies: the same bytes as another file of the edition. Reads, never writes.

A file's digest is known when the worker has read the file to its end; a file without one, or one
that can't be used, is like no other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from competition.entries.models import Entry, Frame
from competition.entries.queries import UNCOUNTED
from competition.entries.states import State
from media_processing.models import MediaAsset
from media_processing.states import AssetState

UNUSABLE = (AssetState.REFUSED.value, AssetState.FAILED.value)


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

    @property
    def problems(self) -> list[str]:
        """A sentence for each file that keeps the work from being submitted."""
        return [
            *(_already_here(order) for order in self.repeated),
            *(_in_own_work(order, other) for order, other in self.own),
            *(_in_foreign_work(order) for order in self.foreign),
        ]

    @property
    def notes(self) -> list[str]:
        """A sentence for each file that another draft has as well: one of them can go."""
        return [_in_own_draft(order, other) for order, other in self.drafts]

    @property
    def works(self) -> list[Entry]:
        """The organisation's other works that are named, each once."""
        return list({other.pk: other for _order, other in self.own + self.drafts}.values())


NO_COPIES = Copies()


def copies_of(entry: Entry) -> Copies:
    """Return the exact copies of one work's files."""
    return find_copies([entry])[entry.pk]


def find_copies(entries: Collection[Entry]) -> dict[int, Copies]:
    """Return the exact copies of each of these works' files, by the work's id.

    The works are of one edition and one organisation. One query, besides bringing frames along.
    """
    if not entries:
        return {}
    prefetch_related_objects(list(entries), "frames__asset")
    digests = {_digest(frame.asset) for entry in entries for frame in entry.frames.all()} - {""}
    others: dict[str, list[Entry]] = defaultdict(list)
    for frame in frames_with(digests, next(iter(entries))):
        others[frame.asset.sha256].append(frame.entry)
    return {entry.pk: _copies_of(entry, others) for entry in entries}


def frames_with(digests: Collection[str], seen_from: Entry) -> QuerySet[Frame]:
    """Return the frames of the edition that hold these files and matter to this work's people.

    Those of submitted works, the earliest first, and of their organisation's own drafts.
    """
    is_own_draft = Q(entry__state=State.DRAFT, entry__organisation=seen_from.organisation_id)
    return (
        Frame.objects.filter(asset__sha256__in=digests, entry__edition=seen_from.edition_id)
        .filter(~Q(entry__state__in=UNCOUNTED) | is_own_draft)
        .exclude(asset__state__in=UNUSABLE)
        .select_related("asset", "entry")
        .order_by("entry__submitted_at", "entry_id", "position")
    )


# --- the sentences ------------------------------------------------------------------------


def _already_here(order: int) -> str:
    return _("File %(order)s is in this work already. Please remove it.") % {"order": order}


def _in_own_work(order: int, other: Entry) -> str:
    return _(
        "File %(order)s is the same as in your work %(number)s “%(title)s”, which was submitted "
        "already. Please replace the file, or give this work up."
    ) % {"order": order, "number": other.number, "title": other.title}


def _in_foreign_work(order: int) -> str:
    return _(
        "Another organisation has submitted exactly the same file as file %(order)s in this "
        "edition already. Your work is kept. Please replace the file; if the work is yours, "
        "write to the organiser."
    ) % {"order": order}


def _in_own_draft(order: int, other: Entry) -> str:
    return _(
        "File %(order)s is also in the draft “%(title)s”: only one of the two can be submitted."
    ) % {"order": order, "title": other.title}


# --- sorting ------------------------------------------------------------------------------


def _digest(asset: MediaAsset) -> str:
    return "" if asset.state in UNUSABLE else asset.sha256


def _copies_of(entry: Entry, others: dict[str, list[Entry]]) -> Copies:
    copies, seen = Copies(), set()
    for order, frame in enumerate(entry.frames.all(), start=1):
        digest = _digest(frame.asset)
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

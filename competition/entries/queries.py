"""Which works somebody sees, and what the clock and the limits allow."""

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from competition.editions.models import Edition, Phase, Section
from competition.editions.queries import find_phase, has_phase_closed, is_phase_open
from competition.entries.models import Appeal, Entry, EntryRevision, Frame, NearCopy, Release
from competition.entries.states import State
from competition.organisations.models import Organisation
from competition.organisations.queries import organisations_of, scored_associations
from media_processing.models import MediaAsset
from media_processing.queries import prefetch_derivatives
from media_processing.states import FINAL_STATES, AssetState, Reason

# States in which a work takes none of its organisation's places.
UNCOUNTED = (State.DRAFT.value, State.WITHDRAWN.value)
# What the organiser decided against an entrant, who may appeal.
APPEALABLE = (State.REJECTED.value, State.DISQUALIFIED.value)


def with_pictures(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Bring section, organisation and every picture along: constant queries for a list."""
    return entries.select_related("edition", "section", "organisation").prefetch_related(
        "frames__asset", prefetch_derivatives("frames__asset")
    )


def entries_of(user: Any) -> QuerySet[Entry]:
    """Return the works of the person's organisations, newest first, in any state."""
    return Entry.objects.filter(organisation__in=organisations_of(user)).order_by("-pk")


def works_at_the_desk(edition: Edition, organisation: Organisation) -> QuerySet[Entry]:
    """Return the organisation's works that wait for its people, in the order they were begun."""
    works = edition.entries.filter(
        organisation=organisation, state__in=[State.DRAFT, State.RETURNED]
    )
    return with_pictures(works).order_by("pk")


def works_under(associations: Iterable[Organisation]) -> QuerySet[Entry]:
    """Return what was submitted by these associations and by their companies."""
    chosen = [association.pk for association in associations]
    return Entry.objects.filter(
        Q(organisation__in=chosen) | Q(organisation__association__in=chosen)
    ).exclude(state=State.DRAFT)


def public_entries(edition: Edition) -> QuerySet[Entry]:
    """Return the edition's admitted works, with their pictures."""
    return with_pictures(edition.entries.filter(state=State.ADMITTED))


def entry_statistics(edition: Edition) -> dict[str, int]:
    """Return how many works the edition has in each state; 0 where it has none."""
    return count_states(edition.entries.all())


def count_states(entries: QuerySet[Entry]) -> dict[str, int]:
    """Return how many of these works are in each state; 0 where none is. One query."""
    rows = entries.order_by().values_list("state").annotate(works=Count("pk"))
    return {state.value: 0 for state in State} | dict(rows)


def with_work_counts(
    organisations: QuerySet[Organisation], edition: Edition | None
) -> QuerySet[Organisation]:
    """Bring the number of works submitted in the edition along, as `works`."""
    submitted = Q(entries__edition=edition) & ~Q(entries__state__in=UNCOUNTED)
    return organisations.annotate(works=Count("entries", filter=submitted, distinct=True))


def lock_entry(entry: Entry) -> Entry:
    """Return the row as it is now, held until the transaction ends.

    Held first and read with what it belongs to after, which may change until it is held.
    """
    Entry.objects.select_for_update().get(pk=entry.pk)
    return Entry.objects.select_related("edition", "section", "organisation").get(pk=entry.pk)


def lock_with_organisation(entry: Entry) -> Entry:
    """Return the row like lock_entry, its organisation held before it: for the quota, say.

    A merge may move the work while we wait; then the organisation that has it now is held.
    """
    own = Organisation.objects.filter(entries=entry.pk)
    for _attempt in ("as it was", "after a merge"):
        if list(own.select_for_update(no_key=True, of=("self",))):
            break
    return lock_entry(entry)


# --- the clock ----------------------------------------------------------------------------


def edit_window(entry: Entry, at: datetime | None = None) -> Phase | None:
    """Return the open phase that lets the work be changed and submitted, or None.

    A draft may be changed while the call is open, a returned work while call or screening
    is open, and not after the deadline of its return; of two open phases the one that closes
    last counts.
    """
    open_phases = [phase for phase in _edit_phases(entry) if phase.is_open(at)]
    return max(open_phases, key=lambda phase: phase.closes_at, default=None)


def _edit_phases(entry: Entry) -> list[Phase]:
    """Return the phases, open or not, that let a work in this state be changed."""
    kinds = {
        State.DRAFT.value: [Phase.Kind.CALL],
        State.RETURNED.value: [Phase.Kind.CALL, Phase.Kind.SCREENING],
    }.get(entry.state, [])
    phases = [find_phase(entry.edition, kind) for kind in kinds]
    return [_for_this_work(phase, entry) for phase in phases if phase is not None]


def grace_window(entry: Entry, at: datetime | None = None) -> Phase | None:
    """Return the closed phase in whose period of grace the work may be submitted, or None.

    It may when one of its files was on its way at the close: nothing begins after it, so the
    file began before. Files that were done by then could have been submitted in time.
    """
    now = at or timezone.now()
    phase = max(_edit_phases(entry), key=lambda phase: phase.closes_at, default=None)
    if phase is None or not phase.has_closed(now):
        return None
    assets = [frame.asset for frame in entry.frames.all()]
    if not any(_was_on_its_way(asset, phase.closes_at) for asset in assets):
        return None
    return phase if now < _grace_end(phase, assets, now) else None


def _grace_end(phase: Phase, assets: Sequence[MediaAsset], now: datetime) -> datetime:
    """Return until when the work may be submitted.

    What arrived in time and was processed later than that is our delay, not the entrant's:
    the time begins anew when the last file is done.
    """
    end = arrival_deadline(phase)
    delayed = [asset for asset in assets if _was_on_its_way(asset, end)]
    has_not_arrived = (
        asset.state == AssetState.UPLOADING or asset.created_at >= end for asset in delayed
    )
    if not delayed or any(has_not_arrived):
        return end
    return max(asset.finished_at or now for asset in delayed) + (end - phase.closes_at)


def arrival_deadline(phase: Phase) -> datetime:
    """Return until when a file may arrive whose upload began before the phase closed."""
    return phase.closes_at + timedelta(minutes=phase.edition.grace_minutes)


def _was_on_its_way(asset: MediaAsset, moment: datetime) -> bool:
    if asset.state not in FINAL_STATES:
        return True
    return asset.finished_at is not None and asset.finished_at >= moment


def _for_this_work(phase: Phase, entry: Entry) -> Phase:
    """Return the phase as it counts for the work: a return may end it earlier."""
    if entry.state != State.RETURNED or entry.revise_by is None:
        return phase
    shortened = copy(phase)
    shortened.closes_at = min(phase.closes_at, entry.revise_by)
    return shortened


def may_withdraw(entry: Entry, at: datetime | None = None) -> bool:
    """Tell whether the entrant may still take the work back."""
    states = {State.SUBMITTED.value, State.RETURNED.value, State.FORWARDED.value}
    return entry.state in states and is_phase_open(entry.edition, Phase.Kind.CALL, at)


def may_admit(edition: Edition, at: datetime | None = None) -> bool:
    """Tell whether the organiser may still decide who takes part: until judging closes."""
    return not has_phase_closed(edition, Phase.Kind.JUDGING, at)


def may_return(edition: Edition, at: datetime | None = None) -> bool:
    """Tell whether an entrant could still revise a work: while call or screening is open."""
    kinds = (Phase.Kind.CALL, Phase.Kind.SCREENING)
    return any(is_phase_open(edition, kind, at) for kind in kinds)


def open_calls(at: datetime | None = None) -> QuerySet[Phase]:
    """Return the open call phases, the first to close first, with editions and sections."""
    now = at or timezone.now()
    return (
        Phase.objects.filter(kind=Phase.Kind.CALL, opens_at__lte=now, closes_at__gt=now)
        .select_related("edition")
        .prefetch_related("edition__sections")
        .order_by("closes_at")
    )


# --- limits and numbers -------------------------------------------------------------------


def places_left(section: Section, organisation: Organisation) -> int | None:
    """Return how many more works the organisation may submit in the section; None: no limit."""
    limit = section.entries_per_organisation
    if not limit:
        return None
    taken = section.entries.filter(organisation=organisation).exclude(state__in=UNCOUNTED)
    return max(0, limit - taken.count())


def places_by_section(
    edition: Edition, organisation: Organisation
) -> list[tuple[Section, int | None]]:
    """Return each section with how many more works the organisation may submit. Two queries."""
    counted = edition.entries.filter(organisation=organisation).exclude(state__in=UNCOUNTED)
    taken = dict(counted.order_by().values_list("section").annotate(works=Count("pk")))
    return [
        (section, max(0, limit - taken.get(section.pk, 0)) if limit else None)
        for section in edition.sections.all()
        for limit in [section.entries_per_organisation]
    ]


def bytes_taken(edition: Edition, organisation: Organisation, without: Frame | None = None) -> int:
    """Return the bytes of the organisation's files in the edition, releases and those coming too.

    An upload that was given up left nothing behind.
    """
    frames = Frame.objects.filter(entry__edition=edition, entry__organisation=organisation)
    kept = frames.exclude(asset__reason=Reason.NOT_UPLOADED)
    if without:
        kept = kept.exclude(pk=without.pk)
    papers = Release.objects.filter(entry__edition=edition, entry__organisation=organisation)
    return sum(
        rows.aggregate(total=Sum(field))["total"] or 0
        for rows, field in ((kept, "asset__byte_size"), (papers, "byte_size"))
    )


def next_number(edition: Edition, prefix: str) -> str:
    """Return the work number that follows the highest, e.g. P-000124.

    The caller holds the edition's row, or two works would get the same.
    """
    highest = edition.entries.filter(number__startswith=f"{prefix}-").aggregate(Max("number"))
    last = highest["number__max"]
    return f"{prefix}-{int(last.removeprefix(f'{prefix}-')) + 1 if last else 1:06d}"


def is_in_revision(asset: MediaAsset, entry: Entry) -> bool:
    """Tell whether a submitted revision of the work names this file."""
    contents = EntryRevision.objects.filter(entry=entry).values_list("content", flat=True)
    return any(
        frame["asset"] == str(asset.pk) for content in contents for frame in content["frames"]
    )


def frames_of(entry: Entry) -> list[Frame]:
    """Return the work's frames in order, with their files and pictures."""
    frames = entry.frames.select_related("asset")
    return list(frames.prefetch_related(prefetch_derivatives("asset")))


def copies_of_frame(frame: Frame) -> QuerySet[NearCopy]:
    """Return the flags that name this frame, on either side."""
    return NearCopy.objects.filter(Q(frame=frame) | Q(other=frame))


def find_call(entry: Entry) -> Phase | None:
    """Return the call of the work's edition, open or not."""
    return find_phase(entry.edition, Phase.Kind.CALL)


# --- rights -------------------------------------------------------------------------------


def readable_releases(user: Any) -> QuerySet[Release]:
    """Return the releases the person may open: of their own works, and of those they screen.

    Who vouches for a work has to see that the people in it agreed; judges never see a name.
    """
    entries = Q(entry__in=entries_of(user)) | Q(entry__in=works_under(scored_associations(user)))
    return Release.objects.select_related("entry").filter(entries)


def is_release_in_revision(release: Release) -> bool:
    """Tell whether a submitted revision of the work names this release."""
    contents = release.entry.revisions.values_list("content", flat=True)
    return any(
        one["id"] == release.pk for content in contents for one in content.get("releases", [])
    )


# --- appeals ------------------------------------------------------------------------------


def find_open_appeal(entry: Entry) -> Appeal | None:
    """Return the work's appeal that waits for an answer, or None."""
    return entry.appeals.filter(answer="").first()


def may_appeal(entry: Entry) -> bool:
    """Tell whether the entrant may ask the organiser to look again; no deadline ends this."""
    return entry.state in APPEALABLE and find_open_appeal(entry) is None

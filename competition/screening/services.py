"""The verbs of the screening: score, forward within the quota, return, decline, and meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.models import Edition, Section
from competition.entries.checks import EntryRefused, require_verified
from competition.entries.models import Entry, EntryRevision
from competition.entries.queries import lock_entry
from competition.entries.services import move_entry, send_back
from competition.entries.states import Role, State
from competition.organisations.models import Organisation
from competition.organisations.queries import association_of, screened_associations
from competition.screening.checks import (
    require_may_score,
    require_on_scale,
    require_place,
    require_screener,
    require_seen,
)
from competition.screening.models import (
    Forwarding,
    ForwardingQuota,
    Meeting,
    ScreeningCard,
    ScreeningCriterion,
    ScreeningScore,
)
from competition.screening.queries import criteria_of, first_free_place, scores_on, works_under
from portal.accounts.models import User

# --- Scoring ----------------------------------------------------------------------------------


@transaction.atomic
def save_card(
    *,
    revision: EntryRevision,
    screener: User,
    actor: User,
    scores: Mapping[str, int],
    advice: str | None = None,
) -> ScreeningCard:
    """Save what a screener gives a revision: `scores` by criterion code, some may be missing.

    `actor` puts them down: the screener, or the association's manager for them. Advice None
    leaves the card's as it is. Raises EntryRefused; what was saved before stays.
    """
    entry = lock_entry(revision.entry)
    association = require_may_score(entry, revision, screener, actor)
    codes = [one.code for one in criteria_of(association, entry.edition)]
    require_on_scale(entry.edition, codes, scores, advice or "")
    card, created = ScreeningCard.objects.get_or_create(revision=revision, screener=screener)
    before = {"scores": scores_on(card), "advice": card.advice}
    after = {"scores": dict(scores), "advice": card.advice if advice is None else advice}
    if before == after and not created:
        return card
    _write(card, after)
    log(
        instance=entry,
        action="competition.screening.score",
        user=actor,
        data={"revision": revision.number, "screener": str(screener)}
        | {"before": None if created else before, "after": after},
    )
    return card


def _write(card: ScreeningCard, after: dict[str, Any]) -> None:
    card.advice = after["advice"]
    card.save()
    card.scores.exclude(criterion__in=after["scores"]).delete()
    ScreeningScore.objects.bulk_create(
        [ScreeningScore(card=card, criterion=c, value=v) for c, v in after["scores"].items()],
        update_conflicts=True,
        unique_fields=["card", "criterion"],
        update_fields=["value"],
    )


@transaction.atomic
def set_criteria(
    *, association: Organisation, edition: Edition, actor: User, criteria: Sequence[dict[str, Any]]
) -> list[ScreeningCriterion]:
    """Give the association criteria of its own in the edition; none: it uses the edition's.

    Each: `title`, `title_en`, `weight`, and `pk` of one to keep with its scores. Scores of
    criteria that go are kept and count no more. Raises EntryRefused for who isn't its manager.
    """
    _require_manager(association, actor)
    Organisation.objects.select_for_update(no_key=True).get(pk=association.pk)
    present = {one.pk: one for one in association.screening_criteria.filter(edition=edition)}
    kept = []
    for position, values in enumerate(criteria, start=1):
        fields = {"title": values["title"], "title_en": values.get("title_en", "")}
        criterion = present.get(values.get("pk", 0)) or ScreeningCriterion(
            association=association, edition=edition
        )
        for name, value in (fields | {"weight": values["weight"], "position": position}).items():
            setattr(criterion, name, value)
        criterion.save()
        kept.append(criterion)
    association.screening_criteria.filter(edition=edition).exclude(
        pk__in=[one.pk for one in kept]
    ).delete()
    log(
        instance=association,
        action="competition.screening.criteria",
        user=actor,
        data={"edition": edition.slug, "criteria": [[one.title, one.weight] for one in kept]},
    )
    return kept


def _require_manager(association: Organisation, user: User) -> None:
    if not screened_associations(user).filter(pk=association.pk).exists():
        raise EntryRefused(_("Only the association's manager can do this. Nothing was changed."))


# --- Deciding ---------------------------------------------------------------------------------


# `seen`: the id of the revision that was on the screen; a later one is not decided on unseen.


@transaction.atomic
def forward_entry(*, entry: Entry, user: User, seen: int | None = None) -> Entry:
    """Recommend the work to the organiser, while screening is open and a place is left."""
    association = _lock_association(entry)
    locked = _lock_to_decide(entry, user, seen)
    if association != association_of(locked.organisation):
        raise _moved()
    require_verified(locked.organisation)
    require_place(association, locked)
    move_entry(entry=locked, target=State.FORWARDED, role=Role.SCREENER, user=user)
    Forwarding.objects.create(
        entry=locked,
        section=locked.section,
        association=association,
        place=first_free_place(association, locked.section),
    )
    entry.refresh_from_db()
    return entry


def _lock_association(entry: Entry) -> Organisation:
    """Hold the association's row: one lock for all its quotas."""
    association = association_of(entry.organisation)
    if association is None:
        raise EntryRefused(_("Only the manager of the work's association can do this."))
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk=association.pk)
    if not (locked := rows.first()):
        raise _moved()
    return locked


def _lock_to_decide(entry: Entry, user: User, seen: int | None) -> Entry:
    locked = lock_entry(entry)
    require_screener(locked, user)
    require_seen(locked, seen)
    return locked


def _moved() -> EntryRefused:
    return EntryRefused(
        _(
            "The work's organisation was moved or merged just now. The work was left as it is; "
            "please reload the page."
        )
    )


@transaction.atomic
def decline_entry(*, entry: Entry, user: User, reason: str, seen: int | None = None) -> Entry:
    """Do not recommend the work, and say why, while screening is open."""
    locked = _lock_to_decide(entry, user, seen)
    move_entry(
        entry=locked, target=State.NOT_FORWARDED, role=Role.SCREENER, user=user, reason=reason
    )
    entry.refresh_from_db()
    return entry


@transaction.atomic
def return_for_revision(
    *,
    entry: Entry,
    user: User,
    reason: str,
    revise_by: datetime | None = None,
    seen: int | None = None,
) -> Entry:
    """Ask for a revision, and say what to change, while screening is open.

    Nothing is changed after `revise_by`; None: until call and screening close.
    """
    locked = _lock_to_decide(entry, user, seen)
    send_back(entry=locked, role=Role.SCREENER, user=user, reason=reason, revise_by=revise_by)
    entry.refresh_from_db()
    return entry


def free_place(*, entry: Entry) -> None:
    """Give a withdrawn work's place back to its association."""
    Forwarding.objects.filter(entry=entry).delete()


@transaction.atomic
def set_quotas(
    *, edition: Edition, actor: User, quotas: Mapping[tuple[int, int], int | None]
) -> int:
    """Set the exceptions of associations: (association's pk, section's pk) -> places.

    None takes an exception away. Returns how many changed. What was forwarded before stays,
    also when it is more than the new quota.
    """
    sections = {section.pk: section for section in Section.objects.filter(edition=edition)}
    changed = 0
    for (association_id, section_id), places in quotas.items():
        changed += _set_quota(sections[section_id], association_id, places, actor)
    return changed


def _set_quota(section: Section, association_id: int, places: int | None, actor: User) -> bool:
    """Write one exception when it is another than before; tell whether it was."""
    rows = ForwardingQuota.objects.filter(section=section, association=association_id)
    before = rows.values_list("places", flat=True).first()
    if before == places:
        return False
    if places is None:
        rows.delete()
    else:
        rows.update_or_create(
            section=section, association_id=association_id, defaults={"places": places}
        )
    log(
        instance=Organisation.objects.get(pk=association_id),
        action="competition.screening.quota",
        user=actor,
        data={"section": section.title, "before": before, "after": places},
    )
    return True


# --- Meeting ----------------------------------------------------------------------------------


@transaction.atomic
def open_meeting(*, association: Organisation, edition: Edition, user: User) -> Meeting:
    """Return the association's meeting on the edition, begun when there is none yet."""
    _require_manager(association, user)
    meeting, created = Meeting.objects.get_or_create(association=association, edition=edition)
    if created:
        log(
            instance=association,
            action="competition.screening.meet",
            user=user,
            data={"edition": edition.slug},
        )
    return meeting


@transaction.atomic
def show_work(*, meeting: Meeting, entry: Entry, user: User) -> Meeting:
    """Put another work on the projector; its scores are hidden until they are asked for."""
    _require_manager(meeting.association, user)
    works = works_under([meeting.association]).filter(edition=meeting.edition)
    if not works.filter(pk=entry.pk).exists():
        raise EntryRefused(_("This work is not one of this meeting's."))
    meeting.entry, meeting.shows_scores = entry, False
    meeting.save(update_fields=["entry", "shows_scores", "changed_at"])
    return meeting


@transaction.atomic
def set_display(*, meeting: Meeting, user: User, shows_scores: bool, shows_names: bool) -> Meeting:
    """Show or hide the panel's scores, and who made the work."""
    _require_manager(meeting.association, user)
    meeting.shows_scores, meeting.shows_names = shows_scores, shows_names
    meeting.save(update_fields=["shows_scores", "shows_names", "changed_at"])
    return meeting

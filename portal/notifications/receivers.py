"""What this room does when another one has news."""

from functools import partial
from math import ceil
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from competition.awards.models import Objection, Replacement
from competition.awards.signals import award_replaced, objection_raised
from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Appeal, Entry
from competition.entries.signals import (
    appeal_dismissed,
    appeal_made,
    entry_state_changed,
    wish_refused,
)
from competition.entries.states import Move
from competition.judging.models import Judge, Round
from competition.judging.signals import judge_reminded
from competition.organisations.models import Invitation, Membership, Organisation
from competition.organisations.signals import invitation_made, organisation_judged
from media_processing.signals import worker_swept
from portal.accounts.groups import organisers
from portal.accounts.models import User
from portal.notifications.rounds import make_rounds
from portal.notifications.services import name_on_receipt, queue_notice
from portal.notifications.tasks import send_invitation


@receiver(entry_state_changed)
def tell_the_entrants(
    *, entry: Entry, move: Move, reason: str, log_entry: Any, **kwargs: Any
) -> None:
    """Write to who made the work and who submitted it, each in their language."""
    for person in _entrants(entry):
        facts = _facts(entry, person)
        if move.verb == "submit":
            name_on_receipt(
                recipient=person,
                edition=entry.edition,
                edition_title=facts.pop("edition"),
                work=facts,
                key=str(log_entry.pk),
            )
        else:
            queue_notice(
                recipient=person,
                kind=f"entry_{move.verb}",
                key=f"entry-move-{log_entry.pk}",
                context=facts | {"reason": reason} | _deadline(entry, move),
            )


def _entrants(entry: Entry) -> list[User]:
    """Return who made the work and who submitted it, but nobody who is erased, or shut out."""
    people = {entry.created_by, entry.rights_accepted_by} - {None}
    return [person for person in people if person.is_active]


@receiver(objection_raised)
def tell_that_somebody_objects(*, objection: Objection, **kwargs: Any) -> None:
    """Write to each organiser that an objection waits for an answer; who raised it stays here."""
    for person in organisers():
        with translation.override(person.language):
            context = {
                "objection_id": objection.pk,
                "number": objection.number,
                "edition": objection.edition.local_title,
                "ground": objection.get_ground_display(),
                "work": str(objection.entry) if objection.entry else "",
            }
        key = f"objection-{objection.pk}"
        queue_notice(recipient=person, kind="objection_raised", key=key, context=context)


@receiver(award_replaced)
def tell_who_lost_and_who_moved_up(*, replacement: Replacement, **kwargs: Any) -> None:
    """Write to the entrants, once for each work; who moved to a better place has not lost."""
    award_list = replacement.award_list
    if award_list.noticed_at is None or award_list.noticed_at > timezone.now():
        return  # nobody has seen the list yet
    gained = {row["entry"]: row["category"] for row in replacement.gained}
    lost = {row["entry"] for row in replacement.lost} - set(gained)
    titles = {one.code: one for one in award_list.edition.award_categories.all()}
    works = Entry.objects.select_related(
        "edition", "section", "organisation", "created_by", "rights_accepted_by"
    ).in_bulk([*gained, *lost])
    for key, entry in works.items():
        kind = "award_gained" if key in gained else "award_lost"
        # Only the work itself was found at fault; others follow from the rule.
        reason = replacement.reason if key == replacement.entry_id else ""
        for person in _entrants(entry):
            context = _facts(entry, person) | {"reason": reason}
            with translation.override(person.language):
                if key in gained:
                    context["category"] = str(titles[gained[key]])
            queue_notice(
                recipient=person,
                kind=kind,
                key=f"{kind}-{replacement.pk}-{key}",
                context=context,
            )


@receiver(worker_swept)
def do_what_is_due(**kwargs: Any) -> None:
    """Make the rounds of the outbox whenever a worker makes its own."""
    make_rounds(timezone.now())


@receiver(appeal_made)
def tell_the_organisers(*, appeal: Appeal, **kwargs: Any) -> None:
    """Write to each organiser that an appeal waits for an answer."""
    for person in organisers():
        queue_notice(
            recipient=person,
            kind="appeal_made",
            key=f"appeal-made-{appeal.pk}",
            context=_facts(appeal.entry, person) | {"reason": appeal.text},
        )


@receiver(appeal_dismissed)
def tell_who_appealed(*, appeal: Appeal, **kwargs: Any) -> None:
    """Write to who made the appeal; an upheld one is told by the move of its work."""
    queue_notice(
        recipient=appeal.made_by,
        kind="entry_appeal_dismissed",
        key=f"appeal-{appeal.pk}",
        context=_facts(appeal.entry, appeal.made_by) | {"reason": appeal.reason},
    )


@receiver(wish_refused)
def tell_that_it_was_not_submitted(*, entry: Entry, messages: list[str], **kwargs: Any) -> None:
    """Write to who went home trusting that the work would be submitted."""
    person = entry.rights_accepted_by
    assert person is not None
    queue_notice(
        recipient=person,
        kind="entry_not_submitted",
        key=f"entry-wish-{entry.pk}-{entry.rights_accepted_at:%Y%m%d%H%M%S%f}",
        context=_facts(entry, person) | {"reason": " ".join(messages)},
    )


@receiver(judge_reminded)
def remind_the_judge(
    *, round: Round, judge: Judge, works: int, minutes: float, **kwargs: Any
) -> None:
    """Write to the judge, once a day at most."""
    person, today = judge.user, timezone.localdate()
    phase = find_phase(round.edition, Phase.Kind.JUDGING)
    with translation.override(person.language):
        context = {
            "edition": round.edition.local_title,
            "round": round.local_title,
            "works": works,
            "minutes": max(1, ceil(minutes)),
            "closes_at": date_format(localtime(phase.closes_at), "DATETIME_FORMAT"),
        }
    queue_notice(
        recipient=person,
        kind="judge_reminder",
        key=f"judge-reminder-{round.pk}-{judge.pk}-{today:%Y%m%d}",
        context=context,
    )


def _facts(entry: Entry, person: User) -> dict[str, Any]:
    with translation.override(person.language):
        return {
            "entry_id": entry.pk,
            "number": entry.number,
            "title": entry.title,
            "section": entry.section.local_title,
            "edition": entry.edition.local_title,
            "organisation": entry.organisation.name,
        }


def _deadline(entry: Entry, move: Move) -> dict[str, str]:
    """Return until when a returned work may be revised, where its return says so."""
    if move.verb != "return" or entry.revise_by is None:
        return {}
    return {"revise_by": date_format(localtime(entry.revise_by), "Y-m-d H:i")}


@receiver(organisation_judged)
def tell_the_managers(*, organisation: Organisation, log_entry: Any, **kwargs: Any) -> None:
    """Write to the organisation's managers that it was verified or refused, and why."""
    managers = organisation.memberships.filter(role=Membership.Role.MANAGER)
    for membership in managers.select_related("user"):
        queue_notice(
            recipient=membership.user,
            kind=f"organisation_{organisation.verification}",
            key=f"organisation-judged-{log_entry.pk}",
            context={
                "organisation_id": organisation.pk,
                "organisation": organisation.name,
                "reason": organisation.refusal_reason,
            },
        )


@receiver(invitation_made)
def mail_the_invitation(*, invitation: Invitation, **kwargs: Any) -> None:
    """Write to the invited address once the invitation is committed."""
    transaction.on_commit(partial(send_invitation.enqueue, invitation.pk.hex))

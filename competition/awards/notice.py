"""The notice period (公示): awards shown as proposed, objected to, taken away, and moved up to."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.awards.keeping import (
    AwardsRefused,
    action,
    as_rows,
    given_to,
    lock,
    require_current,
    require_state,
    select_and_keep,
    what_changes,
)
from competition.awards.models import AwardList, Objection, Replacement
from competition.awards.rules_in_force import select_for
from competition.awards.selection import Tie
from competition.awards.signals import award_replaced, awards_noticed
from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from portal.accounts.models import User


def begin_notice(*, award_list: AwardList, actor: User | None) -> AwardList:
    """Put the confirmed awards on public notice, from the hour at which that phase opens.

    Raises AwardsRefused.
    """
    with transaction.atomic():
        lock(award_list)
        require_state(award_list, AwardList.State.CONFIRMED)
        require_current(award_list)
        phase, now = find_phase(award_list.edition, Phase.Kind.NOTICE), timezone.now()
        if phase is None or phase.has_closed(now):
            raise AwardsRefused(
                _("There is no notice period to come. Set its days on the edition's page first.")
            )
        award_list.state = AwardList.State.NOTICED
        award_list.noticed_at = max(phase.opens_at, now)
        award_list.save(update_fields=["state", "noticed_at"])
        data = {"version": award_list.version, "at": award_list.noticed_at.isoformat()}
        log(instance=award_list, action=action("notice"), user=actor, data=data)
        awards_noticed.send(AwardList, award_list=award_list, actor=actor)
    return award_list


def take_award_away(
    *,
    award_list: AwardList,
    entry: Entry,
    reason: str,
    actor: User | None,
    objection: Objection | None = None,
) -> Replacement:
    """Take all its awards from a work on notice; the next in rank moves up by the same rule.

    Where works tie for what is free, they move up once people have decided. `reason` is public.
    Raises AwardsRefused.
    """
    with transaction.atomic():
        lock(award_list)
        require_state(award_list, AwardList.State.NOTICED)
        if not reason.strip():
            raise AwardsRefused(_("Say why; the reason is published with the notice."))
        lost = given_to(award_list, entry)
        if not lost:
            raise AwardsRefused(_("This work has no award on the list. Reload the page."))
        last = award_list.replacements.aggregate(Max("number"))["number__max"] or 0
        replacement = Replacement.objects.create(
            award_list=award_list,
            number=last + 1,
            entry=entry,
            objection=objection,
            reason=reason.strip(),
            lost=as_rows(lost),
            decided_by=actor,
        )
        award_list.awards.filter(entry=entry).delete()
        select_and_keep(award_list)
        replacement.refresh_from_db()
        data = {
            "work": entry.pk,
            "number": entry.number,
            "reason": replacement.reason,
            "objection": objection.number if objection else None,
            "lost": replacement.lost,
            "gained": replacement.gained,
        }
        log(instance=award_list, action=action("replace"), user=actor, data=data)
        award_replaced.send(Replacement, replacement=replacement)
    return replacement


@dataclass(frozen=True)
class Foreseen:
    """What would come of taking a work's awards away; rows as a replacement keeps them.

    While works tie for what would be free, nobody moves up: people decide first.
    """

    lost: list[dict[str, Any]]
    gained: list[dict[str, Any]]
    ties: tuple[Tie, ...]


def foresee(award_list: AwardList, entry: Entry) -> Foreseen:
    """Run the selection without this work, and write nothing."""
    result = select_for(award_list, without={entry.pk})
    if result.ties:
        lost = given_to(award_list, entry)
        return Foreseen(as_rows(lost), [], result.ties)
    gone, come = what_changes(award_list, result)
    return Foreseen(as_rows(gone), as_rows(come), ())

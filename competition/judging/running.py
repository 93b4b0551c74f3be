"""The verbs of a round that is under way: pick works, pause, resume, move the cut."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.models import Entry
from competition.judging.models import Round, RoundPlaces
from competition.judging.services import RoundRefused, lock_unclosed
from portal.accounts.models import User


@transaction.atomic
def pick_works(*, round: Round, works: Iterable[Entry], actor: User | None) -> None:
    """Let these works go on besides what the round's rule takes; others that were picked don't.

    Raises RoundRefused when the round is closed.
    """
    round = Round.objects.select_for_update().get(pk=round.pk)
    before = dict(round.picked.values_list("pk", "number"))
    after = {work.pk: work.number for work in works}
    if before.keys() == after.keys():
        return
    lock_unclosed(round)
    round.picked.set(after)
    data = {
        "added": sorted(after[pk] for pk in after.keys() - before.keys()),
        "removed": sorted(before[pk] for pk in before.keys() - after.keys()),
    }
    log(instance=round, action="competition.round.pick", user=actor, data=data)


@transaction.atomic
def pause_round(*, round: Round, actor: User | None) -> None:
    """Take no scores until it is resumed; works can be looked at. Twice is once.

    Raises RoundRefused when the round is closed.
    """
    round = lock_unclosed(round)
    if round.paused_at is None:
        round.paused_at = timezone.now()
        round.save(update_fields=["paused_at"])
        log(instance=round, action="competition.round.pause", user=actor)


@transaction.atomic
def resume_round(*, round: Round, actor: User | None) -> None:
    """Take scores again. Twice is once. Raises RoundRefused when the round is closed."""
    round = lock_unclosed(round)
    if round.paused_at is not None:
        round.paused_at = None
        round.save(update_fields=["paused_at"])
        log(instance=round, action="competition.round.resume", user=actor)


@transaction.atomic
def move_cut(*, round: Round, places: Mapping[int, int], actor: User | None) -> None:
    """Say how many works of each section (by id) are inside the cut of the round.

    Raises RoundRefused once a later round that takes them has been assigned.
    """
    round = Round.objects.select_for_update().get(pk=round.pk)
    if round.later_rounds.filter(assigned_at__isnull=False).exists():
        raise RoundRefused(
            _("A later round was assigned by this cut already, so it stays as it is.")
        )
    before = dict(round.places.values_list("section", "places"))
    if before == dict(places):
        return
    round.places.all().delete()
    RoundPlaces.objects.bulk_create(
        RoundPlaces(round=round, section_id=section, places=count)
        for section, count in places.items()
    )
    data = {"before": {str(pk): n for pk, n in before.items()}, "after": dict(places)}
    log(instance=round, action="competition.round.cut", user=actor, data=data)

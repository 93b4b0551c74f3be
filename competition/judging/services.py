"""The verbs of judging: appoint, close, freeze. Sheets are in scorecards.py, who reads what in
assigning.py.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.models import Edition
from competition.entries.states import State
from competition.judging.evaluation import Evaluation
from competition.judging.models import Assignment, Judge, Panel, Round, Standing, StandingList
from competition.judging.queries import entries_of_round, is_round_open
from competition.judging.scoring import StandingLine, digest, rank_in_sections
from portal.accounts.groups import JUDGES, add_to_group
from portal.accounts.models import User


class JudgingRefused(Exception):
    """Something that cannot be done. `messages` are for people to read."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


class RoundRefused(JudgingRefused):
    """A round that cannot be assigned or closed now."""


def add_judge(*, panel: Panel, user: User, actor: User | None = None) -> Judge:
    """Put the person on the panel and into the group of judges; twice is once.

    Who had left is back; works are assigned when the round is assigned again.
    """
    with transaction.atomic():
        judge, created = Judge.objects.get_or_create(panel=panel, user=user)
        add_to_group(user, JUDGES)
        if created or judge.left_at:
            judge.left_at = None
            judge.save(update_fields=["left_at"])
            data = {"panel": panel.pk, "person": str(user)}
            log(instance=judge, action="competition.judge.add", user=actor, data=data)
    return judge


def remove_judge(*, judge: Judge, actor: User | None = None) -> None:
    """Take the person off the panel. Raises JudgingRefused once works were assigned to them."""
    with transaction.atomic():
        if judge.assignments.exists():
            raise JudgingRefused(
                _("%(judge)s has works to score and stays on the panel.") % {"judge": judge}
            )
        data = {"panel": judge.panel_id, "person": str(judge.user)}
        log(instance=judge, action="competition.judge.remove", user=actor, data=data, deleted=True)
        judge.delete()


# --- Locks ----------------------------------------------------------------------------------


def lock_unclosed(round: Round, closed: str = "") -> Round:
    """Return the round's row, locked: all that changes a round or its sheets meets here.

    Raises RoundRefused, with the sentence `closed`, when the round is closed.
    """
    round = Round.objects.select_for_update().get(pk=round.pk)
    if round.closed_at:
        raise RoundRefused(
            closed or _("This round is closed already. Its standings are kept as they were.")
        )
    return round


def lock_own_work(assignment: Assignment, user: User) -> Assignment:
    """Lock the round, and return the judge's assignment as it is now.

    Raises JudgingRefused when the work is not this judge's any more, or the round takes no scores.
    """
    round = Round.objects.select_for_update().get(pk=assignment.round_id)
    mine = Assignment.objects.filter(
        pk=assignment.pk, judge__user=user, entry__state=State.ADMITTED
    ).first()
    if mine is None:
        raise JudgingRefused(_("This work is not on your list any more. Nothing was changed."))
    if not is_round_open(round):
        raise JudgingRefused(_("This round takes no scores now. Nothing was changed."))
    return mine


# --- Closing --------------------------------------------------------------------------------


def close_round(*, round: Round, actor: User | None) -> StandingList:
    """Close the round for good and freeze the jury's standings, ranked within each section.

    Where expert and industry panels have both scored, each kind's own standing is frozen beside.
    Works without a complete scorecard are not ranked: `queries.unscored_entries` tells before,
    which they will be; the log keeps their ids.

    Raises RoundRefused when the round is closed already or nothing is scored.
    """
    with transaction.atomic():
        round = lock_unclosed(round)
        evaluation = Evaluation.of(round)
        lines = evaluation.lines()
        if not lines:
            raise RoundRefused(
                _("No work of this round is scored yet, so it was not closed. It stays as it is.")
            )
        works = set(entries_of_round(round).values_list("pk", flat=True))
        unranked = sorted(works - {line.entry_id for line in lines})
        round.closed_at = timezone.now()
        round.save(update_fields=["closed_at"])
        data = {"ranked": len(lines), "unranked": unranked}
        log(instance=round, action="competition.round.close", user=actor, data=data)
        if round.kind == Round.Kind.SCORING:
            # For awards that weigh the panels; a shortlisting decides who goes on, not who wins.
            for kind, theirs in evaluation.lines_by_panel().items():
                _freeze_jury(round, kind, theirs, actor)
        return _freeze_jury(round, StandingList.Source.JURY, lines, actor)


def _freeze_jury(
    round: Round, source: str, lines: Iterable[StandingLine], actor: User | None
) -> StandingList:
    return freeze_standings(
        edition=round.edition, source=source, round=round, lines=lines, actor=actor
    )


def freeze_standings(
    *,
    edition: Edition,
    source: str,
    round: Round | None = None,
    lines: Iterable[StandingLine],
    actor: Any,
) -> StandingList:
    """Write the next version of the edition's standings of this source; nothing older moves.

    Entries are ranked within their section by value, ties share a rank. The list carries the
    digest of its lines (scoring.digest).
    """
    lines = list(lines)
    with transaction.atomic():
        # The edition's row keeps two closings apart; the constraint on versions has the last word.
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        earlier = StandingList.objects.filter(edition=edition, source=source)
        standing_list = StandingList.objects.create(
            edition=edition,
            source=source,
            round=round,
            version=(earlier.aggregate(last=Max("version"))["last"] or 0) + 1,
            digest=digest(lines),
            frozen_by=actor,
        )
        ranks = rank_in_sections(lines)
        Standing.objects.bulk_create(
            [
                Standing(
                    standing_list=standing_list,
                    entry_id=line.entry_id,
                    rank=ranks[line.entry_id],
                    value=line.value,
                    readings=line.readings,
                    raw=line.raw,
                    trimmed=line.trimmed,
                    adjusted=line.adjusted,
                    standard_error=line.standard_error,
                    chance=line.chance,
                )
                for line in lines
            ],
            batch_size=500,
        )
        data = {"source": source, "version": standing_list.version, "digest": standing_list.digest}
        log(instance=standing_list, action="competition.standings.freeze", user=actor, data=data)
    return standing_list

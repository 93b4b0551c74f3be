"""The verbs of judging: appoint, score, close, freeze. Who reads what is in assigning.py."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.checks import score_problems
from competition.editions.models import Criterion, Edition
from competition.entries.states import State
from competition.judging.models import (
    Assignment,
    Judge,
    Panel,
    Round,
    Score,
    Scorecard,
    Standing,
    StandingList,
)
from competition.judging.queries import (
    entries_of_round,
    is_round_open,
    jury_lines,
    scores_of,
)
from competition.judging.scoring import StandingLine, digest, rank_in_sections
from portal.accounts.groups import JUDGES, add_to_group
from portal.accounts.models import User

NOTE_LENGTH = 2000  # characters


class JudgingRefused(Exception):
    """Something that cannot be done. `messages` are for people to read."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


class ScoreRefused(JudgingRefused):
    """A scorecard that is not taken; what was saved before stays."""


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


# --- Scoring --------------------------------------------------------------------------------


def save_scorecard(
    *, assignment: Assignment, user: User, scores: Mapping[str, int], note: str = ""
) -> Scorecard:
    """Save the judge's whole sheet, new or changed: `scores` by criterion code, and a note.

    Raises ScoreRefused when the sheet is not this judge's, the round takes no scores, the work
    has left the competition, a criterion is missing or a score is outside the edition's scale.
    """
    with transaction.atomic():
        # One lock for all that may meet here: two saves of one sheet, and a save and the close.
        round = Round.objects.select_for_update().get(pk=assignment.round_id)
        found = Assignment.objects.select_related("entry", "judge").filter(pk=assignment.pk).first()
        if found is None:  # recused or re-assigned while the page was open
            raise ScoreRefused(
                _(
                    "This work has gone to another judge, so this sheet was not saved. "
                    "Please go on with the next work."
                )
            )
        assignment = found
        criteria = {criterion.code: criterion for criterion in round.edition.criteria.all()}
        _check_may_score(assignment, round, user)
        _check_sheet(round.edition, criteria, scores, note)
        scorecard = _existing_scorecard(assignment)
        before = None
        if scorecard is not None:
            assignment.scorecard = scorecard
            before = {"scores": scores_of(assignment), "note": scorecard.note}
        after = {"scores": dict(scores), "note": note}
        if scorecard is not None and before == after:
            return scorecard
        scorecard = _write(scorecard or Scorecard(assignment=assignment), criteria, scores, note)
        Assignment.objects.filter(pk=assignment.pk).update(set_aside_at=None)
        log(
            instance=scorecard,
            action="competition.scorecard.save",
            user=user,
            data={"entry": assignment.entry_id, "before": before, "after": after},
        )
    return scorecard


def _check_may_score(assignment: Assignment, round: Round, user: User) -> None:
    if assignment.judge.user_id != user.pk:
        raise ScoreRefused(_("This work is not on your list, so nothing was saved."))
    if not is_round_open(round):
        raise ScoreRefused(
            _(
                "This round takes no scores now, so this sheet was not saved. "
                "What you saved while it was open is kept."
            )
        )
    if assignment.entry.state != State.ADMITTED:
        raise ScoreRefused(
            _(
                "This work no longer takes part, so this sheet was not saved. "
                "Please go on with the next work."
            )
        )


def _check_sheet(
    edition: Edition, criteria: Mapping[str, Criterion], scores: Mapping[str, int], note: str
) -> None:
    """Raise ScoreRefused with a sentence for each thing that is wrong."""
    messages = []
    missing = [str(criteria[code]) for code in criteria if code not in scores]
    if missing:
        messages.append(
            _("Not saved yet: please also score %(criteria)s.") % {"criteria": "、".join(missing)}
        )
    messages += score_problems(edition, criteria, scores)
    if len(note) > NOTE_LENGTH:
        messages.append(
            _("Not saved yet: a note has at most %(length)s characters.") % {"length": NOTE_LENGTH}
        )
    if messages:
        raise ScoreRefused(*messages)


def _existing_scorecard(assignment: Assignment) -> Scorecard | None:
    sheets = Scorecard.objects.filter(assignment=assignment)
    return sheets.prefetch_related("scores__criterion").first()


def _write(
    scorecard: Scorecard,
    criteria: Mapping[str, Criterion],
    scores: Mapping[str, int],
    note: str,
) -> Scorecard:
    scorecard.note = note
    scorecard.save()
    Score.objects.bulk_create(
        [
            Score(scorecard=scorecard, criterion=criteria[code], value=value)
            for code, value in scores.items()
        ],
        update_conflicts=True,
        unique_fields=["scorecard", "criterion"],
        update_fields=["value"],
    )
    return scorecard


# --- Closing --------------------------------------------------------------------------------


def close_round(*, round: Round, actor: User | None) -> StandingList:
    """Close the round for good and freeze the jury's standings, ranked within each section.

    Works without a complete scorecard are not ranked: `queries.unscored_entries` tells before,
    which they will be; the log keeps their ids.

    Raises RoundRefused when the round is closed already or nothing is scored.
    """
    with transaction.atomic():
        round = Round.objects.select_for_update().get(pk=round.pk)
        if round.closed_at:
            raise RoundRefused(
                _("This round is closed already. Its standings are kept as they were.")
            )
        lines = jury_lines(round)
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
        return freeze_standings(
            edition=round.edition,
            source=StandingList.Source.JURY,
            round=round,
            lines=lines,
            actor=actor,
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
                )
                for line in lines
            ],
            batch_size=500,
        )
        data = {"source": source, "version": standing_list.version, "digest": standing_list.digest}
        log(instance=standing_list, action="competition.standings.freeze", user=actor, data=data)
    return standing_list

"""The verbs of a judge's sheet: save it, take it back."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.states import State
from competition.judging.measures import VERDICT, measures_of, problems
from competition.judging.models import Assignment, Round, Score, Scorecard
from competition.judging.queries import is_round_open, scores_of
from competition.judging.services import JudgingRefused
from portal.accounts.models import User

NOTE_LENGTH = 2000  # characters


class ScoreRefused(JudgingRefused):
    """A scorecard that is not taken; what was saved before stays."""


class SheetChanged(ScoreRefused):
    """The sheet is another than the page was made from: `scorecard`, or None when it is gone."""

    def __init__(self, scorecard: Scorecard | None, *messages: str) -> None:
        super().__init__(*messages)
        self.scorecard = scorecard


def save_scorecard(
    *,
    assignment: Assignment,
    user: User,
    scores: Mapping[str, int],
    note: str = "",
    seen: int | None = None,
) -> Scorecard:
    """Save the judge's whole sheet, new or changed: `scores` by code of measure, and a note.

    `seen`: the version from which the judge made the change, 0 for a sheet not yet saved; None
    takes whatever is there. A sheet sent again is saved already, whatever its version: who got no
    answer can send it once more.

    Raises SheetChanged when another window or device has changed the sheet since; ScoreRefused
    when it is not this judge's, the round takes no scores, the work has left the competition, a
    criterion is missing or a score is outside the edition's scale.
    """
    with transaction.atomic():
        round, assignment = _take(assignment, user)
        _check_sheet(round, scores, note)
        scorecard = find_scorecard(assignment)
        before, after = contents(scorecard), {"scores": dict(scores), "note": note}
        if scorecard is not None and before == after:
            return scorecard
        _check_seen(scorecard, seen)
        scorecard = _write(scorecard or Scorecard(assignment=assignment), round, scores, note)
        Assignment.objects.filter(pk=assignment.pk).update(set_aside_at=None)
        _log("save", scorecard, user, before, after)
    return scorecard


def take_back_scorecard(*, assignment: Assignment, user: User, seen: int | None = None) -> None:
    """Make the work one that is not scored yet; the log keeps what the sheet said. Twice is once.

    Raises like save_scorecard.
    """
    with transaction.atomic():
        _round, assignment = _take(assignment, user)
        scorecard = find_scorecard(assignment)
        if scorecard is None:
            return
        _check_seen(scorecard, seen)
        _log("take_back", scorecard, user, contents(scorecard), None)
        scorecard.delete()


def find_scorecard(assignment: Assignment) -> Scorecard | None:
    """Return the sheet as it is now, with its scores."""
    sheets = Scorecard.objects.filter(assignment=assignment)
    return sheets.prefetch_related("scores__criterion").first()


def contents(scorecard: Scorecard | None) -> dict[str, Any] | None:
    """Return what the sheet says, as the log and the judge's page keep it."""
    if scorecard is None:
        return None
    return {"scores": scores_of(scorecard), "note": scorecard.note}


def _take(assignment: Assignment, user: User) -> tuple[Round, Assignment]:
    """Lock what may meet here: two saves of one sheet, a save and the close."""
    round = Round.objects.select_for_update().get(pk=assignment.round_id)
    found = Assignment.objects.select_related("entry", "judge").filter(pk=assignment.pk).first()
    if found is None:  # recused or re-assigned while the page was open
        raise ScoreRefused(
            _(
                "This work has gone to another judge, so this sheet was not saved. "
                "Please go on with the next work."
            )
        )
    _check_may_score(found, round, user)
    return round, found


def _check_seen(scorecard: Scorecard | None, seen: int | None) -> None:
    if seen is None or seen == (scorecard.version if scorecard else 0):
        return
    if scorecard is None:
        raise SheetChanged(
            None,
            _(
                "The scores of this work were taken back in another window or on another device, "
                "so this was not saved. Save again if yours shall count."
            ),
        )
    raise SheetChanged(
        scorecard,
        _(
            "This sheet was changed in another window or on another device, so yours was not "
            "saved. There it says: %(scores)s. That is kept. Save again if yours shall count."
        )
        % {"scores": in_words(scorecard)},
    )


def in_words(scorecard: Scorecard) -> str:
    """Return the scores of the sheet in one line."""
    if scorecard.verdict:
        lines = [scorecard.get_verdict_display()]
    else:
        lines = [f"{score.criterion} {score.value}" for score in scorecard.scores.all()]
    return "、".join([*lines, scorecard.note] if scorecard.note else lines)


def _log(
    deed: str,
    scorecard: Scorecard,
    user: User,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    log(
        instance=scorecard,
        action=f"competition.scorecard.{deed}",
        user=user,
        data={"entry": scorecard.assignment.entry_id, "before": before, "after": after},
        deleted=after is None,
    )


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


def _check_sheet(round: Round, scores: Mapping[str, int], note: str) -> None:
    """Raise ScoreRefused with a sentence for each thing that is wrong."""
    messages = problems(round, scores)
    if len(note) > NOTE_LENGTH:
        messages.append(
            _("Not saved yet: a note has at most %(length)s characters.") % {"length": NOTE_LENGTH}
        )
    if messages:
        raise ScoreRefused(*messages)


def _write(scorecard: Scorecard, round: Round, scores: Mapping[str, int], note: str) -> Scorecard:
    scorecard.note = note
    scorecard.verdict = scores.get(VERDICT)
    scorecard.version += 1
    scorecard.save()
    Score.objects.bulk_create(
        [
            Score(scorecard=scorecard, criterion=criterion, value=scores[criterion.code])
            for criterion in measures_of(round)
            if criterion.code != VERDICT
        ],
        update_conflicts=True,
        unique_fields=["scorecard", "criterion"],
        update_fields=["value"],
    )
    return scorecard

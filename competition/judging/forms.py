"""What a judge fills in. It reads values; the rules stand in services.save_scorecard."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.editions.forms import ScoresForm
from competition.judging.models import Assignment
from competition.judging.queries import scores_of
from competition.judging.services import NOTE_LENGTH


class ScorecardForm(ScoresForm):
    """One field a criterion: a row of buttons, or a number where the scale is long."""

    note = forms.CharField(
        label=_("Note for the organiser"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Entrants and other judges don't see it."),
    )

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        scorecard = getattr(assignment, "scorecard", None)
        edition = assignment.round.edition
        super().__init__(
            *args,
            edition=edition,
            criteria=edition.criteria.all(),
            given=scores_of(assignment),
            initial={"note": scorecard.note if scorecard else ""},
            **kwargs,
        )

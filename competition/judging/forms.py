"""What a judge fills in. It reads values; the rules stand in services.save_scorecard."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from competition.editions.forms import score_field
from competition.judging.models import Assignment
from competition.judging.queries import scores_of
from competition.judging.services import NOTE_LENGTH

PREFIX = "score-"


class ScorecardForm(forms.Form):
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
        initial = {PREFIX + code: value for code, value in scores_of(assignment).items()}
        super().__init__(
            *args, initial={"note": scorecard.note if scorecard else "", **initial}, **kwargs
        )
        edition = assignment.round.edition
        for criterion in edition.criteria.all():
            self.fields[PREFIX + criterion.code] = score_field(edition, criterion)

    @property
    def score_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    @property
    def scores(self) -> dict[str, int]:
        """Return the scores given, by criterion code; those left out are not in it."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value is not None
        }

    @property
    def messages(self) -> list[str]:
        """Return what could not be read, as sentences."""
        return [str(message) for errors in self.errors.values() for message in errors]

"""What a judge fills in. It reads values; the rules stand in scorecards.py."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.editions.forms import PREFIX, ScoresForm
from competition.editions.models import Edition
from competition.judging.measures import VERDICT, measures_of
from competition.judging.models import Assignment, Scorecard
from competition.judging.queries import scores_of
from competition.judging.scorecards import NOTE_LENGTH


class ScorecardForm(ScoresForm):
    """One field a criterion: a row of buttons, or a number where the scale is long."""

    note = forms.CharField(
        label=_("Note for the organiser"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Entrants and other judges don't see it."),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        scorecard = getattr(assignment, "scorecard", None)
        edition = assignment.round.edition
        super().__init__(
            *args,
            edition=edition,
            criteria=measures_of(assignment.round),
            given=scores_of(scorecard),
            initial={
                "note": scorecard.note if scorecard else "",
                "version": scorecard.version if scorecard else 0,
            },
            **kwargs,
        )
        self.assignment = assignment
        if edition.feedback == Edition.Feedback.COMMENTS:
            self.fields["note"].label = _("Comment for the entrant")
            self.fields["note"].help_text = _(
                "The entrant reads it after the results are published, as you write it and "
                "without your name; other judges don't. For the organiser alone: flag the work."
            )
        if verdict := self.fields.get(PREFIX + VERDICT):
            verdict.widget.choices = [(one.value, one.label) for one in Scorecard.Verdict]

    @property
    def seen(self) -> int | None:
        """Return the version of the sheet from which this one was made, if it says."""
        self.is_valid()  # a sheet that is taken back need not be whole
        return self.cleaned_data.get("version")

    def after(self, version: int) -> "ScorecardForm":
        """Return the same sheet, to be saved in the place of the version that is there."""
        data = self.data.copy()
        data["version"] = version
        return ScorecardForm(data, assignment=self.assignment)


class StandAsideForm(forms.Form):
    """Why a judge leaves a work to others."""

    WHY = {
        "knows": _("I know who made it"),
        "part": _("I had a part in it"),
        "other": _("Another reason"),
    }
    why = forms.ChoiceField(label=_("Why"), choices=list(WHY.items()))
    words = forms.CharField(label=_("In words, if you like"), max_length=150, required=False)

    @property
    def reason(self) -> str:
        """Return the reason in words; what could not be read is left out."""
        self.is_valid()
        why, words = self.cleaned_data.get("why"), self.cleaned_data.get("words")
        return ": ".join(str(part) for part in (self.WHY.get(why), words) if part)

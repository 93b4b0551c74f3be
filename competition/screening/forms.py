"""What a screener fills in. It reads values; the rules stand in checks and services."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from competition.editions.forms import score_field
from competition.editions.models import Edition
from competition.screening.checks import ADVICE_LENGTH
from competition.screening.models import ScreeningCard, ScreeningCriterion
from competition.screening.queries import scores_on

PREFIX = "score-"


class CardForm(forms.Form):
    """One field a criterion, and advice that stays within the association."""

    advice = forms.CharField(
        label=_("Advice to the panel"),
        required=False,
        max_length=ADVICE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Only your association reads it."),
    )

    def __init__(
        self,
        *args: Any,
        edition: Edition,
        criteria: list[Any],
        card: ScreeningCard | None,
        **kwargs: Any,
    ) -> None:
        initial = {PREFIX + code: value for code, value in scores_on(card).items()}
        advice = card.advice if card else ""
        super().__init__(*args, initial={"advice": advice, **initial}, **kwargs)
        for criterion in criteria:
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


class DecisionForm(forms.Form):
    """What a manager writes to the entrant; whether it is needed, the table of moves says."""

    reason = forms.CharField(
        label=_("Advice or reason"),
        help_text=_("Needed to return or decline. The entrant reads it."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revise_by = forms.DateTimeField(
        label=_("Revision due by"),
        help_text=_("Only for a return. Empty: until the screening closes."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class BulkForm(forms.Form):
    """Why several works are declined; forwarding needs no reason."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The entrants of all these works read it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needs_reason


class CriterionForm(forms.ModelForm):
    class Meta:
        model = ScreeningCriterion
        fields = ["title", "title_en", "weight"]


CriteriaFormSet = forms.modelformset_factory(
    ScreeningCriterion, form=CriterionForm, extra=3, max_num=8, can_delete=True
)

"""What a screener fills in. It reads values; the rules stand in checks and services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.editions.forms import ScoresForm
from competition.screening.checks import ADVICE_LENGTH
from competition.screening.models import ScreeningCard, ScreeningCriterion
from competition.screening.queries import scores_on


class CardForm(ScoresForm):
    """One field a criterion, and advice that stays within the association."""

    advice = forms.CharField(
        label=_("Advice to the panel"),
        required=False,
        max_length=ADVICE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Only your association reads it."),
    )

    def __init__(self, *args: Any, card: ScreeningCard | None, **kwargs: Any) -> None:
        initial = {"advice": card.advice if card else ""}
        super().__init__(*args, given=scores_on(card), initial=initial, **kwargs)


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

"""The organiser says what came of a judge's flag."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from competition.judging.flagging import settle_flag
from competition.judging.flags import FLAG_NOTE_LENGTH, Flag
from competition.judging.services import JudgingRefused
from portal.admin_views import ConfirmView


class SettlementForm(forms.Form):
    """What came of it, for whoever asks later."""

    settlement = forms.CharField(
        label=_("What came of it"),
        max_length=FLAG_NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )


class SettleFlagView(ConfirmView):
    model = Flag
    refusals = (JudgingRefused,)
    header_icon = "warning"
    form_class = SettlementForm
    page_title = button_label = _("Settle the flag")
    success_message = _("The flag is settled.")

    def get_explanation(self) -> Any:
        words = _(
            "%(judge)s flagged work %(number)s: %(kind)s. Settling changes no score and no state; "
            "do that on the work's page first if it is needed."
        ) % {
            "judge": self.object.judge,
            "number": self.object.entry.number,
            "kind": self.object.get_kind_display(),
        }
        return f"{words}\n\n{self.object.note}" if self.object.note else words

    def get_success_url(self) -> str:
        return reverse("flags:index")

    def perform(self, form: forms.Form) -> Flag:
        settlement = form.cleaned_data["settlement"]
        return settle_flag(flag=self.object, actor=self.request.user, settlement=settlement)

"""What a newcomer says of a company, the code to join one, and whom a manager invites."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.organisations.models import Membership, Organisation
from competition.organisations.names import one_line
from competition.organisations.queries import verified_associations


class CompanyForm(forms.ModelForm):
    """A company; associations are registered by the organiser."""

    class Meta:
        model = Organisation
        fields = ["name", "association", "province", "contact_phone"]
        labels = {"name": _("Name of the company")}
        help_texts = {
            "name": _("The full registered name, as it shall be printed."),
            "association": _(
                "It screens your works. Without one they go straight to the organiser."
            ),
            "contact_phone": _("Seen by the organiser and your association only."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["association"].empty_label = _("No association")
        self.fields["association"].queryset = verified_associations()

    def clean_name(self) -> str:
        """Take spaces out that would make one company two."""
        return one_line(self.cleaned_data["name"])


class JoinForm(forms.Form):
    """The code that a manager of the organisation gives to colleagues."""

    code = forms.CharField(
        label=_("Join code"),
        max_length=20,
        help_text=_("8 letters and digits. A manager of the organisation sees it on “My page”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class InvitationForm(forms.Form):
    """Whom a manager asks to act for the organisation."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role,
        initial=Membership.Role.CONTRIBUTOR,
        help_text=_("Managers also invite and remove members. Both submit works."),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_(
            "With an address the link is mailed, and only who signs in with that address can "
            "use it. Without one, whoever has the link can."
        ),
    )

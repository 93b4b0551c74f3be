"""The two steps of a code: where to send it, and what it says."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from voting.proofs.addresses import read_mailbox
from voting.proofs.codes import DIGITS, Target
from voting.proofs.phones import read_number


class EmailForm(forms.Form):
    """`cleaned_data["to"]` is a Target."""

    # No type="email": browsers refuse the full-width signs that we read.
    to = forms.CharField(
        label=_("Your e-mail address"),
        max_length=300,
        widget=forms.TextInput(
            attrs={
                "inputmode": "email",
                "autocomplete": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def clean_to(self) -> Target:
        try:
            mailbox = read_mailbox(self.cleaned_data["to"])
        except ValueError as problem:
            raise forms.ValidationError(
                _("This is no e-mail address; please check it. Example: name@example.org")
            ) from problem
        return Target("email", mailbox.address, mailbox.identity)


class PhoneForm(forms.Form):
    """`cleaned_data["to"]` is a Target."""

    to = forms.CharField(
        label=_("Your mobile number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def clean_to(self) -> Target:
        try:
            number = read_number(self.cleaned_data["to"], settings.SMS_REGIONS)
        except ValueError as problem:
            raise forms.ValidationError(
                _("This is no mobile number that we can send to; please check it.")
            ) from problem
        return Target("phone", number, number)


class CodeForm(forms.Form):
    """The code that was sent, as people type it."""

    code = forms.CharField(
        label=_("The code we sent"),
        help_text=_("6 digits, good for 10 minutes."),
        max_length=4 * DIGITS,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "code-input",
                "autofocus": True,
            }
        ),
    )


FORMS: dict[str, type[forms.Form]] = {"email": EmailForm, "phone": PhoneForm}


def form_for(channel: str, *args: Any, **kwargs: Any) -> forms.Form:
    """Return the form that asks where a code of this channel goes."""
    return FORMS[channel](*args, **kwargs)

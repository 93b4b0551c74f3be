"""What an entrant says of a work."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.entries.checks import EDITABLE_FIELDS
from competition.entries.models import Entry
from competition.organisations.models import Organisation
from competition.organisations.queries import organisations_of
from portal.accounts.models import User


class EntryForm(forms.ModelForm):
    """The texts of a work. Saving is the services' matter, so this form only cleans."""

    class Meta:
        model = Entry
        fields = EDITABLE_FIELDS
        labels = {"title": _("Title of the work")}
        widgets = {
            "story": forms.Textarea(attrs={"rows": 6}),
            "taken_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }


class NewEntryForm(EntryForm):
    """The same, and for which of the person's organisations the work is entered."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Entered for"), empty_label=None
    )

    field_order = ["organisation", *EDITABLE_FIELDS]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"author_names": user.get_full_name()}, **kwargs)
        choices = organisations_of(user)
        self.fields["organisation"].queryset = choices
        self.fields["organisation"].initial = choices.first()
        if choices.count() == 1:
            self.fields["organisation"].widget = forms.HiddenInput()

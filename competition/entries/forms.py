"""What an entrant says of a work."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.entries.checks import EDITABLE_FIELDS, RIGHTS_FIELDS
from competition.entries.models import Appeal, Entry
from competition.organisations.models import Organisation
from competition.organisations.queries import organisations_of
from portal.accounts.models import User


class EntryForm(forms.ModelForm):
    """What is said of a work. Saving is the services' matter, so this form only cleans."""

    class Meta:
        model = Entry
        fields = EDITABLE_FIELDS
        labels = {"title": _("Title of the work")}
        widgets = {
            "story": forms.Textarea(attrs={"rows": 6}),
            "taken_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ai_use": forms.RadioSelect,
            "ai_note": forms.Textarea(attrs={"rows": 2}),
            "portraits": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ai_use", "portraits"):
            field = self.fields[name]
            field.choices = [choice for choice in field.choices if choice[0]]
            field.needed_to_submit = True

    def texts(self) -> list[forms.BoundField]:
        """Return the fields of what the work tells."""
        return [field for field in self if field.name not in RIGHTS_FIELDS]

    def rights(self) -> list[forms.BoundField]:
        """Return the fields of what is declared of it."""
        return [self[name] for name in RIGHTS_FIELDS]


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


class AppealForm(forms.ModelForm):
    """What an entrant asks the organiser to look at again."""

    class Meta:
        model = Appeal
        fields = ["text"]
        labels = {"text": _("Your appeal")}
        help_texts = {"text": _("Say which decision is wrong, and why. The organiser answers.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}

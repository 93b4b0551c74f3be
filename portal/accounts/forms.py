"""What a person says on registering, besides e-mail and password."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User


class SignupForm(forms.Form):
    """allauth adds e-mail and password to these fields."""

    last_name = forms.CharField(label=_("Family name"), max_length=150)
    first_name = forms.CharField(label=_("Given name"), max_length=150)

    field_order = ["last_name", "first_name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep the language in which the person registered, for notices."""
        user.language = getattr(request, "LANGUAGE_CODE", user.language)
        user.save(update_fields=["language"])

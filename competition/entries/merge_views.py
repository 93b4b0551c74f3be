"""The organiser's screens of merging: probable duplicates, the choice, the preview."""

from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permissions import policy_registry

from competition.entries.merging import (
    merge_organisations,
    over_limit_words,
    sections_over_limit,
)
from competition.organisations.checks import OrganisationRefused
from competition.organisations.models import Organisation
from competition.organisations.names import probable_duplicates
from portal.admin_views import ConfirmView


def with_counts() -> Any:
    """Return the organisations with how much hangs on each."""
    return Organisation.objects.select_related("association").annotate(
        members=Count("memberships", distinct=True),
        works=Count("entries", distinct=True),
        below=Count("companies", distinct=True),
        invited=Count("invitations", distinct=True),
    )


class DuplicatesView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Groups of organisations whose names differ in form only."""

    permission_required = "delete"
    template_name = "competition_admin/duplicates.html"
    page_title = gettext_lazy("Probable duplicates")
    header_icon = "group"

    @property
    def permission_policy(self) -> Any:
        return policy_registry.get_by_type(Organisation)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        label = capfirst(Organisation._meta.verbose_name_plural)
        index = {"url": reverse("organisations:index"), "label": label}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = probable_duplicates(Organisation.objects.values_list("pk", "name"))
        rows = with_counts().in_bulk([pk for group in groups for pk in group])
        return super().get_context_data(
            groups=[[rows[pk] for pk in group] for group in groups], **kwargs
        )


class KeptForm(forms.Form):
    """Which organisation stays."""

    kept = forms.ModelChoiceField(
        label=gettext_lazy("The organisation that stays"), queryset=Organisation.objects.none()
    )

    def __init__(self, *args: Any, gone: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alike = Organisation.objects.filter(kind=gone.kind).exclude(pk=gone.pk)
        self.fields["kept"].queryset = alike


class OverLimitsForm(forms.Form):
    """The organiser has read that limits are passed, and means it."""

    over_limits = forms.BooleanField(
        label=gettext_lazy("Merge although sections would hold more works than they allow")
    )


class ChooseKeptView(ConfirmView):
    """Asks into which organisation this one goes; leads on to the preview."""

    model = Organisation
    permission_required = "delete"
    header_icon = "group"
    page_title = gettext_lazy("Merge into another")
    button_label = gettext_lazy("Look at what moves")
    explanation = gettext_lazy(
        "This row goes; the one you choose stays, with its own name and data. Nothing happens "
        "before you have seen what moves."
    )
    form_class = KeptForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"gone": self.object}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        pair = [self.object.pk, form.cleaned_data["kept"].pk]
        return redirect(reverse("competition_organisation_merge_into", args=pair))

    def get_success_url(self) -> str:
        return reverse("organisations:inspect", args=[self.object.pk])


class MergeView(ConfirmView):
    """Counts what moves from one to the other, and moves it on confirmation."""

    model = Organisation
    permission_required = "delete"
    header_icon = "group"
    page_title = button_label = gettext_lazy("Merge")
    is_serious = True
    refusals = (OrganisationRefused,)
    success_message = gettext_lazy("“%(object)s” is merged into “%(result)s”.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        alike = Organisation.objects.filter(kind=self.object.kind).exclude(pk=self.object.pk)
        self.kept = get_object_or_404(alike, pk=kwargs["kept"])
        self.over = sections_over_limit(self.kept, self.object)

    def get_form_class(self) -> type[forms.Form]:
        return OverLimitsForm if self.over else forms.Form

    def get_explanation(self) -> str:
        gone = with_counts().get(pk=self.object.pk)
        moves = _(
            "From “%(gone)s” to “%(kept)s” move: %(members)d members, %(works)d works, "
            "%(below)d companies, %(invited)d invitations. Who is in both keeps the higher role. "
            "“%(gone)s” is then removed, and its join code leads nowhere. This can't be undone."
        ) % {
            "gone": gone.name,
            "kept": self.kept.name,
            "members": gone.members,
            "works": gone.works,
            "below": gone.below,
            "invited": gone.invited,
        }
        return "\n".join([moves, *over_limit_words(self.over)])

    def perform(self, form: forms.Form) -> Organisation:
        return merge_organisations(
            kept=self.kept,
            gone=self.object,
            user=self.request.user,
            over_limits=form.cleaned_data.get("over_limits", False),
        )

    def get_success_url(self) -> str:
        return reverse("organisations:inspect", args=[self.kept.pk])

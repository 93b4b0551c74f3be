"""Awards for organising (优秀组织单位): the figures, who is proposed, who is honoured, and why."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages

from competition.editions.models import Edition
from competition.organisations.models import Organisation
from competition.reports.honouring import Place, Weights, ranked
from competition.reports.models import Honour
from competition.reports.queries import merits_of_associations
from competition.reports.services import HonourRefused, honour_organisations, withdraw_honour
from portal.admin_views import ConfirmView

PLACES = 10


class RuleForm(forms.Form):
    """The declared rule: how many places, and points for what."""

    places = forms.IntegerField(label=_("Places"), min_value=0, max_value=999, initial=PLACES)
    forwarded = forms.IntegerField(
        label=_("Points a work forwarded"), min_value=0, max_value=999, initial=Weights.forwarded
    )
    admitted = forms.IntegerField(
        label=_("Points a work admitted"), min_value=0, max_value=999, initial=Weights.admitted
    )
    awarded = forms.IntegerField(
        label=_("Points a work awarded"), min_value=0, max_value=999, initial=Weights.awarded
    )
    share = forms.IntegerField(
        label=_("Points when all its companies took part"),
        min_value=0,
        max_value=999,
        initial=Weights.share,
    )


class HonourForm(forms.Form):
    """Who is honoured, and why; `confirmed` once the preview was seen."""

    organisations = forms.ModelMultipleChoiceField(
        label=_("Organisations"), queryset=Organisation.objects.none()
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Published beside the honour."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)


class HonoursView(ConfirmView):
    """The table, with ticks; then a preview; then the honours."""

    model = Edition
    form_class = HonourForm
    refusals = (HonourRefused,)
    template_name = "reports_admin/honours.html"
    page_title = _("Awards for organising")
    header_icon = "success"
    preview: list[Place] | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        asked = {name: request.GET[name] for name in RuleForm.base_fields if name in request.GET}
        initial = {name: one.initial for name, one in RuleForm.base_fields.items()}
        self.rule = RuleForm(initial | asked)
        merits = merits_of_associations(self.object)
        self.associations = {one.pk: one for one in merits}
        self.places: list[Place] = []
        if self.rule.is_valid():
            weights = dict(self.rule.cleaned_data)
            count = weights.pop("places")
            self.places = ranked(merits.values(), Weights(**weights), count)

    def get_form(self, form_class: Any = None) -> forms.Form:
        form = super().get_form(form_class)
        known = Organisation.objects.filter(pk__in=self.associations)
        form.fields["organisations"].queryset = known
        return form

    def form_valid(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data["organisations"]
        if not form.cleaned_data["confirmed"]:
            keys = {one.pk for one in chosen}
            self.preview = [one for one in self.places if one.merits.organisation in keys]
            return self.render_to_response(self.get_context_data(form=form))
        try:
            given = honour_organisations(
                edition=self.object,
                organisations=chosen,
                reason=form.cleaned_data["reason"],
                actor=self.request.user,
            )
        except HonourRefused as refusal:
            for message in refusal.messages:
                form.add_error(None, message)
            return self.form_invalid(form)
        words = ngettext(
            "%(n)d organisation is honoured.", "%(n)d organisations are honoured.", len(given)
        )
        messages.success(self.request, words % {"n": len(given)})
        return redirect(self.request.get_full_path())

    def get_success_url(self) -> str:
        return reverse("competition_awards", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        honours = self.object.honours.select_related("organisation")
        honoured = {one.organisation_id for one in honours}
        form = kwargs.get("form") or self.get_form()
        ticked = set(form.data.getlist("organisations")) if form.is_bound else None
        rows = [
            {
                "place": place,
                "association": self.associations[place.merits.organisation],
                "is_honoured": place.merits.organisation in honoured,
                "is_ticked": place.is_proposed
                if ticked is None
                else str(place.merits.organisation) in ticked,
            }
            for place in self.places
        ]
        kwargs["form"] = form
        return super().get_context_data(
            edition=self.object,
            rule=self.rule,
            rows=rows,
            ties=[row for row in rows if row["place"].ties_for_last],
            honours=honours,
            preview=[row for row in rows if self.preview and row["place"] in self.preview],
            **kwargs,
        )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the site history."),
    )


class WithdrawHonourView(ConfirmView):
    """Takes an honour back before the results are final."""

    model = Honour
    form_class = WithdrawForm
    refusals = (HonourRefused,)
    page_title = button_label = _("Withdraw the honour")
    is_serious = True
    explanation = _("The organisation is honoured no more. It can be honoured again later.")
    success_message = _("The honour is withdrawn; the reason is kept.")

    def perform(self, form: forms.Form) -> None:
        reason = form.cleaned_data["reason"]
        withdraw_honour(honour=self.object, reason=reason, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("competition_honours", args=[self.edition_id])

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.edition_id = self.object.edition_id  # still known when the row is gone

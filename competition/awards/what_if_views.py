"""The rule of an edition's awards: change it, or look first at what another rule would do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.awards.forms import RuleForm
from competition.awards.rules_in_force import rule_in_force
from competition.awards.services import AwardsRefused, use_rule
from competition.awards.what_if import answer
from competition.editions.models import Edition


class WhatIfView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """A form of the whole rule; GET looks and writes nothing, POST makes it the edition's."""

    model = Edition
    permission_required = "change"
    page_title = _("What if?")
    header_icon = "success"
    template_name = "competition_admin/what_if.html"

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        edition = {"url": reverse("editions:edit", args=[self.pk]), "label": str(self.object)}
        awards = {"url": self.awards_url, "label": _("Awards")}
        return [*self.breadcrumbs_items, edition, awards, {"url": "", "label": self.page_title}]

    @cached_property
    def awards_url(self) -> str:
        return reverse("competition_awards", args=[self.object.pk])

    @cached_property
    def in_force(self) -> Any:
        return rule_in_force(self.object)

    def get_form(self, data: Any) -> RuleForm:
        return RuleForm(
            data or None,
            rule=self.in_force,
            categories=list(self.object.award_categories.all()),
            sections=list(self.object.sections.all()),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.get_form(self.request.GET)
        asked = None
        if not form.is_bound:
            asked = self.in_force
        elif form.is_valid():
            asked = form.rule()
        return super().get_context_data(
            edition=self.object,
            form=form,
            awards_url=self.awards_url,
            is_other=asked is not None and asked != self.in_force,
            asked=list(form.data.items()) if form.is_bound else [],
            answer=answer(self.object, self.in_force, asked) if asked else None,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST)
        if form.is_valid():
            try:
                changed = use_rule(edition=self.object, rule=form.rule(), actor=request.user)
            except AwardsRefused as refusal:
                for message in refusal.messages:
                    form.add_error(None, message)
            else:
                if changed:
                    said = gettext("This is the rule now. Propose the awards to select by it.")
                else:
                    said = gettext("That is the rule already; nothing was changed.")
                messages.success(request, said)
                return redirect(self.awards_url)
        return self.render_to_response(self.get_context_data(form=form))

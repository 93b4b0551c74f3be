"""The awards of one edition on one page: standings, proposal, ties, notice, publication."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.awards import notice, services
from competition.awards.models import Award, AwardList, Objection
from competition.awards.queries import (
    OpenTie,
    awards_of,
    current_list,
    name_replacements,
    open_ties,
    passed_over,
)
from competition.awards.rules_in_force import rule_in_force
from competition.awards.services import AwardsRefused
from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.judging.models import StandingList
from competition.judging.queries import latest_standings
from portal.admin_views import ConfirmView


class AwardsView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """Where the awards of an edition stand, and the next step."""

    model = Edition
    permission_required = "change"
    page_title = _("Awards")
    header_icon = "success"
    template_name = "competition_admin/awards.html"

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        edition = {"url": reverse("editions:edit", args=[self.pk]), "label": str(self.object)}
        return [*self.breadcrumbs_items, edition, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lists = list(self.object.award_lists.select_related("proposed_by").order_by("-version"))
        current = lists[0] if lists else None
        return super().get_context_data(
            edition=self.object,
            sources=[
                {"label": source.label, "standings": latest_standings(self.object, source)}
                for source in StandingList.Source
            ],
            categories=self.object.award_categories.prefetch_related("quotas__section"),
            current=current,
            groups=group_awards(current) if current else [],
            ties=open_ties(current) if current else [],
            passed=passed_over(current) if current else [],
            rule=rule_in_force(self.object),
            decisions=_name_decisions(current) if current else [],
            earlier=lists[1:],
            **self._notice(current),
            **kwargs,
        )

    def _notice(self, current: AwardList | None) -> dict[str, Any]:
        """Return where the notice period stands: its days, objections, replacements."""
        phase = find_phase(self.object, Phase.Kind.NOTICE)
        open_objections = self.object.objections.filter(state=Objection.State.RECEIVED).count()
        return {
            "notice": phase,
            "is_over": phase is not None and phase.has_closed(),
            "now": timezone.now(),
            "open_objections": open_objections,
            "replacements": name_replacements(current) if current else [],
        }


def group_awards(award_list: AwardList) -> list[dict[str, Any]]:
    """Return the list's awards by category and section, in order; constant queries."""
    awards = awards_of(Award.objects.filter(award_list=award_list))
    groups = groupby(awards, key=lambda award: (award.category, award.entry.section))
    return [
        {"category": category, "section": section, "awards": list(members)}
        for (category, section), members in groups
    ]


def _name_decisions(award_list: AwardList) -> list[dict[str, Any]]:
    """Return how people decided ties, with the works' names for their ids."""
    named = [pk for decision in award_list.decisions for pk in decision["entries"]]
    works = Entry.objects.in_bulk(named)
    return [
        {"reason": decision["reason"], "works": [works[pk] for pk in decision["entries"]]}
        for decision in award_list.decisions
    ]


class ProposeAwardsView(ConfirmView):
    """Makes the next proposal out of the latest frozen standings."""

    model = Edition
    refusals = (AwardsRefused,)
    page_title = button_label = _("Propose awards")
    explanation = _(
        "The awards follow from the latest frozen standings and the places of each category. "
        "An earlier proposal is replaced, and kept. Nothing becomes public yet."
    )
    success_message = _("The awards are proposed. Look at them, decide the ties, then confirm.")

    @cached_property
    def withdraws(self) -> bool:
        """Whether people see a list already, or soon will, that this takes away from them."""
        current = current_list(self.object)
        return current is not None and current.state == AwardList.State.NOTICED

    @property
    def is_serious(self) -> bool:
        return self.withdraws

    def get_explanation(self) -> Any:
        if not self.withdraws:
            return self.explanation
        return _(
            "A list is on notice. It is withdrawn: the notice page becomes empty for everybody, "
            "and objections wait until a new list is on notice. To answer for a single work, take "
            "its award away instead. Works that lost their awards on notice get none again."
        )

    def perform(self, form: forms.Form) -> AwardList:
        return services.propose_awards(edition=self.object, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("competition_awards", args=[self.object.pk])


class AwardListView(ConfirmView):
    """An action on one award list; leads back to its edition's awards."""

    model = AwardList
    refusals = (AwardsRefused,)

    def get_success_url(self) -> str:
        return reverse("competition_awards", args=[self.object.edition_id])


class ConfirmAwardsView(AwardListView):
    page_title = button_label = _("Confirm the awards")
    explanation = _(
        "You say that these awards are right. They can then be published. "
        "Nothing becomes public yet."
    )
    success_message = _("The awards are confirmed. Look at the next step.")

    def perform(self, form: forms.Form) -> AwardList:
        return services.confirm_awards(award_list=self.object, actor=self.request.user)


class BeginNoticeView(AwardListView):
    page_title = button_label = _("Begin the notice")
    is_serious = True
    success_message = _("The notice is set. It appears at its hour by itself.")

    def get_explanation(self) -> Any:
        phase = find_phase(self.object.edition, Phase.Kind.NOTICE)
        if phase is None:
            return _("This edition has no notice period. Set its days on the edition's page first.")
        return _(
            "The proposed awards appear on the notice page %(from)s, for everybody, with authors "
            "and organisations. Until %(until)s anyone may object."
        ) % {"from": _hour(phase.opens_at), "until": _moment(phase.closes_at)}

    def perform(self, form: forms.Form) -> AwardList:
        return notice.begin_notice(award_list=self.object, actor=self.request.user)


class PublishAwardsView(AwardListView):
    page_title = button_label = _("Publish the awards")
    is_serious = True
    success_message = _("The awards are final. They appear at their hour by themselves.")

    def get_explanation(self) -> Any:
        phase = find_phase(self.object.edition, Phase.Kind.PUBLISHED)
        at = _hour(phase.opens_at) if phase else _("at once")
        return _(
            "The awards appear on the results page %(at)s, for everybody, with authors and "
            "organisations. This can't be taken back."
        ) % {"at": at}

    def perform(self, form: forms.Form) -> AwardList:
        return services.publish_awards(award_list=self.object, actor=self.request.user)


def _hour(at: datetime) -> Any:
    """Say when something appears whose hour is `at`."""
    if at <= timezone.now():
        return _("at once")
    return _("on %(moment)s") % {"moment": _moment(at)}


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")


class TieForm(forms.Form):
    """Which of the tied works get the places left, and why."""

    works = forms.ModelMultipleChoiceField(
        label=_("Works that get a place"),
        queryset=Entry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text=_("Kept with the decision, e.g. how the panel voted."),
    )

    def __init__(self, *args: Any, tie: OpenTie, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = Entry.objects.filter(pk__in=[entry.pk for entry in tie.entries])
        self.fields["works"].queryset = named


class DecideTieView(AwardListView):
    page_title = button_label = _("Decide the tie")
    form_class = TieForm
    template_name = "competition_admin/tie.html"
    explanation = _("These works have the same standing, and there are fewer places than works.")
    success_message = _("The tie is decided; the reason is kept.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        wanted = (kwargs["category"], kwargs["section"])
        ties = {(tie.category.pk, tie.section.pk): tie for tie in open_ties(self.object)}
        if wanted not in ties:
            raise Http404
        self.tie = ties[wanted]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"tie": self.tie}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tie=self.tie, **kwargs)

    def perform(self, form: TieForm) -> AwardList:
        return services.decide_tie(
            award_list=self.object,
            category=self.tie.category,
            section=self.tie.section,
            entries=form.cleaned_data["works"],
            reason=form.cleaned_data["reason"],
            actor=self.request.user,
        )

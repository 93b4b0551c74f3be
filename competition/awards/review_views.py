"""The organiser takes awards away on notice and answers objections, having seen who moves up."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from competition.awards.keeping import AwardsRefused
from competition.awards.models import AwardList, Objection, Replacement
from competition.awards.notice import Foreseen, foresee, take_award_away
from competition.awards.objections import reject_objection, uphold_objection
from competition.awards.queries import current_list, name_awards
from competition.entries.models import Entry
from portal.admin_views import ConfirmView


class AnswerForm(forms.Form):
    """The answer that everybody reads."""

    answer = forms.CharField(
        label=_("Answer"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=_("Public, beside the number of the objection. Name nobody who objected."),
    )


def shown_ahead(award_list: AwardList, entry: Entry) -> dict[str, Any]:
    """Return who would lose and who would move up, with names, for the screen."""
    ahead: Foreseen = foresee(award_list, entry)
    lost, gained = name_awards(award_list.edition, [ahead.lost, ahead.gained])
    return {
        "lost": lost,
        "gained": gained,
        "tied": sum(len(tie.entries) for tie in ahead.ties),
        "has_awards": bool(lost),
    }


class TakeAwardAwayView(ConfirmView):
    """Without an objection: what the organiser found out by itself."""

    model = AwardList
    refusals = (AwardsRefused,)
    page_title = button_label = _("Take the award away")
    header_icon = "warning"
    is_serious = True
    form_class = AnswerForm
    template_name = "competition_admin/take_away.html"
    explanation = _(
        "The work loses all its awards of this list; the next in rank moves up by the same rule, "
        "behind all others. Your reason appears on the notice. This can't be taken back."
    )
    success_message = _("The award is taken away; the notice says so.")

    @cached_property
    def entry(self) -> Entry:
        works = Entry.objects.filter(awards__award_list=self.object).distinct()
        return get_object_or_404(works, pk=self.kwargs["entry"])

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.object.state != AwardList.State.NOTICED:
            raise Http404

    def get_page_subtitle(self) -> str:
        return str(self.entry)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ahead = shown_ahead(self.object, self.entry)
        return super().get_context_data(entry=self.entry, ahead=ahead, **kwargs)

    def perform(self, form: forms.Form) -> Replacement:
        return take_award_away(
            award_list=self.object,
            entry=self.entry,
            reason=form.cleaned_data["answer"],
            actor=self.request.user,
        )

    def get_success_url(self) -> str:
        return reverse("competition_awards", args=[self.object.edition_id])


class AnswerObjectionView(ConfirmView):
    model = Objection
    header_icon = "warning"
    refusals = (AwardsRefused,)
    form_class = AnswerForm
    template_name = "competition_admin/answer_objection.html"
    success_message = _("%(object)s is answered; the notice says so.")

    def get_success_url(self) -> str:
        return reverse("objections:inspect", args=[self.object.pk])


class UpholdObjectionView(AnswerObjectionView):
    page_title = button_label = _("Uphold the objection")
    is_serious = True
    explanation = _(
        "You agree with it, and your answer appears on the notice. This can't be taken back."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        award_list, entry = current_list(self.object.edition), self.object.entry
        ahead = None
        if entry and award_list and award_list.state == AwardList.State.NOTICED:
            ahead = shown_ahead(award_list, entry)
        return super().get_context_data(entry=entry, ahead=ahead, **kwargs)

    def perform(self, form: forms.Form) -> Objection:
        return uphold_objection(
            objection=self.object, answer=form.cleaned_data["answer"], actor=self.request.user
        )


class RejectObjectionView(AnswerObjectionView):
    page_title = button_label = _("Reject the objection")
    explanation = _(
        "The awards stay as they are, and your answer appears on the notice. "
        "This can't be taken back."
    )

    def perform(self, form: forms.Form) -> Objection:
        return reject_objection(
            objection=self.object, answer=form.cleaned_data["answer"], actor=self.request.user
        )

"""What an organiser does to works, one or many; always through the room's services."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.entries import services
from competition.entries.appeals import dismiss_appeal, uphold_appeal
from competition.entries.checks import organiser_problem
from competition.entries.models import Appeal, Entry, NearCopy
from competition.entries.near_copies import dismiss_near_copy
from competition.entries.queries import with_pictures
from competition.entries.services import EntryRefused
from competition.entries.states import Role, find_verb
from competition.entries.viewsets import VERB_LABELS, EntryFilterSet, EntryPolicy
from portal.admin_views import ConfirmView, ReasonForm

VERBS: dict[str, Callable[..., Entry]] = {
    "admit": services.admit_entry,
    "reject": services.reject_entry,
    "return": services.return_entry,
    "disqualify": services.disqualify_entry,
    "reinstate": services.reinstate_entry,
}
EXPLANATIONS = {
    "admit": gettext_lazy("The work takes part: judges may be assigned to it, and it is shown."),
    "reject": gettext_lazy("The work does not take part. The entrant is told, with your reason."),
    "return": gettext_lazy(
        "The entrant may change the work and submit it again while the call or the screening "
        "is open. What was submitted is kept."
    ),
    "disqualify": gettext_lazy(
        "The work leaves gallery, vote and judging at once. Its scores and votes are kept."
    ),
    "reinstate": gettext_lazy("The work takes part again, with the scores and votes it had."),
}
ANSWERS = {
    "uphold": (
        uphold_appeal,
        gettext_lazy("Uphold the appeal"),
        gettext_lazy("The work takes part: it is admitted, or reinstated, with your reason."),
    ),
    "dismiss": (
        dismiss_appeal,
        gettext_lazy("Dismiss the appeal"),
        gettext_lazy("The decision stands. The entrant is told, with your reason."),
    ),
}
PICTURES = 60  # shown of a long preview; the counts tell of all


class MoveEntryView(ConfirmView):
    """Asks before a work changes its state, for the reason where one is needed."""

    model = Entry
    header_icon = "image"
    refusals = (EntryRefused,)
    success_message = gettext_lazy("“%(object)s” is now: %(result)s.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.verb = kwargs["verb"]
        if self.verb not in VERBS:
            raise Http404
        self.page_title = self.button_label = VERB_LABELS[self.verb]
        self.explanation = EXPLANATIONS[self.verb]
        self.is_serious = self.verb in ("reject", "disqualify")

    def get_form_class(self) -> type[forms.Form]:
        move = find_verb(self.verb, self.object.state, Role.ORGANISER)
        return ReasonForm if move and move.needs_reason else forms.Form

    def perform(self, form: forms.Form) -> str:
        reason = form.cleaned_data.get("reason", "")
        entry = VERBS[self.verb](entry=self.object, user=self.request.user, reason=reason)
        return entry.get_state_display()

    def get_success_url(self) -> str:
        return reverse("works:inspect", args=[self.object.pk])


class AnswerAppealView(ConfirmView):
    """Asks for the reason, then upholds or dismisses an appeal."""

    model = Appeal
    permission_policy = EntryPolicy()
    header_icon = "comment"
    form_class = ReasonForm
    template_name = "competition_admin/appeal.html"
    refusals = (EntryRefused,)
    success_message = gettext_lazy("“%(object)s” is answered: %(result)s.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["answer"] not in ANSWERS:
            raise Http404
        self.service, self.page_title, self.explanation = ANSWERS[kwargs["answer"]]
        self.button_label = self.page_title

    def get_page_subtitle(self) -> str:
        return str(self.object.entry)

    def perform(self, form: forms.Form) -> str:
        appeal = self.service(
            appeal=self.object, user=self.request.user, reason=form.cleaned_data["reason"]
        )
        return appeal.get_answer_display()

    def get_success_url(self) -> str:
        return reverse("works:inspect", args=[self.object.entry_id])


class DismissCopyView(ConfirmView):
    """Asks why a picture is no copy of the one it looks like; then it is flagged no more."""

    model = NearCopy
    permission_policy = EntryPolicy()
    header_icon = "image"
    form_class = ReasonForm
    page_title = gettext_lazy("Not a copy")
    button_label = gettext_lazy("Not a copy")
    explanation = gettext_lazy("The two works are not shown side by side any more.")
    success_message = gettext_lazy("“%(object)s” is flagged no more.")

    def get_page_subtitle(self) -> str:
        return str(self.object.frame.entry)

    def perform(self, form: forms.Form) -> None:
        reason = form.cleaned_data["reason"]
        dismiss_near_copy(copy=self.object, user=self.request.user, reason=reason)

    def get_success_url(self) -> str:
        return reverse("works:inspect", args=[self.object.frame.entry_id])


class BulkMove(PermissionCheckedMixin, BulkAction):
    """Many works at once, after a look at the list of what will change and what won't."""

    models = [Entry]
    permission_required = "change"
    template_name = "competition_admin/bulk_move.html"

    @property
    def verb(self) -> str:
        return self.action_type.removesuffix("_works")

    def get_all_objects_in_listing_query(self, parent_id: Any) -> Any:
        listed = EntryFilterSet(
            self.request.GET, queryset=Entry.objects.all(), request=self.request
        )
        return listed.qs.values_list("pk", flat=True)

    @classmethod
    def get_queryset(cls, model: Any, object_ids: Any) -> Any:
        works = with_pictures(Entry.objects.filter(pk__in=object_ids))
        return works.prefetch_related("edition__phases")

    def check_perm(self, entry: Entry) -> bool:
        return not organiser_problem(entry, self.verb)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(
            title=self.display_name,
            explanation=EXPLANATIONS[self.verb],
            is_serious="serious" in self.classes,
            pictures=PICTURES,
            **kwargs,
        )
        moving = [one["item"] for one in context["items"]]
        staying = context["items_with_no_access"]
        groups = Counter((one.get_state_display(), str(one.section)) for one in moving)
        reasons = Counter(organiser_problem(one, self.verb) for one in staying)
        # Plain ones: a template that asks a Counter for `items` is told 0.
        return context | {"groups": dict(groups), "reasons": dict(reasons)}

    def get_execution_context(self) -> dict[str, Any]:
        return {
            "verb": self.verb,
            "request": self.request,
            "reason": self.cleaned_form.cleaned_data.get("reason", ""),
        }

    @classmethod
    def execute_action(
        cls, objects: Any, verb: str = "", request: Any = None, reason: str = "", **kwargs: Any
    ) -> tuple[int, int]:
        """Move each; one that is refused is told of and does not stop the others."""
        moved = 0
        for entry in objects:
            try:
                VERBS[verb](entry=entry, user=request.user, reason=reason)
                moved += 1
            except EntryRefused as refusal:
                messages.error(request, f"{entry}: {' '.join(refusal.messages)}")
        return moved, 0

    def get_success_message(self, moved: int, _children: int) -> str | None:
        if not moved:
            return None
        words = ngettext("%(verb)s: %(n)d work.", "%(verb)s: %(n)d works.", moved)
        return words % {"verb": VERB_LABELS[self.verb], "n": moved}


class ReasonWhereNeeded(ReasonForm):
    """A rejected work is admitted again only with a reason; the others need none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].help_text = _("Needed only for works that were rejected before.")


class BulkAdmit(BulkMove):
    display_name = VERB_LABELS["admit"]
    aria_label = gettext_lazy("Admit the selected works")
    action_type = "admit_works"
    action_priority = 10
    form_class = ReasonWhereNeeded


class BulkReturn(BulkMove):
    display_name = VERB_LABELS["return"]
    aria_label = gettext_lazy("Return the selected works for revision")
    action_type = "return_works"
    action_priority = 15
    form_class = ReasonForm


class BulkReject(BulkMove):
    display_name = VERB_LABELS["reject"]
    aria_label = gettext_lazy("Reject the selected works")
    action_type = "reject_works"
    action_priority = 20
    classes = {"serious"}
    form_class = ReasonForm

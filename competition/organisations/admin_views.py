"""What an organiser does to organisations, one or many; always through the room's services."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.organisations.checks import OrganisationRefused
from competition.organisations.models import Organisation
from competition.organisations.services import refuse_organisation, verify_organisation
from competition.organisations.viewsets import OrganisationFilterSet
from portal.accounts.models import User
from portal.admin_views import ConfirmView, ReasonForm

Verification = Organisation.Verification

VERIFY, REFUSE = gettext_lazy("Verify"), gettext_lazy("Refuse")
VERIFY_EXPLANATION = gettext_lazy(
    "You say that this is the organisation it claims to be. Its works can be forwarded and "
    "admitted; its managers are told by e-mail."
)
REFUSE_EXPLANATION = gettext_lazy(
    "The organisation can't submit works until it is verified. Its drafts and members are kept. "
    "Its managers are told by e-mail, with your reason, and can correct the data and ask again."
)


class OrganisationReasonForm(ReasonForm):
    """Why the organisation is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = gettext_lazy(
            "The organisation's managers read this. Say what is wrong and what to do."
        )


class JudgeView(ConfirmView):
    """Asks before an organisation is verified or refused."""

    model = Organisation
    header_icon = "group"
    refusals = (OrganisationRefused,)

    def get_success_url(self) -> str:
        return reverse("organisations:inspect", args=[self.object.pk])


class VerifyView(JudgeView):
    page_title = button_label = VERIFY
    explanation = VERIFY_EXPLANATION
    success_message = gettext_lazy("%(object)s is verified.")

    def perform(self, form: forms.Form) -> None:
        verify_organisation(organisation=self.object, user=self.request.user)


class RefuseView(JudgeView):
    page_title = button_label = REFUSE
    explanation = REFUSE_EXPLANATION
    is_serious = True
    form_class = OrganisationReasonForm
    success_message = gettext_lazy("%(object)s is refused; its managers are told why.")

    def perform(self, form: forms.Form) -> None:
        reason = form.cleaned_data["reason"]
        refuse_organisation(organisation=self.object, user=self.request.user, reason=reason)


class BulkJudge(PermissionCheckedMixin, BulkAction):
    """Many organisations at once, after a look at what will change and what won't."""

    models = [Organisation]
    permission_required = "change"
    template_name = "competition_admin/bulk_judge.html"
    verification: Verification
    explanation = VERIFY_EXPLANATION

    def get_all_objects_in_listing_query(self, parent_id: Any) -> Any:
        listed = OrganisationFilterSet(
            self.request.GET, queryset=Organisation.objects.all(), request=self.request
        )
        return listed.qs.values_list("pk", flat=True)

    @classmethod
    def get_queryset(cls, model: Any, object_ids: Any) -> Any:
        return Organisation.objects.filter(pk__in=object_ids).select_related("association")

    def check_perm(self, organisation: Organisation) -> bool:
        return organisation.verification != self.verification

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.display_name,
            explanation=self.explanation,
            is_serious="serious" in self.classes,
            **kwargs,
        )

    def get_execution_context(self) -> dict[str, Any]:
        reason = self.cleaned_form.cleaned_data.get("reason", "")
        return {"request": self.request, "reason": reason}

    @classmethod
    def execute_action(
        cls, objects: Any, request: Any = None, reason: str = "", **kwargs: Any
    ) -> tuple[int, int]:
        """Judge each; one that is refused is told of and does not stop the others."""
        judged = 0
        for organisation in objects:
            try:
                cls.judge(organisation, request.user, reason)
                judged += 1
            except OrganisationRefused as refusal:
                messages.error(request, f"{organisation}: {' '.join(refusal.messages)}")
        return judged, 0

    @staticmethod
    def judge(organisation: Organisation, user: User, reason: str) -> None:
        """Do it to one, through the service."""
        raise NotImplementedError

    def get_success_message(self, judged: int, _children: int) -> str | None:
        if not judged:
            return None
        words = ngettext("%(verb)s: %(n)d organisation.", "%(verb)s: %(n)d organisations.", judged)
        return words % {"verb": self.display_name, "n": judged}


class BulkVerify(BulkJudge):
    display_name = VERIFY
    aria_label = gettext_lazy("Verify the selected organisations")
    action_type = "verify_organisations"
    action_priority = 10
    verification = Verification.VERIFIED

    @staticmethod
    def judge(organisation: Organisation, user: User, reason: str) -> None:
        verify_organisation(organisation=organisation, user=user)


class BulkRefuse(BulkJudge):
    display_name = REFUSE
    aria_label = gettext_lazy("Refuse the selected organisations")
    action_type = "refuse_organisations"
    action_priority = 20
    classes = {"serious"}
    verification = Verification.REFUSED
    explanation = REFUSE_EXPLANATION
    form_class = OrganisationReasonForm

    @staticmethod
    def judge(organisation: Organisation, user: User, reason: str) -> None:
        refuse_organisation(organisation=organisation, user=user, reason=reason)

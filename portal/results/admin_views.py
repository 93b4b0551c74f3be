"""What the organiser does with final results."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from competition.awards.keeping import AwardsRefused
from competition.awards.models import AwardList
from portal.admin_views import ConfirmView
from portal.results.certificates import issue_certificates


class IssueCertificatesView(ConfirmView):
    """Numbers the certificates of a final list."""

    model = AwardList
    refusals = (AwardsRefused,)
    page_title = button_label = _("Issue the certificates")
    explanation = _(
        "Each award of this list, and each award for organising, gets a certificate with a number "
        "and a QR code that confirms it. Certificates issued earlier keep their numbers. Entrants "
        "see theirs from the hour of publication, not before."
    )
    success_message = _("%(result)s new certificates are issued.")

    def perform(self, form: forms.Form) -> int:
        return issue_certificates(award_list=self.object, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("competition_awards", args=[self.object.edition_id])

"""A bulk mail as its readers will see it, before anybody gets it."""

from typing import Any

from django import forms
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.admin_views import ConfirmView
from portal.notifications.models import Mailing, Notice
from portal.notifications.pipeline import Letter, write_letter
from portal.notifications.queries import audience_of, fingerprint, with_progress
from portal.notifications.services import MailingRefused, queue_mailing

NAMES_SHOWN = 12
LANGUAGES = User._meta.get_field("language").choices


class LookAtMailingView(ConfirmView):
    """Shows who gets what; the button puts it into the outbox. Afterwards: how many have left."""

    model = Mailing
    page_title = _("Look and send")
    header_icon = "mail"
    template_name = "notifications_admin/mailing.html"
    refusals = (MailingRefused,)
    button_label = _("Send it")
    success_message = _("In the outbox for %(result)s people. The first mails leave in a minute.")

    def perform(self, form: forms.Form) -> int:
        seen = self.request.POST.get("seen", "")
        return queue_mailing(mailing=self.object, user=self.request.user, seen=seen)

    def get_success_url(self) -> str:
        return reverse("mailings:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.object.refresh_from_db()  # a refused one was rolled back
        if self.object.queued_at:
            progress = with_progress(Mailing.objects.all()).get(pk=self.object.pk)
            return super().get_context_data(progress=progress, letters=self._letters(), **kwargs)
        people = audience_of(self.object)
        by_language = people.order_by().values_list("language").annotate(n=Count("pk"))
        return super().get_context_data(
            letters=self._letters(),
            seen=fingerprint(self.object),
            total=people.count(),
            by_language=[(dict(LANGUAGES)[code], n) for code, n in by_language],
            names=people[:NAMES_SHOWN],
            **kwargs,
        )

    def _letters(self) -> list[tuple[str, Letter]]:
        """Return the mail in each language, written to the organiser who looks."""
        return [(label, self._letter(code)) for code, label in LANGUAGES]

    def _letter(self, language: str) -> Letter:
        reader = self.request.user
        like_me = User(last_name=reader.last_name, first_name=reader.first_name, language=language)
        return write_letter(Notice(recipient=like_me, kind="mailing", mailing=self.object))

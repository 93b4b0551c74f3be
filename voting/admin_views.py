"""What an organiser does to a poll."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.admin_views import ConfirmView
from voting.models import Ledger, Poll
from voting.publishing import publish_ledger
from voting.queries import is_poll_open
from voting.services import PollRefused, close_poll


class ClosePollView(ConfirmView):
    """Ends the vote for good and freezes its standings."""

    model = Poll
    refusals = (PollRefused,)
    is_serious = True
    page_title = button_label = _("Close the poll")
    header_icon = "lock"
    success_message = _("The poll is closed; its standings are frozen as %(result)s.")

    def get_explanation(self) -> Any:
        if is_poll_open(self.object):
            return _(
                "Voting is still open. Closing ends it now, for good: no further vote is taken, "
                "and the standings are frozen. To end later, leave it to the clock."
            )
        return _("The votes that are not void are counted and the standings are frozen.")

    def perform(self, form: forms.Form) -> Any:
        return close_poll(poll=self.object, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("polls:inspect", args=[self.object.pk])


class PublishLedgerView(ConfirmView):
    """Writes the ledger for everybody to download, as its next version."""

    model = Poll
    refusals = (PollRefused,)
    is_serious = True
    page_title = button_label = _("Publish the ledger")
    header_icon = "download"
    success_message = _("The ledger is published: %(result)s.")
    explanation = _(
        "The ledger lists every vote under a pseudonym, with its work and hour, and whether it was "
        "accepted or is void by which rule. Everybody can download it and recompute the result. "
        "It stays published; when a decision is changed later, a new version is published "
        "beside it. With a million votes this takes a few minutes."
    )

    def perform(self, form: forms.Form) -> Ledger:
        return publish_ledger(poll=self.object, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("polls:inspect", args=[self.object.pk])

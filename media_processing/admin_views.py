"""What an organiser does to a file that failed."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from media_processing.models import MediaAsset
from media_processing.services import retry_asset
from portal.admin_views import ConfirmView


class RetryAssetView(ConfirmView):
    """Gives a failed file back to the worker."""

    model = MediaAsset
    page_title = button_label = _("Try again")
    header_icon = "resubmit"
    explanation = _("The file goes back into the queue and is processed from the start.")
    success_message = _("The file is in the queue again.")

    def get_page_subtitle(self) -> str:
        return self.object.original_name

    def perform(self, form: forms.Form) -> Any:
        return retry_asset(asset=self.object, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("uploaded-files:inspect", args=[self.object.pk])

"""How the queue stands, and what an organiser does to a file that failed."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from media_processing.models import MediaAsset
from media_processing.overview import (
    at_work,
    figures_by_kind,
    given_up,
    renewal_figures,
    workers_alive,
)
from media_processing.queues import queue_figures
from media_processing.reasons import explain
from media_processing.services import retry_all_failed, retry_asset
from portal.admin_views import ConfirmView

FAILURES_SHOWN = 50


class MediaQueueView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """What waits and for how long, who works, what failed and why; POST tries all again."""

    model = MediaAsset
    any_permission_required = ["view", "change"]
    page_title = _("Media queue")
    header_icon = "history"
    template_name = "media_admin/queue.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        failures = list(given_up()[:FAILURES_SHOWN])
        kinds, renewals = figures_by_kind(), renewal_figures()
        return super().get_context_data(
            kinds=kinds,
            queues=queue_figures(),
            workers=workers_alive(),
            renewals=renewals,
            at_work=at_work(),
            failures=[(one, explain(one.reason, one.reason_values)) for one in failures],
            all_failed=sum(one.failed for one in kinds) + renewals.failed,
            may_retry=self.user_has_permission("change"),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.user_has_permission("change"):
            raise PermissionDenied
        count = retry_all_failed(actor=request.user)
        words = ngettext(
            "%(n)d file is in the queue again.", "%(n)d files are in the queue again.", count
        )
        messages.success(request, words % {"n": count})
        return redirect("media_queue")


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

"""The organiser's report of an edition."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.reports.participation import total
from competition.reports.queries import participation, submitted_works
from competition.reports.sheets import report_response


class ParticipationView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Every association and company with its figures; `?export=xlsx` with every work."""

    model = Entry
    permission_required = "change"
    page_title = _("Participation")
    header_icon = "table"
    template_name = "reports_admin/participation.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        wanted = request.GET.get("edition", "")
        self.edition = (
            get_object_or_404(Edition, slug=wanted) if wanted else Edition.objects.first()
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.edition and request.GET.get("export") == "xlsx":
            return report_response(self.edition, submitted_works(self.edition))
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = participation(submitted_works(self.edition)) if self.edition else []
        return super().get_context_data(
            edition=self.edition,
            editions=Edition.objects.all(),
            groups=groups,
            total=total([group.figures for group in groups]),
            **kwargs,
        )

"""The organiser's screen of uploaded files: what waits, what failed, and why."""

from typing import Any

from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import MultipleChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import HeaderButton

from media_processing.models import STATE_LABELS, MediaAsset
from media_processing.queries import prefetch_derivatives, thumbnail
from media_processing.reasons import explain
from media_processing.states import FINAL_STATES
from portal.admin_views import InspectView, PictureColumn, ReadOnlyViewSet, StateColumn

# Of the fields that only this screen shows.
LABELS = {
    "kind": _("Kind"),
    "format": _("Format"),
    "width": _("Width (px)"),
    "height": _("Height (px)"),
    "seconds": _("Length (s)"),
    "uploaded_by": _("Uploaded by"),
}


class AssetFilterSet(WagtailFilterSet):
    state = MultipleChoiceFilter(
        label=_("State"), choices=STATE_LABELS, widget=CheckboxSelectMultiple
    )

    class Meta:
        model = MediaAsset
        fields = ["kind"]


def picture_url(asset: MediaAsset) -> str:
    """Return the address of the smallest still, or ""."""
    small = thumbnail(asset)
    return small.file.url if small else ""


def explain_asset(asset: MediaAsset) -> str:
    return explain(asset.reason, asset.reason_values)


def lag(asset: MediaAsset) -> Any:
    """Return how long the file took, or waits until now, e.g. 12 s."""
    until = asset.finished_at or (None if asset.state in FINAL_STATES else timezone.now())
    if until is None:
        return ""
    seconds = max(0, int((until - asset.created_at).total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


class AssetInspectView(InspectView):
    """The facts of one file; a failed one can be tried again."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.object.was_given_up or not self.user_has_permission("change"):
            return []
        url = reverse("media_retry", args=[self.object.pk])
        return [HeaderButton(_("Try again"), url=url, icon_name="resubmit")]

    def get_field_label(self, field_name: str, field: Any) -> Any:
        return LABELS.get(field_name) or super().get_field_label(field_name, field)

    def get_reason_display_value(self) -> str:
        return explain_asset(self.object) or "—"


class AssetViewSet(ReadOnlyViewSet):
    model = MediaAsset
    name = "uploaded-files"
    icon = "upload"
    menu_hook = "register_competition_menu_item"
    menu_order = 80
    inspect_view_class = AssetInspectView
    inspect_view_fields = [
        "original_name",
        "kind",
        "state",
        "reason",
        "attempts",
        "format",
        "width",
        "height",
        "seconds",
        "byte_size",
        "camera",
        "taken_at",
        "uploaded_by",
        "created_at",
        "finished_at",
    ]
    list_display = [
        "original_name",
        PictureColumn("picture", label=_("Picture"), accessor=picture_url),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        StateColumn("state", label=_("State"), sort_key="state"),
        Column("why", label=_("Reason"), accessor=explain_asset),
        Column("attempts", label=_("Attempts"), sort_key="attempts"),
        Column("lag", label=_("Time taken"), accessor=lag),
        DateColumn("created_at", label=_("Received at"), sort_key="created_at"),
    ]
    search_fields = ["original_name", "frame__entry__number", "uploaded_by__email"]
    filterset_class = AssetFilterSet
    ordering = "-created_at"

    @staticmethod
    def rows(assets: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        return assets.prefetch_related(prefetch_derivatives())

"""The organiser's list of what judges have flagged."""

import django_filters
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets import BooleanRadioSelect

from competition.entries.models import Frame
from competition.entries.viewsets import picture_url
from competition.judging.flags import Flag
from media_processing.queries import prefetch_derivatives
from portal.admin_views import PictureColumn, ReadOnlyViewSet


class FlagFilterSet(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Flag.Kind.choices)
    settled = django_filters.BooleanFilter(
        label=_("Settled"),
        field_name="settled_at",
        method="filter_settled",
        widget=BooleanRadioSelect,
    )

    class Meta:
        model = Flag
        fields: list[str] = []

    def filter_settled(self, flags: QuerySet[Flag], name: str, wanted: bool) -> QuerySet[Flag]:
        return flags.filter(settled_at__isnull=not wanted)


class WorkColumn(Column):
    """The work's number and title, leading to its page."""

    def get_value(self, instance: Flag) -> SafeString:
        url = reverse("works:inspect", args=[instance.entry_id])
        return format_html('<a href="{}">{}</a>', url, instance.entry)


class SettlementColumn(Column):
    """What came of the flag; while nothing did, the way to say it."""

    def get_value(self, instance: Flag) -> SafeString | str:
        if instance.settled_at:
            return instance.settlement
        url = reverse("competition_flag_settle", args=[instance.pk])
        return format_html('<a class="room-nowrap" href="{}">{}</a>', url, _("Settle"))


class FlagViewSet(ReadOnlyViewSet):
    model = Flag
    name = "flags"
    icon = "warning"
    menu_order = 55
    inspect_view_fields = [
        "entry",
        "kind",
        "judge",
        "note",
        "raised_at",
        "settled_at",
        "settled_by",
        "settlement",
    ]
    list_display = [
        "get_kind_display",
        PictureColumn("picture", label=_("Picture"), accessor=lambda flag: picture_url(flag.entry)),
        WorkColumn("entry", label=_("Work")),
        "judge",
        "note",
        DateColumn("raised_at", label=_("Raised at"), sort_key="raised_at"),
        SettlementColumn("settlement", label=_("What came of it")),
    ]
    filterset_class = FlagFilterSet

    @staticmethod
    def rows(flags: QuerySet[Flag]) -> QuerySet[Flag]:
        frames = Frame.objects.select_related("asset").prefetch_related(
            prefetch_derivatives("asset")
        )
        return flags.select_related("entry", "judge__user", "round").prefetch_related(
            Prefetch("entry__frames", queryset=frames)
        )

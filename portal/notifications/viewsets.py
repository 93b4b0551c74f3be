"""The organiser's view of the outbox: which notices left, and which did not. Read-only."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.widgets import BooleanRadioSelect

from portal.admin_views import ReadOnlyViewSet
from portal.notifications.models import Notice


class NoticeFilterSet(WagtailFilterSet):
    unsent = BooleanFilter(
        field_name="sent_at", lookup_expr="isnull", label=_("Not sent"), widget=BooleanRadioSelect
    )

    class Meta:
        model = Notice
        fields: list[str] = []


class NoticeViewSet(ReadOnlyViewSet):
    model = Notice
    name = "notices"
    icon = "mail"
    menu_hook = "register_competition_menu_item"
    menu_order = 90
    inspect_view_fields = ["recipient", "kind", "created_at", "sent_at", "attempts", "last_error"]
    list_display = [
        "__str__",
        "recipient",
        DateColumn("created_at", label=_("Created at"), sort_key="created_at"),
        DateColumn("sent_at", label=_("Sent at"), sort_key="sent_at"),
        "last_error",
    ]
    search_fields = ["recipient__email", "kind"]
    filterset_class = NoticeFilterSet
    ordering = "-created_at"

    @staticmethod
    def rows(notices: QuerySet[Notice]) -> QuerySet[Notice]:
        return notices.select_related("recipient")

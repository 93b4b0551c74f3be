"""The organiser's view of the outbox, read-only, and of the bulk mails they write."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import BooleanRadioSelect

from competition.editions.models import Edition
from portal.admin_views import EditView, ReadOnlyViewSet, RoomViewSet
from portal.notifications.models import Mailing, Notice
from portal.notifications.queries import with_progress


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


class ThenLookMixin:
    """What is written is looked at next."""

    def get_success_url(self) -> str:
        return reverse("notifications_mailing", args=[self.object.pk])


class MailingAddView(ThenLookMixin, generic.CreateView):
    """Wagtail's form, which begins with the newest edition and leads on to the look."""

    def get_initial_form_instance(self) -> Mailing:
        return Mailing(edition=Edition.objects.first())


class MailingEditView(ThenLookMixin, EditView):
    """As for adding; what was queued can't be written anew."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if Mailing.objects.filter(pk=kwargs["pk"], queued_at__isnull=False).exists():
            return redirect("notifications_mailing", kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)


class ProgressColumn(Column):
    """How many mails have left, of how many."""

    def get_value(self, mailing: Any) -> str:
        return f"{mailing.sent} / {mailing.queued}" if mailing.queued_at else str(_("Draft"))


class MailingViewSet(RoomViewSet):
    model = Mailing
    name = "mailings"
    icon = "mail"
    menu_hook = "register_competition_menu_item"
    menu_order = 88
    add_view_class = MailingAddView
    edit_view_class = MailingEditView
    list_display = [
        "__str__",
        "edition",
        Column("audience", label=_("Goes to"), accessor="get_audience_display"),
        ProgressColumn("progress", label=_("Sent")),
        DateColumn("queued_at", label=_("Queued at"), sort_key="queued_at"),
    ]
    search_fields = ["subject", "subject_en"]
    ordering = "-created_at"
    panels = [
        MultiFieldPanel(
            [
                FieldPanel("edition"),
                FieldRowPanel([FieldPanel("audience"), FieldPanel("association")]),
            ],
            heading=_("Who gets it"),
        ),
        MultiFieldPanel([FieldPanel("subject"), FieldPanel("body")], heading=_("In Chinese")),
        MultiFieldPanel([FieldPanel("subject_en"), FieldPanel("body_en")], heading=_("In English")),
    ]

    @staticmethod
    def rows(mailings: QuerySet[Mailing]) -> QuerySet[Mailing]:
        return with_progress(mailings.select_related("edition"))

"""The organiser's screens of award categories, with their places, and of objections."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.tables import Column, DateColumn

from competition.awards.forms import TOO_HEAVY
from competition.awards.models import AwardCategory, Objection
from competition.editions.models import Edition
from media_processing.queries import prefetch_derivatives
from media_processing.services import original_link
from portal.admin_views import InspectView, ReadOnlyViewSet, RoomViewSet, StateColumn


class CategoryForm(WagtailAdminModelForm):
    """A category; its places are for sections of its own edition, which each choice names."""

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        panels = (values.get("expert_weight") or 0) + (values.get("industry_weight") or 0)
        if panels > 100:
            self.add_error("industry_weight", TOO_HEAVY % {"sum": panels})
        edition, quotas = values.get("edition"), self.formsets["quotas"]
        if not edition or not quotas.is_valid():
            return values
        for row in quotas.forms:
            section = row.cleaned_data.get("section")
            if section and section.edition_id != edition.pk:
                raise ValidationError(
                    _("“%(section)s” is a section of another edition (%(edition)s).")
                    % {"section": section, "edition": section.edition}
                )
        return values


class CategoryFilterSet(WagtailFilterSet):
    edition = django_filters.ModelChoiceFilter(label=_("Edition"), queryset=Edition.objects.all())

    class Meta:
        model = AwardCategory
        fields: list[str] = []


class PlacesColumn(Column):
    """Places by section, in words."""

    def get_value(self, instance: AwardCategory) -> str:
        return "、".join(f"{one.section} {one.places}" for one in instance.quotas.all())


class AwardCategoryViewSet(RoomViewSet):
    model = AwardCategory
    name = "award-categories"
    icon = "success"
    menu_order = 70
    filterset_class = CategoryFilterSet
    list_display = ["title", "edition", "source", PlacesColumn("places", label=_("Places"))]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("edition"),
                    FieldPanel("code"),
                    FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
                ],
                heading=_("Award category"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("source"),
                    FieldPanel("jury_weight"),
                    FieldRowPanel([FieldPanel("expert_weight"), FieldPanel("industry_weight")]),
                    FieldPanel("jury_floor"),
                    FieldPanel("position"),
                ],
                heading=_("Decided by"),
            ),
            InlinePanel(
                "quotas",
                [FieldRowPanel([FieldPanel("section"), FieldPanel("places")])],
                heading=_("Places by section"),
                min_num=1,
            ),
        ],
        base_form_class=CategoryForm,
    )

    @staticmethod
    def rows(categories: QuerySet[AwardCategory]) -> QuerySet[AwardCategory]:
        return categories.select_related("edition").prefetch_related("quotas__section")


class ObjectionFilterSet(WagtailFilterSet):
    edition = django_filters.ModelChoiceFilter(label=_("Edition"), queryset=Edition.objects.all())
    state = django_filters.ChoiceFilter(label=_("State"), choices=Objection.State.choices)

    class Meta:
        model = Objection
        fields: list[str] = []


class ObjectedWorkColumn(Column):
    """The work's number and title, leading to its page."""

    def get_value(self, instance: Objection) -> SafeString | str:
        if instance.entry is None:
            return "—"
        url = reverse("works:inspect", args=[instance.entry_id])
        return format_html('<a href="{}">{}</a>', url, instance.entry)


class ObjectionInspectView(InspectView):
    """What was said, by whom, with the pictures and what came of them."""

    template_name = "competition_admin/objection.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assets = self.object.evidence.prefetch_related(prefetch_derivatives())
        waits = self.object.state == Objection.State.RECEIVED
        return super().get_context_data(
            evidence=[
                {"asset": asset, "link": original_link(asset, self.request.user)}
                for asset in assets
            ],
            may_answer=waits and self.user_has_permission("change"),
            **kwargs,
        )


class ObjectionViewSet(ReadOnlyViewSet):
    model = Objection
    name = "objections"
    icon = "warning"
    menu_order = 75
    inspect_view_class = ObjectionInspectView
    inspect_view_fields = ["number", "ground", "state"]
    list_display = [
        "number",
        Column("edition", label=_("Edition"), accessor="edition"),
        ObjectedWorkColumn("entry", label=_("Work")),
        Column("ground", label=_("What is wrong"), accessor="get_ground_display"),
        StateColumn("state", label=_("State"), sort_key="state"),
        DateColumn("received_at", label=_("Received at"), sort_key="received_at"),
    ]
    filterset_class = ObjectionFilterSet
    ordering = "-received_at"

    @staticmethod
    def rows(objections: QuerySet[Objection]) -> QuerySet[Objection]:
        return objections.select_related("edition", "entry")

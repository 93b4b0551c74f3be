"""The organiser's screens of works: a list to filter, and a page for each with what happened."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.admin.widgets import BooleanRadioSelect
from wagtail.log_actions import registry as log_registry

from competition.editions.models import Edition, Section
from competition.entries.models import STATE_LABELS, Appeal, Entry, Release
from competition.entries.near_copies import is_flagged, near_copies_of
from competition.entries.queries import frames_of, with_pictures
from competition.entries.states import Role, State, verbs
from competition.organisations.models import Organisation
from competition.organisations.viewsets import AssociationPolicy
from media_processing.queries import thumbnail
from portal.accounts.models import User
from portal.admin_views import (
    IndexView,
    InspectView,
    PictureColumn,
    ReadOnlyViewSet,
    StateColumn,
)

VERB_LABELS = {
    "admit": _("Admit"),
    "reject": _("Reject"),
    "return": _("Return for revision"),
    "disqualify": _("Disqualify"),
    "reinstate": _("Reinstate"),
}


class EntryPolicy(AssociationPolicy):
    """As for organisations; but a draft is nobody's business outside its organisation."""

    def __init__(self) -> None:
        super().__init__(Entry, "organisation", "organisation__association")

    def instances_user_has_any_permission_for(self, user: User, actions: Any) -> QuerySet:
        rows = super().instances_user_has_any_permission_for(user, actions)
        if user.has_perm("competition.view_entry"):
            return rows
        return rows.exclude(state=State.DRAFT)


class SectionFilter(django_filters.ModelChoiceFilter):
    """Names the edition too: each year has its single photos."""

    class field_class(django_filters.fields.ModelChoiceField):
        def label_from_instance(self, section: Section) -> str:
            return f"{section.edition} · {section}"


class EntryFilterSet(WagtailFilterSet):
    edition = django_filters.ModelChoiceFilter(label=_("Edition"), queryset=Edition.objects.all())
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=STATE_LABELS, widget=CheckboxSelectMultiple
    )
    section = SectionFilter(
        label=_("Section"), queryset=Section.objects.select_related("edition").order_by("-edition")
    )
    association = django_filters.ModelChoiceFilter(
        label=_("Local association"),
        field_name="organisation__association",
        queryset=Organisation.objects.filter(kind=Organisation.Kind.ASSOCIATION),
    )

    ai_use = django_filters.MultipleChoiceFilter(
        label=_("Use of AI"), choices=Entry.AiUse.choices, widget=CheckboxSelectMultiple
    )
    portraits = django_filters.ChoiceFilter(
        label=_("People in the work"), choices=Entry.Portraits.choices
    )
    with_releases = django_filters.BooleanFilter(
        label=_("Has model releases"), method="filter_releases", widget=BooleanRadioSelect
    )
    with_copies = django_filters.BooleanFilter(
        label=_("Looks like other works"), method="filter_copies", widget=BooleanRadioSelect
    )
    with_appeal = django_filters.BooleanFilter(
        label=_("Appeal waits for an answer"), method="filter_appeals", widget=BooleanRadioSelect
    )

    class Meta:
        model = Entry
        fields: list[str] = []

    def filter_releases(self, entries: QuerySet, name: str, wanted: bool) -> QuerySet:
        kept = Release.objects.filter(entry=OuterRef("pk"), removed_at=None)
        return entries.filter(Exists(kept) if wanted else ~Exists(kept))

    def filter_copies(self, entries: QuerySet, name: str, wanted: bool) -> QuerySet:
        return entries.filter(is_flagged() if wanted else ~is_flagged())

    def filter_appeals(self, entries: QuerySet, name: str, wanted: bool) -> QuerySet:
        waiting = Appeal.objects.filter(entry=OuterRef("pk"), answer="")
        return entries.filter(Exists(waiting) if wanted else ~Exists(waiting))


def picture_url(entry: Entry) -> str:
    """Return the address of the work's cover, small, or ""."""
    cover = entry.cover
    small = thumbnail(cover.asset) if cover else None
    return small.file.url if small else ""


class EntryIndexView(IndexView):
    template_name = "competition_admin/works.html"

    @property
    def columns(self) -> list[Any]:
        columns = super().columns
        if self.user_has_permission("change"):
            return [BulkActionsCheckboxColumn("bulk_actions", obj_type="entry"), *columns]
        return columns


class EntryInspectView(InspectView):
    """The whole work: pictures, texts, each revision, what happened and what may happen now."""

    template_name = "competition_admin/work.html"

    def visible_rows(self) -> QuerySet[Entry]:
        return (
            super()
            .visible_rows()
            .select_related(
                "edition",
                "section",
                "organisation__association",
                "created_by",
                "rights_accepted_by",
                "declaration",
            )
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        logs = log_registry.get_logs_for_instance(self.object).select_related("user")
        return super().get_context_data(
            frames=frames_of(self.object),
            moves=self._moves(),
            near_copies=near_copies_of(self.object),
            deeds=logs.order_by("-timestamp", "-pk"),
            revisions=self.object.revisions.select_related("submitted_by", "declaration"),
            **kwargs,
        )

    def _moves(self) -> list[dict[str, Any]]:
        """Return the buttons that the table of states allows an organiser now."""
        if not self.user_has_permission("change"):
            return []
        return [
            {
                "verb": verb,
                "label": VERB_LABELS[verb],
                "url": reverse("competition_work_move", args=[self.object.pk, verb]),
                "is_serious": verb in ("reject", "disqualify"),
            }
            for verb in verbs(self.object.state, Role.ORGANISER)
        ]


class EntryViewSet(ReadOnlyViewSet):
    model = Entry
    name = "works"
    icon = "image"
    menu_order = 30
    index_view_class = EntryIndexView
    inspect_view_class = EntryInspectView
    list_display = [
        "__str__",
        PictureColumn("picture", label=_("Picture"), accessor=picture_url),
        "section",
        "organisation",
        Column("association", label=_("Local association"), accessor="organisation.association"),
        StateColumn("state", label=_("State"), sort_key="state"),
        DateColumn("submitted_at", label=_("Submitted at"), sort_key="submitted_at"),
    ]
    list_export = [
        "number",
        "title",
        "author_names",
        "section",
        "organisation",
        "organisation.association",
        "state",
        "submitted_at",
    ]
    search_fields = [
        "number",
        "title",
        "author_names",
        "organisation__name",
        "organisation__association__name",
    ]
    filterset_class = EntryFilterSet
    ordering = "-submitted_at"

    @staticmethod
    def rows(entries: QuerySet[Entry]) -> QuerySet[Entry]:
        return with_pictures(entries).select_related("organisation__association")

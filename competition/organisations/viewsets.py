"""The organiser's screen of organisations; an association's manager reads those below it."""

from typing import Any

import django_filters
from django.db.models import Model, Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import registry as log_registry
from wagtail.permission_policies import ModelPermissionPolicy

from competition.organisations.models import Organisation
from competition.organisations.queries import members_of, screened_associations
from portal.accounts.models import User
from portal.admin_views import IndexView, InspectView, RoomViewSet


class AssociationPolicy(ModelPermissionPolicy):
    """An organiser has the model's permissions; an association's manager views their part.

    `paths` lead from the model to the association, in Django's lookups.
    """

    def __init__(self, model: type[Model], *paths: str) -> None:
        super().__init__(model)
        self.paths = paths

    def user_has_permission(self, user: User, action: str) -> bool:
        return super().user_has_permission(user, action) or (
            action == "view" and user.has_perm("competition.screen_entry")
        )

    def instances_user_has_any_permission_for(self, user: User, actions: Any) -> QuerySet:
        rows = self.model._default_manager.all()
        if any(super(AssociationPolicy, self).user_has_permission(user, one) for one in actions):
            return rows
        if "view" not in actions or not self.user_has_permission(user, "view"):
            return rows.none()
        own = Q()
        for path in self.paths:
            own |= Q(**{f"{path}__in": screened_associations(user)})
        return rows.filter(own)

    def user_has_any_permission_for_instance(self, user: User, actions: Any, instance: Any) -> bool:
        rows = self.instances_user_has_any_permission_for(user, actions)
        return rows.filter(pk=instance.pk).exists()

    def user_has_permission_for_instance(self, user: User, action: str, instance: Any) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)


class OrganisationFilterSet(WagtailFilterSet):
    association = django_filters.ModelChoiceFilter(
        label=_("Local association"),
        queryset=Organisation.objects.filter(kind=Organisation.Kind.ASSOCIATION),
    )
    province = django_filters.AllValuesFilter(label=_("Province"))
    verification = django_filters.MultipleChoiceFilter(
        label=_("Verification"),
        choices=Organisation.Verification,
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = Organisation
        fields = ["kind", "association", "province", "verification"]


class VerificationColumn(Column):
    """Whether the organisation is known, in its colour."""

    def get_value(self, instance: Organisation) -> SafeString:
        return format_html(
            '<span class="room-badge room-badge--{}">{}</span>',
            instance.verification,
            instance.get_verification_display(),
        )


class OrganisationIndexView(IndexView):
    """The list, with the ways to what is done to many organisations."""

    template_name = "competition_admin/organisations.html"

    @property
    def columns(self) -> list[Any]:
        columns = super().columns
        if self.user_has_permission("change"):
            return [BulkActionsCheckboxColumn("bulk_actions", obj_type="organisation"), *columns]
        return columns

    @property
    def header_more_buttons(self) -> list[Button]:
        ways = [
            (_("Import from a spreadsheet"), "competition_organisations_import", "upload"),
            (_("Probable duplicates"), "competition_organisation_duplicates", "copy"),
        ]
        buttons = list(super().header_more_buttons)
        if self.user_has_permission("change"):
            buttons += [
                Button(label, url=reverse(name), icon_name=icon, priority=50)
                for label, name, icon in ways
            ]
        return buttons


class OrganisationInspectView(InspectView):
    """One organisation: its data, its members, what happened and what may happen now."""

    template_name = "competition_admin/organisation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        logs = log_registry.get_logs_for_instance(self.object).select_related("user")
        return super().get_context_data(
            members=members_of(self.object),
            companies=self.object.companies.all(),
            deeds=logs.order_by("-timestamp", "-pk"),
            may_change=self.user_has_permission("change"),
            **kwargs,
        )


class OrganisationViewSet(RoomViewSet):
    model = Organisation
    name = "organisations"
    icon = "group"
    menu_order = 20
    index_view_class = OrganisationIndexView
    inspect_view_class = OrganisationInspectView
    inspect_view_enabled = True
    list_display = [
        "name",
        VerificationColumn("verification", label=_("Verification"), sort_key="verification"),
        "kind",
        "association",
        "province",
        "contact_phone",
    ]
    list_export = ["name", "kind", "association", "province", "contact_phone", "verification"]
    search_fields = ["name", "province"]
    filterset_class = OrganisationFilterSet
    ordering = "name"
    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("kind"), FieldPanel("association")],
            heading=_("Organisation"),
        ),
        FieldRowPanel([FieldPanel("province"), FieldPanel("contact_phone")], heading=_("Contact")),
    ]

    @staticmethod
    def rows(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
        return organisations.select_related("association")

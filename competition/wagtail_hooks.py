"""What the competition's rooms bring to the admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy

from competition.editions import admin_views as editions
from competition.editions import log_actions as edition_log
from competition.editions.viewsets import EditionViewSet
from competition.entries import log_actions as entry_log
from competition.organisations import log_actions as organisation_log
from competition.organisations.models import Organisation
from competition.organisations.viewsets import AssociationPolicy, OrganisationViewSet
from portal.audit import register_deeds

register_permission_policy(Organisation, AssociationPolicy(Organisation, "pk", "association"))


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(
        actions,
        organisation_log.LOG_ACTIONS,
        edition_log.LOG_ACTIONS,
        entry_log.LOG_ACTIONS,
    )


class CompetitionGroup(ModelViewSetGroup):
    """One entry of the main menu; voting, media and notices add theirs by the same hook."""

    items = (EditionViewSet, OrganisationViewSet)
    menu_label = _("Competition")
    menu_name = "competition"
    menu_icon = "pick"
    menu_order = 50
    submenu_hook = "register_competition_menu_item"


@hooks.register("register_admin_viewset")
def register_viewsets() -> CompetitionGroup:
    return CompetitionGroup()


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    def at(route: str, view: Any, name: str) -> URLPattern:
        return path(f"competition/{route}/", view.as_view(), name=f"competition_{name}")

    return [at("editions/<int:pk>/copy", editions.CopyEditionView, "edition_copy")]

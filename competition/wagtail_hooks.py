"""What the competition's rooms bring to the admin."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy

from competition.awards import admin_views as awards
from competition.awards import log_actions as award_log
from competition.awards import review_views as review
from competition.awards import what_if_views as what_if
from competition.awards.viewsets import AwardCategoryViewSet, ObjectionViewSet
from competition.editions import admin_views as editions
from competition.editions import log_actions as edition_log
from competition.editions.models import Edition
from competition.editions.viewsets import EditionViewSet
from competition.entries import admin_views as entries
from competition.entries import log_actions as entry_log
from competition.entries import merge_views as merging
from competition.entries.models import STATE_LABELS, Entry
from competition.entries.queries import entry_statistics
from competition.entries.viewsets import EntryPolicy, EntryViewSet
from competition.judging import admin_views as judging
from competition.judging import analysis_views as jury
from competition.judging import flag_views as flags
from competition.judging import log_actions as judging_log
from competition.judging.flag_viewset import FlagViewSet
from competition.judging.viewsets import PanelViewSet, RoundViewSet
from competition.organisations import admin_views as organisations
from competition.organisations import import_views as imports
from competition.organisations import log_actions as organisation_log
from competition.organisations.models import Organisation
from competition.organisations.viewsets import AssociationPolicy, OrganisationViewSet
from competition.reports import honour_views as honours
from competition.reports import log_actions as report_log
from competition.reports.admin_views import ParticipationView
from competition.screening import admin_views as screening
from competition.screening import log_actions as screening_log
from portal.audit import register_deeds

register_permission_policy(Organisation, AssociationPolicy(Organisation, "pk", "association"))
register_permission_policy(Entry, EntryPolicy())

for action in (
    entries.BulkAdmit,
    entries.BulkReturn,
    entries.BulkReject,
    organisations.BulkVerify,
    organisations.BulkRefuse,
):
    hooks.register("register_bulk_action", action)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    rooms = [
        organisation_log,
        edition_log,
        entry_log,
        screening_log,
        judging_log,
        award_log,
        report_log,
    ]
    register_deeds(actions, *(room.LOG_ACTIONS for room in rooms))


class CompetitionGroup(ModelViewSetGroup):
    """One entry of the main menu; voting, media and notices add theirs by the same hook."""

    items = (
        EditionViewSet,
        OrganisationViewSet,
        EntryViewSet,
        PanelViewSet,
        RoundViewSet,
        FlagViewSet,
        AwardCategoryViewSet,
        ObjectionViewSet,
    )
    menu_label = _("Competition")
    menu_name = "competition"
    menu_icon = "pick"
    menu_order = 50
    submenu_hook = "register_competition_menu_item"


@hooks.register("register_admin_viewset")
def register_viewsets() -> CompetitionGroup:
    return CompetitionGroup()


ACTIONS = {
    "participation": (ParticipationView, "participation"),
    "editions/<int:pk>/copy": (editions.CopyEditionView, "edition_copy"),
    "editions/<int:pk>/forwarding": (screening.ForwardingView, "forwarding"),
    "organisations/import": (imports.ImportView, "organisations_import"),
    "organisations/import/plan": (imports.ImportPlanView, "organisations_import_plan"),
    "organisations/import/template": (imports.ImportTemplateView, "organisations_import_template"),
    "organisations/duplicates": (merging.DuplicatesView, "organisation_duplicates"),
    "organisations/<int:pk>/merge": (merging.ChooseKeptView, "organisation_merge"),
    "organisations/<int:pk>/merge/<int:kept>": (merging.MergeView, "organisation_merge_into"),
    "organisations/<int:pk>/verify": (organisations.VerifyView, "organisation_verify"),
    "organisations/<int:pk>/refuse": (organisations.RefuseView, "organisation_refuse"),
    "works/<int:pk>/<slug:verb>": (entries.MoveEntryView, "work_move"),
    "near-copies/<int:pk>/dismiss": (entries.DismissCopyView, "dismiss_copy"),
    "appeals/<int:pk>/<slug:answer>": (entries.AnswerAppealView, "appeal_answer"),
    "rounds/<int:pk>/assign": (judging.AssignRoundView, "round_assign"),
    "judges/<int:pk>/leave": (judging.LeaveView, "judge_leave"),
    "judges/<int:pk>/recuse": (judging.RecuseView, "judge_recuse"),
    "flags/<int:pk>/settle": (flags.SettleFlagView, "flag_settle"),
    "rounds/<int:pk>/close": (judging.CloseRoundView, "round_close"),
    "rounds/<int:pk>/pause": (judging.PauseRoundView, "round_pause"),
    "rounds/<int:pk>/resume": (judging.ResumeRoundView, "round_resume"),
    "rounds/<int:pk>/cut": (jury.CutView, "round_cut"),
    "rounds/<int:pk>/analysis": (jury.AnalysisView, "round_analysis"),
    "rounds/<int:pk>/matrix": (jury.MatrixView, "round_matrix"),
    "rounds/<int:pk>/read-more": (jury.ReadMoreView, "round_read_more"),
    "rounds/<int:pk>/remind": (jury.RemindView, "round_remind"),
    "awards/<int:pk>": (awards.AwardsView, "awards"),
    "awards/<int:pk>/what-if": (what_if.WhatIfView, "awards_what_if"),
    "awards/<int:pk>/propose": (awards.ProposeAwardsView, "awards_propose"),
    "awards/<int:pk>/honours": (honours.HonoursView, "honours"),
    "honours/<int:pk>/withdraw": (honours.WithdrawHonourView, "honour_withdraw"),
    "award-lists/<int:pk>/confirm": (awards.ConfirmAwardsView, "awards_confirm"),
    "award-lists/<int:pk>/notice": (awards.BeginNoticeView, "awards_notice"),
    "award-lists/<int:pk>/works/<int:entry>/take-away": (
        review.TakeAwardAwayView,
        "awards_take_away",
    ),
    "objections/<int:pk>/uphold": (review.UpholdObjectionView, "objection_uphold"),
    "objections/<int:pk>/reject": (review.RejectObjectionView, "objection_reject"),
    "award-lists/<int:pk>/publish": (awards.PublishAwardsView, "awards_publish"),
    "award-lists/<int:pk>/ties/<int:category>/<int:section>": (awards.DecideTieView, "awards_tie"),
}


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    return [
        path(f"competition/{route}/", view.as_view(), name=f"competition_{name}")
        for route, (view, name) in ACTIONS.items()
    ]


class ParticipationItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("competition.change_entry")


@hooks.register("register_competition_menu_item")
def register_participation() -> ParticipationItem:
    url = reverse_lazy("competition_participation")
    name = "participation"
    return ParticipationItem(_("Participation"), url, name=name, icon_name="table", order=35)


class Glance(Component):
    """Where the newest edition stands, on the admin's first page."""

    name = "competition"
    order = 50
    template_name = "competition_admin/glance.html"

    def __init__(self, edition: Edition) -> None:
        self.edition = edition

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        counts = entry_statistics(self.edition)
        return {
            "edition": self.edition,
            "phases": self.edition.phases.all(),
            "states": [(state, label, counts[state]) for state, label in STATE_LABELS],
        }


class ManagerGlance(Component):
    """The ways on of an association's manager."""

    name = "association"
    order = 50
    template_name = "competition_admin/manager_glance.html"


@hooks.register("construct_homepage_panels")
def add_glance(request: HttpRequest, panels: list[Component]) -> None:
    edition = Edition.objects.first()
    if edition and request.user.has_perm("competition.change_edition"):
        panels.append(Glance(edition))
    elif request.user.has_perm("competition.screen_entry"):
        panels.append(ManagerGlance())


@hooks.register("insert_global_admin_css")
def admin_css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


# What a competition never uses; the addresses stay, for who knows them.
UNUSED_REPORTS = {"locked-pages", "workflows", "workflow-tasks", "page-types-usage"}


@hooks.register("construct_reports_menu")
def shorten_reports(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in UNUSED_REPORTS]


@hooks.register("construct_help_menu")
def hide_help(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name == "keyboard-shortcuts-trigger"]


@hooks.register("construct_settings_menu")
def shorten_settings(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in {"workflows", "workflow-tasks"}]

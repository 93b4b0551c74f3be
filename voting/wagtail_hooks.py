"""What the public vote brings to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from portal.audit import register_deeds
from voting.admin_views import ClosePollView, PublishLedgerView
from voting.log_actions import LOG_ACTIONS
from voting.viewsets import PollViewSet


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)


@hooks.register("register_admin_viewset")
def register_polls() -> PollViewSet:
    return PollViewSet()


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    return [
        path("polls/<int:pk>/close/", ClosePollView.as_view(), name="voting_close_poll"),
        path("polls/<int:pk>/ledger/", PublishLedgerView.as_view(), name="voting_publish_ledger"),
    ]

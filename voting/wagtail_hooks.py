"""What the public vote brings to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from portal.audit import register_deeds
from voting.admin_views import ClosePollView, PublishLedgerView
from voting.log_actions import LOG_ACTIONS
from voting.review_views import (
    ClustersView,
    ClusterView,
    ExamineView,
    NameBallotsView,
    RestoreClustersView,
    VoidClustersView,
)
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
        path("polls/<int:pk>/clusters/", ClustersView.as_view(), name="voting_clusters"),
        path(
            "polls/<int:pk>/clusters/<int:cluster_pk>/",
            ClusterView.as_view(),
            name="voting_cluster",
        ),
        path("polls/<int:pk>/void/", VoidClustersView.as_view(), name="voting_void_clusters"),
        path(
            "polls/<int:pk>/restore/", RestoreClustersView.as_view(), name="voting_restore_clusters"
        ),
        path("polls/<int:pk>/examine/", ExamineView.as_view(), name="voting_examine"),
        path("polls/<int:pk>/receipts/", NameBallotsView.as_view(), name="voting_name_ballots"),
        path("polls/<int:pk>/ledger/", PublishLedgerView.as_view(), name="voting_publish_ledger"),
    ]

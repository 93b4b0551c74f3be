"""What the notices bring to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from portal.admin_views import RoomViewSet
from portal.audit import register_deeds
from portal.notifications.admin_views import LookAtMailingView
from portal.notifications.log_actions import LOG_ACTIONS
from portal.notifications.viewsets import MailingViewSet, NoticeViewSet


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)


@hooks.register("register_admin_viewset")
def register_notices() -> list[RoomViewSet]:
    return [MailingViewSet(), NoticeViewSet()]


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    look = LookAtMailingView.as_view()
    return [path("mailings/<int:pk>/look/", look, name="notifications_mailing")]

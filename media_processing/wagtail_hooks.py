"""What the media room brings to the admin."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry

from media_processing.admin_views import MediaQueueView, RetryAssetView
from media_processing.log_actions import LOG_ACTIONS
from media_processing.viewsets import AssetViewSet
from portal.audit import register_deeds


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)


@hooks.register("register_admin_viewset")
def register_assets() -> AssetViewSet:
    return AssetViewSet()


class MediaQueueItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_processing.view_mediaasset")


@hooks.register("register_competition_menu_item")
def register_queue() -> MediaQueueItem:
    url = reverse_lazy("media_queue")
    return MediaQueueItem(_("Media queue"), url, name="media-queue", icon_name="history", order=85)


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    return [
        path("media-queue/", MediaQueueView.as_view(), name="media_queue"),
        path("uploaded-files/<uuid:pk>/retry/", RetryAssetView.as_view(), name="media_retry"),
    ]

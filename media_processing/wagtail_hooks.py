"""What the media room brings to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from media_processing.admin_views import RetryAssetView
from media_processing.log_actions import LOG_ACTIONS
from media_processing.viewsets import AssetViewSet
from portal.audit import register_deeds


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)


@hooks.register("register_admin_viewset")
def register_assets() -> AssetViewSet:
    return AssetViewSet()


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    view = RetryAssetView.as_view()
    return [path("uploaded-files/<uuid:pk>/retry/", view, name="media_retry")]

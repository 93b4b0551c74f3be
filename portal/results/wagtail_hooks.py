"""What the results bring to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from portal.audit import register_deeds
from portal.results.admin_views import IssueCertificatesView
from portal.results.log_actions import LOG_ACTIONS
from portal.results.package_views import DownloadPackageView, PackagesView


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    return [
        path(
            "competition/award-lists/<int:pk>/certificates/",
            IssueCertificatesView.as_view(),
            name="results_issue_certificates",
        ),
        path("award-lists/<int:pk>/packages/", PackagesView.as_view(), name="results_packages"),
        path(
            "packages/<int:pk>/download/",
            DownloadPackageView.as_view(),
            name="results_package_download",
        ),
    ]

"""What the pages bring to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks

from portal.pages.admin_views import ShowEditionView


@hooks.register("register_admin_urls")
def register_actions() -> list[URLPattern]:
    view = ShowEditionView.as_view()
    return [path("competition/editions/<int:pk>/show/", view, name="pages_show_edition")]

"""The API's addresses, under /api/: each behind the same door."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from portal.api.docs_views import show_openapi
from portal.api.doorway import View, open_door
from portal.api.endpoints import api


def _nothing(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404


endpoints, _app, namespace = api.urls
for endpoint in endpoints:
    endpoint.callback = open_door(cast(View, endpoint.callback))

urlpatterns = [
    path("openapi.json", open_door(show_openapi), name="api-openapi"),
    path("v1/", include((endpoints, "api"), namespace=namespace)),
    # No page ever lies below; what is asked for by a program is answered to a program.
    re_path(r"^v1/(?P<rest>.*)$", open_door(_nothing), name="api-nothing"),
]

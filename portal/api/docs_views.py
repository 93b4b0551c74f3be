"""What describes the API: the OpenAPI document for programs, and a page made of it for people."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.api.description import addresses, records
from portal.api.doorway import KEPT_SECONDS, RATE, keep_until
from portal.api.endpoints import api


@cache
def document() -> dict[str, Any]:
    """Return the API as OpenAPI 3.1 describes it."""
    return dict(api.get_openapi_schema())


def show_openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document; its server is the one that was asked."""
    keep_until(request, None)
    described = document() | {"servers": [{"url": request.build_absolute_uri("/").rstrip("/")}]}
    return JsonResponse(described, json_dumps_params={"ensure_ascii": False})


@require_safe
def show_docs(request: HttpRequest) -> HttpResponse:
    """Show the API to people who want to use it, in the language of the address."""
    host = request.build_absolute_uri("/").rstrip("/")
    context = {
        "addresses": addresses(document(), host),
        "records": records(document()),
        "openapi": request.build_absolute_uri(reverse("api-openapi")),
        "host": host,
        "version": api.version,
        "a_minute": RATE.partition("/")[0],
        "kept_seconds": KEPT_SECONDS,
    }
    return render(request, "api/docs.html", context)

"""The addresses that machines ask, answered before any other middleware.

A probe comes by IP address and plain HTTP, so neither ALLOWED_HOSTS nor the way to HTTPS is for
it; it has no session, and leaves no line in the log.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.monitoring.views import show_alive, show_metrics, show_ready

PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": show_alive,
    "/readyz": show_ready,
    "/metrics": show_metrics,
}


class Probes:
    """Stands first in settings.MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path_info, self.get_response)(request)

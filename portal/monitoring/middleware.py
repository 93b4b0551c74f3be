"""Each request has an id, which its log lines and its answer bear."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.monitoring.context import label

SANE = re.compile(r"[A-Za-z0-9-]{8,64}")
access = logging.getLogger("portal.access")


class RequestId:
    """Takes the id a trusted proxy gave, or makes one; with JSON logs, writes a line a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.writes_lines = settings.LOG_FORMAT == "json"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id, began = _id_of(request), time.perf_counter()
        label(request_id=request_id)  # until request_finished: Django logs a refusal after this
        response = self.get_response(request)
        if self.writes_lines:
            _write_line(request, response, time.perf_counter() - began)
        response.headers["X-Request-ID"] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if SANE.fullmatch(given) else uuid.uuid4().hex


def _write_line(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    facts = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    access.info("request", extra=facts)

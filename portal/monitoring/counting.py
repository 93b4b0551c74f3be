"""Counts requests by view, method and status, and how long they took; loaded with METRICS_TOKEN."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django_prometheus.middleware import PrometheusAfterMiddleware


class RequestCounter(PrometheusAfterMiddleware):
    """django-prometheus' counts, of which no stranger can make new ones without end."""

    def label_metric(
        self,
        metric: Any,
        request: HttpRequest,
        response: HttpResponse | None = None,
        **labels: Any,
    ) -> Any:
        """Return the count; a method nobody knows has the one label of all such."""
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)

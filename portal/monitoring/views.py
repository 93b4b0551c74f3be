"""What machines ask: are you alive, can you work, how much do you do."""

from dataclasses import asdict

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils.crypto import constant_time_compare

from portal.monitoring.health import rounds

NOT_KEPT = {"Cache-Control": "no-store"}


def show_alive(request: HttpRequest) -> HttpResponse:
    """Answer; that is all. Asks nothing of anybody."""
    return JsonResponse({"alive": True}, headers=NOT_KEPT)


def show_ready(request: HttpRequest) -> HttpResponse:
    """Tell how each part stands; 503 when one is amiss. Says which, never why."""
    parts = rounds.latest()
    ready = all(answer.state == "ok" for answer in parts.values())
    told = {"ready": ready, "parts": {name: asdict(answer) for name, answer in parts.items()}}
    return JsonResponse(told, status=200 if ready else 503, headers=NOT_KEPT)


def show_metrics(request: HttpRequest) -> HttpResponse:
    """Tell whoever has the token what is counted; for others there is nothing here."""
    given = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(given, f"Bearer {token}"):
        return HttpResponseNotFound()
    # Only who is asked for metrics needs the packages that write them.
    from django_prometheus.exports import ExportToDjangoView
    from prometheus_client import generate_latest

    from portal.monitoring.metrics import site_registry

    response = ExportToDjangoView(request)
    response.content += generate_latest(site_registry())
    response.headers["Cache-Control"] = "no-store"
    return response

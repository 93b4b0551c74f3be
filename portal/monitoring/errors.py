"""Errors go to Sentry, and nothing of a person with them; loaded with SENTRY_DSN."""

from typing import TYPE_CHECKING, Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.django import DjangoIntegration

from portal.monitoring.context import labels
from portal.monitoring.redaction import all_without_secrets

if TYPE_CHECKING:
    from sentry_sdk.types import Event


def start_reporting(**options: Any) -> None:
    """Report what is not caught and what is logged as an error. No traces, no statistics.

    `options` are the SDK's own, for tests.
    """
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        integrations=[DjangoIntegration(middleware_spans=False, signals_spans=False)],
        auto_enabling_integrations=False,
        send_default_pii=False,
        auto_session_tracking=False,  # it tells of every request
        include_local_variables=False,  # an address is a variable, too
        max_request_body_size="never",
        max_breadcrumbs=0,  # queries and log lines of before
        before_send=without_people,
        **options,
    )


def without_people(event: "Event", hint: dict[str, Any]) -> "Event":
    """Return the event without cookies, headers, bodies, users and what databases quote."""
    request = event.get("request", {})
    event["request"] = {"method": request.get("method"), "url": request.get("url")}
    for exception in event.get("exception", {}).get("values", []):
        # PostgreSQL's second line is the row: "DETAIL: Key (email)=(...)".
        exception["value"] = str(exception.get("value") or "").partition("\n")[0]
    event.pop("user", None)
    event.pop("extra", None)
    event.pop("breadcrumbs", None)
    event["tags"] = {**event.get("tags", {}), **labels()}
    return all_without_secrets(event)

"""A site with SENTRY_DSN in a process of its own, for the SDK stays where it was once started.

Its views fail; prints what would be sent as JSON, one event a line.
"""

import json
import logging
import sys

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport


class Printing(Transport):
    """Sends nothing anywhere."""

    def capture_envelope(self, envelope: Envelope) -> None:
        print(json.dumps(envelope.get_event(), ensure_ascii=False))


def fail(request: HttpRequest, token: str) -> HttpResponse:
    """Fail as a view does that knows people."""
    address, name = request.POST["email"], request.POST["name"]
    logging.getLogger("portal.test").error("mail to %s failed", address)
    raise ValueError(f"duplicate key of {address}\nDETAIL: Key (name)=({name}) exists already.")


urlpatterns = [path("originals/<path:token>", fail)]

if __name__ == "__main__":
    django.setup()
    from portal.monitoring.errors import start_reporting

    start_reporting(transport=Printing)
    settings.ROOT_URLCONF = __name__
    # As the web server has it, less what needs a database for the page that says sorry.
    settings.MIDDLEWARE = settings.MIDDLEWARE[:2]
    settings.TEMPLATES[0]["OPTIONS"]["context_processors"] = []
    settings.TRUSTED_PROXIES = 1
    requests = RequestFactory()
    requests.cookies["sessionid"] = "s3cret"
    request = requests.post(
        "/originals/s3cret-token?email=li@example.cn",
        {"email": "li@example.cn", "name": "李四"},
        headers={"X-Request-ID": "abcDEF-0123", "Authorization": "Bearer s3cret"},
    )
    WSGIHandler()(request.environ, lambda status, headers: None).close()
    sys.stdout.flush()

"""What every page's template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name."""
    return {"site_name": settings.SITE_NAME}

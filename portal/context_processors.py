"""What every page's template knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's menu and its name in the present language, both read when used."""
    from portal.pages.queries import SiteMenu

    menu = SiteMenu(request)
    return {
        "site_menu": menu,
        "site_name": SimpleLazyObject(lambda: menu.name),
    }

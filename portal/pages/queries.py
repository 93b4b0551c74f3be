"""What the pages ask of the page tree."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import get_language
from wagtail.models import Page

from portal.pages.models import HomePage


def find_home(language: str) -> HomePage | None:
    """Return the front door in this language, or None while there is no site."""
    return HomePage.objects.live().filter(locale__language_code=language).order_by("path").first()


@dataclass(frozen=True)
class MenuItem:
    """One line of the menu. `is_current` is what aria-current says: "page", "true" or ""."""

    title: str
    url: str
    is_current: str


class SiteMenu:
    """The menu of one request, in its language; asks the database when first read."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.language = get_language()

    @cached_property
    def home(self) -> HomePage | None:
        return find_home(self.language)

    @cached_property
    def home_url(self) -> str:
        return self.home.get_url(self.request) if self.home else "/"

    @cached_property
    def name(self) -> str:
        """The site's name: the front door's title."""
        return self.home.title if self.home else settings.SITE_NAME

    @cached_property
    def items(self) -> list[MenuItem]:
        if self.home is None:
            return []
        pages = Page.objects.child_of(self.home).live().in_menu().order_by("path")
        return [self._item(page) for page in pages]

    def _item(self, page: Page) -> MenuItem:
        url = page.get_url(self.request)
        path = self.request.path
        current = "page" if path == url else "true" if path.startswith(url) else ""
        return MenuItem(page.title, url, current)

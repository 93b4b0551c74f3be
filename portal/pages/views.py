"""What machines read of the site: which pages there are, and which to leave alone."""

from functools import reduce
from operator import or_

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from wagtail.contrib.sitemaps.sitemap_generator import Sitemap
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.models import Page
from wagtail.query import PageQuerySet

# Pages for people who sign in; nothing there is for a search engine.
PRIVATE = ["/admin/", "/accounts/", "/my/", "/organisations/", "/screening/", "/judging/", "/vote/"]


class SiteSitemap(Sitemap):
    """Wagtail's sitemap, in every language of the site instead of the first."""

    def items(self) -> PageQuerySet:
        roots = self.get_wagtail_site().root_page.get_translations(inclusive=True)
        trees = (Page.objects.descendant_of(root, inclusive=True) for root in roots)
        return reduce(or_, trees).live().public().order_by("path").specific()


def show_sitemap(request: HttpRequest) -> HttpResponse:
    """Return every public page, and every work that is on show."""
    return sitemap(request, {"pages": SiteSitemap})


def show_robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines where the sitemap is and what to leave alone."""
    closed = [f"Disallow: {prefix}{path}" for path in PRIVATE for prefix in ("", "/en")]
    address = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", *closed, "", f"Sitemap: {address}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")

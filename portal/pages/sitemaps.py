"""What search engines are told of: an index, the pages, and each gallery's works in portions."""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.sitemaps import Sitemap, views
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from wagtail.contrib.sitemaps.sitemap_generator import Sitemap as WagtailSitemap
from wagtail.models import Page
from wagtail.query import PageQuerySet

from portal.pages import exhibition
from portal.pages.models import GalleryPage


class PagesSitemap(WagtailSitemap):
    """Wagtail's sitemap, in every language of the site instead of the first."""

    def items(self) -> PageQuerySet:
        roots = self.get_wagtail_site().root_page.get_translations(inclusive=True)
        trees = (Page.objects.descendant_of(root, inclusive=True) for root in roots)
        return reduce(or_, trees).live().public().order_by("path").specific()


class WorksSitemap(Sitemap):
    """The works in a gallery that is open, so many at a time that no answer is slow."""

    limit = 2000

    def __init__(self, gallery: GalleryPage, request: HttpRequest) -> None:
        self.gallery = gallery
        self.prefix = f"{gallery.get_url(request)}works/"

    def items(self) -> QuerySet:
        works = exhibition.gallery_works(self.gallery.edition).prefetch_related(None)
        return works.values_list("number", "updated_at", named=True)

    def location(self, item: Any) -> str:
        return f"{self.prefix}{item.number}/"

    def lastmod(self, item: Any) -> datetime:
        return item.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        return self.items().aggregate(last=Max("updated_at"))["last"]


def show_index(request: HttpRequest) -> HttpResponse:
    """Return where the sitemaps are."""
    return views.index(request, _sitemaps(request), sitemap_url_name="sitemap-section")


def show_section(request: HttpRequest, section: str) -> HttpResponse:
    """Return the sitemap of the pages, or a portion (`?p=2`) of a gallery's works."""
    return views.sitemap(request, _sitemaps(request), section=section)


def _sitemaps(request: HttpRequest) -> Mapping[str, Sitemap]:
    galleries = GalleryPage.objects.live().public().order_by("path").select_related("edition")
    works = {f"works-{one.pk}": WorksSitemap(one, request) for one in galleries if one.is_open}
    return {"pages": PagesSitemap(request)} | works

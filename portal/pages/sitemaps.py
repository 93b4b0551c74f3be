"""What search engines are told of: an index, the pages, and the works on show in portions."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from django.contrib.sitemaps import Sitemap, views
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


class Shown(NamedTuple):
    """A work on show: its page's path, and when the work last changed."""

    path: str
    changed: datetime


class WorksSitemap(Sitemap):
    """The works on show in all galleries and languages, so many at a time that none is slow."""

    limit = 2000

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def items(self) -> list[Shown]:
        return self._shown

    def location(self, item: Shown) -> str:
        return item.path

    def lastmod(self, item: Shown) -> datetime:
        return item.changed

    @cached_property
    def _shown(self) -> list[Shown]:
        galleries = GalleryPage.objects.live().public().order_by("path").select_related("edition")
        return [
            Shown(f"{gallery.get_url(self.request)}works/{number}/", changed)
            for gallery in galleries
            if gallery.is_open
            for number, changed in exhibition.gallery_works(gallery.edition)
            .prefetch_related(None)
            .values_list("number", "updated_at")
        ]


def show_index(request: HttpRequest) -> HttpResponse:
    """Return where the sitemaps are."""
    return views.index(request, _sitemaps(request), sitemap_url_name="sitemap-section")


def show_section(request: HttpRequest, section: str) -> HttpResponse:
    """Return the sitemap of the pages, or a portion (`?p=2`) of that of the works."""
    return views.sitemap(request, _sitemaps(request), section=section)


def _sitemaps(request: HttpRequest) -> Mapping[str, Sitemap]:
    return {"pages": PagesSitemap(request), "works": WorksSitemap(request)}

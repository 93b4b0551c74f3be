"""What belongs to the pages and is no page: the editors' pictures, and what machines read."""

from functools import reduce
from operator import or_
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps.sitemap_generator import Sitemap
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail.views import serve

from competition.editions.models import Edition
from competition.entries.models import Entry
from media_processing.models import Derivative
from media_processing.queries import stills
from portal.pages import exhibition, poster
from portal.pages.caching import kept_or_made
from portal.pages.listing import keep_hall, kept_hall, show_list
from portal.pages.models import GalleryPage
from portal.pages.queries import SiteMenu
from portal.pages.templatetags.page_tags import language_links
from voting.queries import ballot_box

# What Wagtail makes renditions of; anything else is not a picture.
PICTURE_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
# Pages for people who sign in; nothing there is for a search engine.
PRIVATE = ["/admin/", "/accounts/", "/my/", "/organisations/", "/screening/", "/judging/", "/vote/"]


def show_page(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a page as Wagtail does, or as it was kept a moment ago."""
    return kept_or_made(request, lambda asked: _show_hall(asked) or _serve(asked, path))


def _show_hall(request: HttpRequest) -> HttpResponse | None:
    """Answer with the gallery's list without looking for its page again, where that is kept."""
    hall = kept_hall(request)
    return show_list(hall, request) if hall else None


def _serve(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a page as Wagtail does; of the gallery's list, keep what the next stranger needs."""
    response = serve(request, path)
    hall = getattr(response, "hall", None)
    if hall is not None:
        around = _head_and_foot(request, hall["page"])
        response.context_data |= around
        keep_hall(request, hall | around)
    return response


def _head_and_foot(request: HttpRequest, page: Page) -> dict[str, Any]:
    """Return what base.html shows around the page: asked and written once."""
    menu = SiteMenu(request)
    context = {"site_menu": menu, "site_name": menu.name, "page": page}
    return {
        "site_name": menu.name,
        "languages": language_links(Context({"request": request, "page": page})),
        "kept_menu": render_to_string("components/menu.html", context),
        "kept_footer": render_to_string("components/footer.html", context),
    }


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


@require_safe
def show_poster(request: HttpRequest, edition: str, number: str) -> FileResponse:
    """Serve the poster of a work that is on show, in the language of the address; drawn once."""
    page = get_object_or_404(
        GalleryPage.objects.live().select_related("edition"),
        edition__slug=edition,
        locale__language_code=get_language(),
    )
    works = exhibition.gallery_works(page.edition) if page.is_open else Entry.objects.none()
    work = get_object_or_404(works, number=number)
    text = _poster_of(request, page.edition, work, page.get_full_url(request))
    picture = _picture_for_poster(work)
    name = text.name(picture.file.name if picture else "")
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(poster.draw(text, _content(picture))))
    headers = {"Cache-Control": "public, max-age=600", "X-Content-Type-Options": "nosniff"}
    return FileResponse(
        default_storage.open(name),
        content_type="image/png",
        headers=headers,
        filename=f"{work.number}.png",
    )


def _poster_of(request: HttpRequest, edition: Edition, work: Entry, gallery: str) -> poster.Poster:
    box = ballot_box(request, edition, is_personal=False)
    may_vote = box is not None and box.state_of(work) == "ready"
    is_named = exhibition.names_are_public(edition)
    return poster.Poster(
        title=work.title,
        number=work.number or "",
        author=work.author_names if is_named else "",
        edition=edition.local_title,
        theme=edition.local_theme,
        call=gettext("Scan, look, and vote") if may_vote else gettext("Scan to see the work"),
        address=f"{gallery}works/{work.number}/",
    )


def _picture_for_poster(work: Entry) -> Derivative | None:
    """Return the work's picture that is nearest to the poster's width."""
    asset = exhibition.first_asset(work)
    found = stills(asset) if asset else []
    return min(found, key=lambda one: abs(one.width - poster.WIDTH), default=None)


def _content(picture: Derivative | None) -> bytes | None:
    if picture is None:
        return None
    with picture.file.open() as file:
        return file.read()


@require_safe
def show_picture(request: HttpRequest, name: str) -> FileResponse:
    """Serve a rendition of an editor's picture; the uploaded picture itself is not served.

    For a site on one machine: with S3 the storage's own addresses are used.
    """
    kind = PICTURE_TYPES.get(PurePath(name).suffix)
    path = f"images/{name}"
    if kind is None or not default_storage.exists(path):
        raise Http404
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return FileResponse(default_storage.open(path), content_type=kind, headers=headers)

"""What belongs to the pages and is no page: the editors' pictures, and what machines read."""

from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.views import serve

from media_processing.formats import FOR_EVER
from media_processing.views import HARMLESS, send_file
from portal.pages.caching import kept_or_made
from portal.pages.listing import keep_hall, kept_hall, show_list
from portal.pages.queries import SiteMenu
from portal.pages.templatetags.page_tags import language_links

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


def show_robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines where the sitemap is and what to leave alone."""
    closed = [f"Disallow: {prefix}{path}" for path in PRIVATE for prefix in ("", "/en")]
    address = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", *closed, "", f"Sitemap: {address}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def show_picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve a rendition of an editor's picture; the uploaded picture itself is not served."""
    kind = PICTURE_TYPES.get(PurePath(name).suffix)
    if kind is None:
        raise Http404
    headers = {**HARMLESS, "Content-Type": kind, "Cache-Control": FOR_EVER}
    return send_file(request, default_storage, f"images/{name}", headers)

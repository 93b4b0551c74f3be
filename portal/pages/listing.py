"""The gallery's list of works: the hall, the same for every stranger, and the cards in it."""

from typing import TYPE_CHECKING, Any

from django.core.cache import caches
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from competition.editions.models import Section
from portal.pages import exhibition
from portal.pages.caching import (
    is_shared,
    is_strangers,
    keep,
    order_of,
    place_key,
    seconds_to_keep,
)
from portal.pages.cards import Look, OnShow, row_of_cards
from voting.identity import saw_gallery
from voting.queries import ballot_box

if TYPE_CHECKING:
    from portal.pages.models import GalleryPage

WORKS_PER_PAGE = 48

Hall = dict[str, Any]


def kept_hall(request: HttpRequest) -> Hall | None:
    """Return the hall at this address as a stranger was shown it a moment ago, if one was."""
    return caches["pages"].get(hall_key(request)) if is_strangers(request) else None


def keep_hall(request: HttpRequest, hall: Hall) -> None:
    """Keep what was shown to a stranger for the next one."""
    caches["pages"].set(hall_key(request), hall, seconds_to_keep(hall["began"]))


def hall_of(gallery: "GalleryPage", request: HttpRequest) -> Hall:
    """Return what the list's template knows but for the works."""
    began = timezone.now()
    hall = gallery.get_context(request) | {"began": began}
    del hall["request"]
    hall["sections"] = list(gallery.edition.sections.all())
    hall["ballot_box"] = (
        ballot_box(request, gallery.edition, is_personal=not is_strangers(request))
        if gallery.is_open
        else None
    )
    return hall


def show_list(hall: Hall, request: HttpRequest) -> HttpResponse:
    """Show the works, 48 a page: ?section=<pk>&q=<text>&order=number&page=<n>.

    While the public votes, each visitor is shown one of the fair orders, unless they ask for
    numbers.
    """
    box, is_open = hall["ballot_box"], hall["is_open"]
    is_voting = box is not None and box.is_open
    is_fair = is_voting and request.GET.get("order") != "number"
    text = request.GET.get("q", "").strip()[:80]
    section = _chosen_section(hall, request)
    works = _works(hall, request, section, text, is_fair) if is_open else []
    page = Paginator(works, WORKS_PER_PAGE).get_page(request.GET.get("page"))
    context = hall | {
        "works": page,
        "cards": _cards(hall, page),
        "chosen_section": section,
        "text": text,
        "is_fair": is_fair,
    }
    if is_voting:
        saw_gallery(request)
    response = TemplateResponse(request, "pages/gallery.html", context)
    return keep(response, marks=is_voting, in_order=is_fair) if is_open else response


def _cards(hall: Hall, page: PaginatorPage) -> str:
    look = Look(hall["address"].get("gallery", ""), hall["names_are_public"], hall["ballot_box"])
    return row_of_cards(
        list(page.object_list), look, lambda keys: exhibition.works_by_key(hall["edition"], keys)
    )


def _works(
    hall: Hall, request: HttpRequest, section: Section | None, text: str, is_fair: bool
) -> list[OnShow]:
    """Return all works asked for, in order; the order is kept where the page may be."""
    edition = hall["edition"]
    order = order_of(request) if is_fair else None

    key = f"works-{edition.pk}-{section and section.pk}-{order}"
    known: list[OnShow] | None = caches["pages"].get(key) if is_shared(request) else None
    if known is None:
        began = timezone.now()
        known = exhibition.on_show(edition, section, text, order)
        if is_shared(request):
            caches["pages"].set(key, known, seconds_to_keep(began))
    return known


def _chosen_section(hall: Hall, request: HttpRequest) -> Section | None:
    key = request.GET.get("section", "")
    return next((one for one in hall["sections"] if str(one.pk) == key), None)


def hall_key(request: HttpRequest) -> str:
    """Return the name under which the hall at this address is kept."""
    return f"hall-{place_key(request)}"

"""A view that does nothing, and a gallery as Wagtail's manual writes it."""

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from wagtail.images import get_image_model

from portal.pages.listing import hall_key
from portal.pages.views import show_page


def empty(request: HttpRequest) -> HttpResponse:
    """Answer, after all the middleware."""
    return HttpResponse("ok")


def wagtail_tags(request: HttpRequest) -> HttpResponse:
    """48 pictures by Wagtail's own tag, in as many sizes as ours have."""
    return render(request, "wagtail_tags.html", {"images": get_image_model().objects.all()[:48]})


def from_nothing(request: HttpRequest) -> HttpResponse:
    """Our gallery by a process that has just begun: neither hall nor cards are kept."""
    request.path = request.path_info = "/gallery/"
    caches["pages"].delete(hall_key(request))  # and not the pages of the other ways
    caches["cards"].clear()
    return show_page(request, "gallery/")

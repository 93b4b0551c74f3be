"""A view that does nothing, and a gallery as Wagtail's manual writes it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from wagtail.images import get_image_model


def empty(request: HttpRequest) -> HttpResponse:
    """Answer, after all the middleware."""
    return HttpResponse("ok")


def wagtail_tags(request: HttpRequest) -> HttpResponse:
    """48 pictures by Wagtail's own tag, in as many sizes as ours have."""
    return render(request, "wagtail_tags.html", {"images": get_image_model().objects.all()[:48]})

"""Pictures drawn here, to be sent on: the poster of a work, and what stands for the results."""

from collections.abc import Iterable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_safe

from competition.editions.models import Edition
from competition.entries.models import Entry
from media_processing.models import Derivative
from media_processing.queries import stills
from media_processing.views import send_file
from portal.pages import exhibition, mosaic, poster, yearbook
from portal.pages.caching import seconds_told
from portal.pages.models import GalleryPage, ResultsPage
from voting.queries import ballot_box

KINDS = {"png": "image/png", "jpg": "image/jpeg"}


@require_safe
def show_poster(request: HttpRequest, edition: str, number: str) -> HttpResponseBase:
    """Serve the poster of a work that is on show, in the language of the address; drawn once."""
    began = timezone.now()
    page = get_object_or_404(
        GalleryPage.objects.live().select_related("edition"),
        edition__slug=edition,
        locale__language_code=get_language(),
    )
    works = exhibition.gallery_works(page.edition) if page.is_open else Entry.objects.none()
    work = get_object_or_404(works, number=number)
    text = _poster_of(request, page.edition, work, page.get_full_url(request))
    picture = _cover(work, poster.WIDTH)
    name = text.name(picture.file.name if picture else "")
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(poster.draw(text, _content(picture))))
    return _answer(request, name, f"{work.number}.png", began)


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


def _cover(work: Entry, width: int) -> Derivative | None:
    """Return the work's picture that is nearest to this width."""
    asset = exhibition.first_asset(work)
    found = stills(asset) if asset else []
    return min(found, key=lambda one: abs(one.width - width), default=None)


def _content(picture: Derivative | None) -> bytes | None:
    if picture is None:
        return None
    with picture.file.open() as file:
        return file.read()


@require_safe
def show_mosaic(request: HttpRequest, edition: str) -> HttpResponseBase:
    """Serve what other sites show of an edition's results; drawn once, never before their hour."""
    began = timezone.now()
    page = get_object_or_404(
        ResultsPage.objects.live().select_related("edition"),
        edition__slug=edition,
        locale__language_code=get_language(),
    )
    groups = exhibition.award_groups(page.edition)
    if not groups:
        raise Http404
    works = yearbook.bring_pictures(_first_works(groups, mosaic.MOST))
    pictures = [one for one in (_cover(work, 600) for work in works) if one]
    count = sum(group.count for group in groups)
    line = ngettext("%(works)s awarded work", "%(works)s awarded works", count) % {"works": count}
    text = mosaic.Mosaic(page.edition.local_title, line, page.edition.local_theme)
    name = text.name([one.file.name for one in pictures])
    if not default_storage.exists(name):
        contents = [each for each in map(_content, pictures) if each]
        default_storage.save(name, ContentFile(mosaic.draw(text, contents)))
    return _answer(request, name, f"{edition}.jpg", began)


def _first_works(groups: Iterable[exhibition.AwardGroup], number: int) -> list[Entry]:
    """Return so many works, those of the first category first."""
    works = [work for group in groups for work in group.works]
    return list({work.pk: work for work in works}.values())[:number]


def _answer(request: HttpRequest, name: str, filename: str, began: datetime) -> HttpResponseBase:
    """Serve a drawn picture; nobody keeps it beyond the hour of any edition's awards."""
    headers = {
        "Content-Type": KINDS[name.rpartition(".")[2]],
        "Content-Disposition": f'inline; filename="{filename}"',
        "Cache-Control": f"public, max-age={seconds_told(began)}",
        "X-Content-Type-Options": "nosniff",
    }
    return send_file(request, default_storage, name, headers)

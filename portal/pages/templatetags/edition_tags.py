"""Where the pages of an edition are, for templates of rooms that know no pages."""

from django import template
from django.template import Context
from django.utils.translation import get_language

from competition.editions.models import Edition
from portal.pages.models import EditionPage, GalleryPage, NoticePage, ResultsPage

register = template.Library()


@register.simple_tag(takes_context=True)
def edition_addresses(context: Context, edition: Edition | int) -> dict[str, str]:
    """Return the addresses of an edition's pages, or of the edition of that key.

    In the present language: gallery, notice and results, where they are.
    """
    kinds: dict[str, type[EditionPage]] = {
        "gallery": GalleryPage,
        "notice": NoticePage,
        "results": ResultsPage,
    }
    found = {
        name: kind.objects.live()
        .filter(edition=edition, locale__language_code=get_language())
        .first()
        for name, kind in kinds.items()
    }
    return {name: page.get_url(context.get("request")) for name, page in found.items() if page}

"""What base.html asks: the same page in the other language, and the numbers of a pager."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.core.paginator import Page as PaginatorPage
from django.http import HttpRequest
from django.template import Context
from django.urls import translate_url
from django.utils.translation import get_language
from wagtail.models import Page

from portal.pages.queries import find_home

register = template.Library()

TAGS = {"zh-hans": "zh-Hans"}
LABELS = {"zh-hans": "中文", "en": "English"}


@dataclass(frozen=True)
class LanguageLink:
    """Where this page is in one language; the front door where it does not exist."""

    code: str
    url: str
    exists: bool
    is_current: bool

    @property
    def tag(self) -> str:
        return TAGS.get(self.code, self.code)

    @property
    def label(self) -> str:
        return LABELS.get(self.code, self.code)


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[LanguageLink]:
    """Return a link for each language of the site, the present one included."""
    request = context.get("request")
    if request is None:
        return []
    page = context.get("page")
    urls = _page_urls(request, page) if isinstance(page, Page) else _translated_urls(request)
    return [
        LanguageLink(
            code=code,
            url=urls.get(code) or _home_url(request, code),
            exists=code in urls,
            is_current=code == get_language(),
        )
        for code, _name in settings.LANGUAGES
    ]


def _page_urls(request: HttpRequest, page: Page) -> dict[str, str]:
    """Return the page's address by language; what stands below a page (a work) goes along."""
    below = request.path.removeprefix(page.get_url(request) or request.path)
    urls = {page.locale.language_code: request.path}
    for translation in page.get_translations().live().select_related("locale"):
        urls[translation.locale.language_code] = translation.get_url(request) + below
    return urls


def _translated_urls(request: HttpRequest) -> dict[str, str]:
    return {code: translate_url(request.path, code) for code, _name in settings.LANGUAGES}


def _home_url(request: HttpRequest, code: str) -> str:
    home = find_home(code)
    return home.get_url(request) if home else "/"


@register.filter
def page_numbers(page: PaginatorPage) -> Iterable[int | str]:
    """Return the page numbers worth a link: the ends and the neighbours, with gaps between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)

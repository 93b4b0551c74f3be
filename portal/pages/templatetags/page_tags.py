"""What base.html asks: the same page in the other language, and the numbers of a pager."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.core.paginator import Page as PaginatorPage
from django.http import HttpRequest
from django.template import Context
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from competition.entries.models import Entry, Frame
from media_processing.models import Derivative, MediaAsset
from portal.pages.queries import find_home
from portal.pages.structured import Node, graph

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
    known: list[LanguageLink] | None = context.get("languages")
    if known is not None:
        return known
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


@register.simple_tag
def alt_text(work: Entry, is_named: bool = False, frame: Frame | None = None) -> str:
    """Return what stands for a work's picture: its title, its author if named, the frame."""
    parts = [work.title]
    if is_named:
        parts.append(work.author_names)
    if frame is not None:
        parts.append(frame.caption or _("Frame %(position)s") % {"position": frame.position})
    return " · ".join(parts)


@register.simple_tag
def preview_image(asset: MediaAsset) -> Derivative | None:
    """Return the picture that a link to the page shows elsewhere: JPEG if any, near 1200 px."""
    pictures = [each for each in asset.derivatives.all() if each.role != Derivative.Role.VIDEO]
    return min(
        pictures,
        key=lambda each: (each.mime_type != "image/jpeg", abs(each.width - 1200)),
        default=None,
    )


@register.simple_tag
def structured_data(nodes: list[Node]) -> SafeString:
    """Return the nodes as a data block, which no browser runs; nothing in them can end it."""
    text = json.dumps(graph(nodes), ensure_ascii=False, separators=(",", ":"))
    harmless = text.translate({ord(letter): f"\\u{ord(letter):04X}" for letter in "<>&"})
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(harmless),  # noqa: S308 - escaped as json_script does
    )


@register.filter
def minutes(seconds: float | None) -> str:
    """Return a duration as 1:05, or nothing when it is not known."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"

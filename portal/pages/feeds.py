"""RSS: the news, and the awarded works of the editions whose results are published."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from competition.awards.models import Award
from competition.awards.queries import published_lists
from portal.pages.exhibition import award_order
from portal.pages.models import ArticlePage, GalleryPage
from portal.pages.queries import find_home

ITEMS = 100  # at most
NEWS_ITEMS = 30


class NewsFeed(Feed):
    """The articles in the language of the address, the latest first."""

    def title(self) -> str:
        return _("News of %(site)s") % {"site": _site_name()}

    description = title

    def link(self) -> str:
        return _home_url()

    def items(self) -> Iterable[ArticlePage]:
        articles = ArticlePage.objects.live().public()
        here = articles.filter(locale__language_code=get_language())
        return here.order_by("-published_on", "-pk")[:NEWS_ITEMS]

    def item_title(self, item: ArticlePage) -> str:
        return str(item.title)

    def item_description(self, item: ArticlePage) -> str:
        return str(item.summary)

    def item_link(self, item: ArticlePage) -> str:
        return str(item.url)

    def item_pubdate(self, item: ArticlePage) -> datetime:
        return timezone.make_aware(datetime.combine(item.published_on, time()))


class ResultsFeed(Feed):
    """An item for each award, those of the newest results first."""

    def title(self) -> str:
        return _("Awarded works of %(site)s") % {"site": _site_name()}

    description = title

    def link(self) -> str:
        return _home_url()

    def get_object(self, request: HttpRequest) -> dict[int, str]:
        """Return edition -> the address of its gallery in this language."""
        galleries = GalleryPage.objects.live().filter(locale__language_code=get_language())
        return {gallery.edition_id: gallery.get_url(request) for gallery in galleries}

    def items(self, galleries: dict[int, str]) -> list[tuple[Award, str]]:
        """Return awards with the addresses of their works. Two queries."""
        lists = published_lists().filter(edition__in=galleries).order_by("-published_at", "-pk")
        found: list[tuple[Award, str]] = []
        awards = Award.objects.filter(award_list__in=[one.pk for one in lists]).select_related(
            "award_list__edition", "category", "entry__section", "entry__organisation"
        )
        by_list: dict[int, list[Award]] = {one.pk: [] for one in lists}
        for award in awards:
            by_list[award.award_list_id].append(award)
        for given in by_list.values():
            found += [
                (award, f"{galleries[award.entry.edition_id]}works/{award.entry.number}/")
                for award in sorted(given, key=award_order)
            ]
        return found[:ITEMS]

    def item_title(self, item: tuple[Award, str]) -> str:
        award, _url = item
        return f"{award.entry.title} · {award.category.local_title}"

    def item_description(self, item: tuple[Award, str]) -> str:
        award, _url = item
        work = award.entry
        parts = (work.author_names, work.organisation.name, work.section.local_title)
        return f"{' · '.join(parts)} · {award.award_list.edition.local_title}"

    def item_link(self, item: tuple[Award, str]) -> str:
        return item[1]

    def item_guid(self, item: tuple[Award, str]) -> str:
        award, _url = item
        edition = award.award_list.edition
        return f"{edition.slug} {award.entry.number} {award.category.code}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: tuple[Award, str]) -> Any:
        return item[0].award_list.published_at

    def item_categories(self, item: tuple[Award, str]) -> list[str]:
        return [str(item[0].category.local_title)]


def _site_name() -> str:
    home = find_home(get_language() or "")
    return home.title if home else settings.SITE_NAME


def _home_url() -> str:
    home = find_home(get_language() or "")
    return home.url if home else "/"

"""Builds the tree of pages, in both languages."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from competition.editions.models import Edition
from portal.pages.models import (
    CallPage,
    EditionPage,
    GalleryPage,
    HomePage,
    NewsPage,
    NoticePage,
    ResultsPage,
)

FIRST, SECOND = "zh-hans", "en"

HOME_TITLE_EN = "Photo and Micro-video Competition"


@transaction.atomic
def create_site(*, edition: Edition, archive: Iterable[Edition] = ()) -> HomePage:
    """Make the pages that show `edition`, and a gallery and results for each earlier one.

    Chinese at /, English at /en/, the same slugs in both. What is there already stays, with its
    texts, and only points at the editions given; so it may be called again each year.
    Returns the Chinese front page.
    """
    homes = _put_homes(edition)
    _make_root(homes[0])
    _put(homes, CallPage, "call", ("作品征集", "Call for entries"), edition=edition)
    _put(homes, GalleryPage, "gallery", ("作品展厅", "Gallery"), edition=edition)
    _put(homes, NoticePage, "notice", ("获奖公示", "Notice"), in_menu=False, edition=edition)
    _put(homes, ResultsPage, "results", ("获奖名单", "Results"), edition=edition)
    _put(homes, NewsPage, "news", ("新闻动态", "News"))
    for earlier in archive:
        zh, en = earlier.title, earlier.title_en or earlier.title
        gallery = (f"{zh} · 作品展厅", f"{en} · Gallery")
        results = (f"{zh} · 获奖名单", f"{en} · Results")
        slug = earlier.slug
        _put(homes, GalleryPage, f"gallery-{slug}", gallery, in_menu=False, edition=earlier)
        notice = (f"{zh} · 获奖公示", f"{en} · Notice")
        _put(homes, NoticePage, f"notice-{slug}", notice, in_menu=False, edition=earlier)
        _put(homes, ResultsPage, f"results-{slug}", results, in_menu=False, edition=earlier)
    return homes[0]


def _put_homes(edition: Edition) -> tuple[HomePage, HomePage]:
    first, second = (Locale.objects.get_or_create(language_code=c)[0] for c in (FIRST, SECOND))
    home = HomePage.objects.filter(locale=first).order_by("path").first()
    if home is None:
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=first)
        home = HomePage(title=settings.SITE_NAME, slug=FIRST, locale=first, edition=edition)
        _publish(home, below=root)
    english = home.get_translation_or_none(second)
    if english is None:
        english = HomePage(title=HOME_TITLE_EN, slug=SECOND, locale=second, edition=edition)
        english.translation_key = home.translation_key
        _publish(english, below=home.get_parent())
    _turn(home, edition)
    _turn(english, edition)
    return home, english


def _make_root(home: HomePage) -> None:
    """Show the site from this page on, instead of the page that a new Wagtail begins with."""
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    former = site.root_page if site.root_page_id else None
    site.hostname, site.port = address.hostname or "localhost", port
    site.site_name, site.root_page = settings.SITE_NAME, home
    site.save()
    if former is not None and former.specific_class is Page:
        former.delete()


def _put(
    homes: tuple[HomePage, HomePage],
    kind: type[Page],
    slug: str,
    titles: tuple[str, str],
    *,
    in_menu: bool = True,
    edition: Edition | None = None,
) -> None:
    """Make the page below each front page, or find it; turn both to the edition."""
    fields: dict[str, Any] = {"slug": slug, "show_in_menus": in_menu}
    if edition is not None:
        fields["edition"] = edition
    home, english_home = homes
    page = kind.objects.child_of(home).filter(slug=slug).first()
    if page is None:
        page = kind(title=titles[0], locale=home.locale, **fields)
        _publish(page, below=home)
    english = page.get_translation_or_none(english_home.locale)
    if english is None:
        english = kind(title=titles[1], locale=english_home.locale, **fields)
        english.translation_key = page.translation_key
        _publish(english, below=english_home)
    if edition is not None:
        _turn(page, edition)
        _turn(english, edition)


def _publish(page: Page, below: Page) -> None:
    page.first_published_at = page.last_published_at = timezone.now()
    below.add_child(instance=page)


def _turn(page: EditionPage, edition: Edition) -> None:
    """Show this edition on the page. What an editor has begun there stays the newest draft."""
    if page.edition_id == edition.pk:
        return
    draft = page.get_latest_revision_as_object() if page.has_unpublished_changes else None
    page.edition = edition
    page.save_revision().publish()
    if draft is not None:
        draft.edition = edition
        draft.save_revision(clean=False)  # it may be half written

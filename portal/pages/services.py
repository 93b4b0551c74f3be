"""Builds the tree of pages, in both languages."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from competition.editions.models import Edition
from portal.pages.models import CallPage, GalleryPage, HomePage, NewsPage, NoticePage, ResultsPage

FIRST, SECOND = "zh-hans", "en"

HOME_TITLE_EN = "Photo and Micro-video Competition"


@transaction.atomic
def create_site(*, edition: Edition, archive: Iterable[Edition] = ()) -> HomePage:
    """Make the pages that show `edition`, and a gallery and results for each earlier one.

    Chinese at /, English at /en/, the same slugs in both. What is there already stays, with its
    texts, and only points at the editions given; so it may be called again each year.
    Returns the Chinese front page.
    """
    for code in (FIRST, SECOND):
        Locale.objects.get_or_create(language_code=code)
    home = _find_or_add_home(edition)
    _make_root(home)
    _put(home, CallPage, "call", ("作品征集", "Call for entries"), edition=edition)
    _put(home, GalleryPage, "gallery", ("作品展厅", "Gallery"), edition=edition)
    _put(home, NoticePage, "notice", ("获奖公示", "Notice"), in_menu=False, edition=edition)
    _put(home, ResultsPage, "results", ("获奖名单", "Results"), edition=edition)
    _put(home, NewsPage, "news", ("新闻动态", "News"))
    for earlier in archive:
        zh, en = earlier.title, earlier.title_en or earlier.title
        gallery = (f"{zh} · 作品展厅", f"{en} · Gallery")
        results = (f"{zh} · 获奖名单", f"{en} · Results")
        slug = earlier.slug
        _put(home, GalleryPage, f"gallery-{slug}", gallery, in_menu=False, edition=earlier)
        notice = (f"{zh} · 获奖公示", f"{en} · Notice")
        _put(home, NoticePage, f"notice-{slug}", notice, in_menu=False, edition=earlier)
        _put(home, ResultsPage, f"results-{slug}", results, in_menu=False, edition=earlier)
    return home


def _find_or_add_home(edition: Edition) -> HomePage:
    first, second = (Locale.objects.get(language_code=code) for code in (FIRST, SECOND))
    home = HomePage.objects.filter(locale=first).order_by("path").first()
    if home is None:
        home = HomePage(title=settings.SITE_NAME, slug=FIRST, locale=first, edition=edition)
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=first)
        root.add_child(instance=home)
    english = home.get_translation_or_none(second)
    if english is None:
        english = home.copy_for_translation(second)
        english.title, english.slug = HOME_TITLE_EN, SECOND
    for page in (home, english):
        page.edition = edition
        page.save_revision().publish()
    return home


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
    home: HomePage,
    kind: type[Page],
    slug: str,
    titles: tuple[str, str],
    *,
    in_menu: bool = True,
    **fields: Any,
) -> None:
    """Make the page below the front page, or find it, in both languages; set its fields."""
    page = kind.objects.child_of(home).filter(slug=slug).first()
    if page is None:
        page = kind(title=titles[0], slug=slug, locale=home.locale, **fields)
        page.show_in_menus = in_menu
        home.add_child(instance=page)
    second = Locale.objects.get(language_code=SECOND)
    english = page.get_translation_or_none(second)
    if english is None:
        english = page.copy_for_translation(second)
        english.title, english.slug = titles[1], slug
    for each in (page, english):
        for name, value in fields.items():
            setattr(each, name, value)
        each.save_revision().publish()

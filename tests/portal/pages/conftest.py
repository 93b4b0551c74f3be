"""A site with its pages, and an edition whose works can be on show."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from wagtail.models import Locale, Page, Site
from wagtail.signal_handlers import disable_reference_index_auto_update

from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from portal.pages.services import create_site
from tests.factories import EditionFactory, EntryFactory, SectionFactory


@pytest.fixture(autouse=True)
def _forget_site_root(db):
    """Wagtail remembers where the site begins; each test has a tree of its own."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def welcome_page(_forget_site_root) -> Page:
    """What a new Wagtail begins with: a root, a page that says welcome, a site that shows it."""
    Locale.objects.get_or_create(language_code="zh-hans")
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    Site.objects.all().delete()
    root.get_children().delete()
    page = root.add_child(title="Welcome", slug="home")
    Site.objects.create(hostname="localhost", root_page=page, is_default_site=True)
    return page


@pytest.fixture
def edition() -> Edition:
    return EditionFactory(slug="2026", title="2026 摄影展", title_en="Exhibition 2026")


@pytest.fixture
def section(edition: Edition) -> Section:
    return SectionFactory(edition=edition)


@pytest.fixture
def site(edition: Edition) -> None:
    with disable_reference_index_auto_update():  # of what the admin's lists alone tell
        create_site(edition=edition)


@pytest.fixture
def make_works(section: Section) -> Callable[[int], list[Entry]]:
    """Return a function that adds this many admitted works."""

    def make(count: int) -> list[Entry]:
        return EntryFactory.create_batch(count, section=section, state="admitted")

    return make

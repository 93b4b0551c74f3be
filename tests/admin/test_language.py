"""What organisers do in Wagtail's own pages, they read in Chinese too."""

import re

import pytest
from django.urls import reverse
from wagtail.models import Collection

from portal.accounts.groups import ORGANISERS
from portal.pages.models import NewsPage
from portal.pages.services import create_site
from portal.permissions import set_group_permissions
from tests.admin.conftest import sign_in
from tests.factories import EditionFactory, open_phase

pytestmark = pytest.mark.django_db

UNREAD = re.compile(r"<(script|style|option|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SAID = re.compile(r'>([^<>]+)<|(?:title|aria-label|placeholder|alt)="([^"]+)"')
SENTENCE = re.compile(r"[A-Za-z]+(?: [a-z]+){2,}")


@pytest.fixture
def news() -> NewsPage:
    edition = EditionFactory()
    open_phase(edition, "call")
    create_site(edition=edition)
    Collection.get_first_root_node() or Collection.add_root(name="Root")
    set_group_permissions()  # of the pages too, now that there are some
    return NewsPage.objects.get(locale__language_code="zh-hans")


@pytest.mark.parametrize(
    "name",
    [
        "wagtailadmin_home",
        "wagtailadmin_explore_root",
        "wagtailadmin_pages:edit",
        "wagtailadmin_pages:history",
        "wagtailadmin_pages:delete",
        "wagtailadmin_pages:move",
        "wagtailadmin_account",
        "wagtailimages:index",
        "wagtailimages:add_multiple",
        "wagtaildocs:index",
    ],
)
def test_it_holds_no_sentence_in_english(news, name):
    of_a_page = "_pages:" in name
    page = sign_in(ORGANISERS).get(reverse(name, args=[news.pk] if of_a_page else []))
    assert page.status_code == 200
    said = [one or other for one, other in SAID.findall(UNREAD.sub("", page.content.decode()))]
    assert any("编辑" in text or "搜索" in text or "删除" in text for text in said)
    assert [text.strip() for text in said if SENTENCE.search(text)] == []

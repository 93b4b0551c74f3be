"""An edition with its pages on a site, as in the tests of the pages."""

from typing import Any

import pytest
from django.urls import reverse

from tests.factories import CategoryFactory, CriterionFactory, QuotaFactory, close_phase, open_phase
from tests.portal.pages.conftest import (
    _forget_site_root,
    edition,
    make_works,
    section,
    site,
    welcome_page,
)

__all__ = ["_forget_site_root", "edition", "make_works", "section", "site", "welcome_page"]


class Api:
    """Short verbs: `api.get("show_edition")` of the edition 2026."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def answer(self, name: str, *args: str, **query: Any) -> Any:
        slugs = [] if name == "list_editions" else ["2026"]
        return self.client.get(reverse(f"api:{name}", args=[*slugs, *args]), query)

    def get(self, name: str, *args: str, **query: Any) -> Any:
        answer = self.answer(name, *args, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def api(client: Any) -> Api:
    return Api(client)


@pytest.fixture
def gallery(edition: Any, section: Any, site: None) -> None:
    """The works are on show: judging is over, voting is open; there are places to be won."""
    close_phase(edition, "judging")
    open_phase(edition, "voting")
    CriterionFactory(edition=edition, code="theme", title="主题性", weight=40)
    category = CategoryFactory(edition=edition, title_en="Expert-recommended works")
    QuotaFactory(category=category, section=section, places=2)

"""People of each group, signed in, and a counter of queries."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page

from portal.accounts.groups import (
    ASSOCIATION_MANAGERS,
    ENTRANTS,
    JUDGES,
    ORGANISERS,
    add_to_group,
)
from portal.permissions import set_group_permissions
from tests.factories import AssociationFactory, MembershipFactory, UserFactory


@pytest.fixture(autouse=True)
def _groups(db):
    set_group_permissions()


def sign_in(group: str, **fields) -> Client:
    user = UserFactory(**fields)
    add_to_group(user, group)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def count_queries(client: Client, url: str) -> int:
    """Return what opening the page costs."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.fixture
def organiser(db) -> Client:
    return sign_in(ORGANISERS)


@pytest.fixture
def judge(db) -> Client:
    return sign_in(JUDGES)


@pytest.fixture
def entrant(db) -> Client:
    return sign_in(ENTRANTS)


@pytest.fixture
def manager(db) -> Client:
    """A manager of `manager.association`."""
    client = sign_in(ASSOCIATION_MANAGERS)
    client.association = AssociationFactory(name="江城行业协会")
    MembershipFactory(user=client.user, organisation=client.association)
    return client


@pytest.fixture
def page_root(db) -> Page:
    """The tree's root, which Wagtail's migrations make."""
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    return Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")

"""A poll that is open, with works in it."""

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories import (
    EditionFactory,
    EntryFactory,
    PollFactory,
    SectionFactory,
    open_phase,
    proved_badge,
)
from voting.identity import COOKIE


@pytest.fixture
def poll(db):
    """An open poll over one section, three votes a day."""
    edition = EditionFactory(slug="2026")
    open_phase(edition, "voting")
    poll = PollFactory(edition=edition, votes_per_day=3)
    poll.sections.add(SectionFactory(edition=edition))
    return poll


@pytest.fixture
def make_entry(poll):
    """Make admitted works that take part in the poll."""
    section = poll.sections.get()

    def make(**fields):
        return EntryFactory(**{"section": section, "state": "admitted"} | fields)

    return make


@pytest.fixture
def entry(make_entry):
    return make_entry(number="P-000001", title="晨曦")


@pytest.fixture
def device():
    """Make clients, each a device of its own that has proved that a person uses it."""

    def make(badge=None, **options):
        client = Client(**options)
        client.cookies[COOKIE] = proved_badge(**(badge or {}))
        return client

    return make


@pytest.fixture
def client(device):
    return device()


@pytest.fixture(autouse=True)
def _no_counts_from_other_tests(request):
    """Rate limits begin at nought."""
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        cache.clear()

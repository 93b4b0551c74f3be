"""Before its hour nothing of a result can be fetched, guessed or inferred; then all of it is there.

The site is read twice: as it is, and as it would be had other works won, or nobody yet. Before the
hour the readings are the same to the byte, whoever reads; whatever differed would be a trace.
"""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from competition.entries.models import Entry
from portal.results.models import Certificate, Package
from tests.portal.embargo.crawler import Crawl, Guesses, differences
from tests.portal.embargo.world import Exhibition, make_what_follows, publish, put_on_notice
from tests.portal.pages.conftest import _forget_site_root, welcome_page

__all__ = ["_forget_site_root", "welcome_page"]
pytestmark = pytest.mark.django_db

HOUR = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
BEFORE, AFTER = HOUR - timedelta(seconds=1), HOUR + timedelta(seconds=1)


def test_crawl():
    with time_machine.travel(BEFORE, tick=False):
        world = Exhibition()
        t = time.perf_counter()
        make_what_follows(world)
        publish(world, HOUR)
        awards = list(world.award_list.awards.all())
        g = Guesses(
            {
                "edition": ["2026"],
                "number": [*Entry.objects.values_list("number", flat=True), *Certificate.objects.values_list("number", flat=True)],
                "kind": Package.Kind.values,
            },
            [1, 2, *(a.pk for a in awards)],
            ["专家", "expert", "晨雾船坞"],
        )
        out = Crawl(Client(), g).run()
        for k, v in out.items():
            print(v.status, len(v.body), k)
        print(len(out))

"""Before its hour nothing of a result can be fetched, guessed or inferred; then all of it is there.

The site is read twice: while nobody has decided anything, and when all is decided and waits for
its hour. Both readings are the same to the byte, whoever reads; whatever differed would be a trace.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import translation

from competition.awards import queries
from competition.entries.models import Entry
from portal.results.models import Package
from tests.factories import published
from tests.portal.embargo.crawler import LEFT_ALONE, Crawl, Guesses, differences
from tests.portal.embargo.world import (
    Exhibition,
    give_awards,
    issue_what_follows,
    put_on_notice,
)
from tests.portal.pages.conftest import _forget_site_root, welcome_page

__all__ = ["_forget_site_root", "welcome_page"]
pytestmark = pytest.mark.django_db

HOUR = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RESULTS, NOTICE = ["/results/", "/en/results/"], ["/notice/", "/en/notice/"]
# Of these, what the site has.
SHOWN_WITH_RESULTS = {"/certificates/2026-0001/", "/results-data/2026/bundle/"}


@pytest.fixture
def world():
    with time_machine.travel(HOUR - SECOND, tick=False):
        return Exhibition()


def guesses(world):
    """What somebody may try who knows how such sites are made."""
    numbers = [work.number for works in world.works.values() for work in works]
    certificates = [f"2026-{n:04}" for n in range(1, 7)]
    return Guesses(
        parameters={
            "edition": [world.edition.slug],
            "number": [*numbers, *certificates],
            "kind": Package.Kind.values,
            "code": ["expert", "popular"],
            "category": ["expert", "popular"],
        },
        others=[world.edition.entries.first().pk],
        words=["专家推荐作品"],
    )


def forget():
    for alias in settings.CACHES:
        caches[alias].clear()


def read(world, at, person=None, **how):
    """Read the whole site at that moment."""
    # The last answer of an earlier reading has left its language behind.
    with time_machine.travel(at, tick=False), translation.override("zh-hans"):
        client = Client()
        if person is not None:
            client.force_login(person)
        return Crawl(client, **{"guesses": guesses(world)} | how).run()


def read_anew(*args, **how):
    """Read it with nothing kept from before."""
    forget()
    return read(*args, **how)


def decide(world):
    """Give the awards and make all that follows, a second before the hour."""
    with time_machine.travel(HOUR - SECOND, tick=False):
        award_list = give_awards(world)
        issue_what_follows(world, award_list)
    return award_list


def not_named(text):
    """Return the awarded works that this page does not name."""
    works = Entry.objects.filter(awards__isnull=False).distinct()
    return [work.title for work in works if work.title not in text]


def test_nothing_is_told_before_the_hour_of_notice_or_results_and_all_of_it_after(world):
    undecided = read_anew(world, HOUR - SECOND)
    award_list = decide(world)
    put_on_notice(award_list, HOUR)
    assert differences(undecided, read_anew(world, HOUR - SECOND)) == []
    award_list.noticed_at = None
    published(award_list, HOUR)
    assert differences(undecided, read_anew(world, HOUR - SECOND)) == []

    after = read_anew(world, HOUR + SECOND)
    for place in RESULTS:
        assert not_named(undecided[place].text) != []
        assert not_named(after[place].text) == []
    for place in SHOWN_WITH_RESULTS & after.keys():
        assert (undecided[place].status, after[place].status) == (404, 200), place


def test_after_the_notice_nobody_learns_before_the_hour_that_it_is_final(world):
    with time_machine.travel(HOUR - SECOND, tick=False):
        award_list = give_awards(world)
    put_on_notice(award_list, HOUR - timedelta(days=1))
    on_notice = read_anew(world, HOUR - SECOND)
    for place in NOTICE:
        assert not_named(on_notice[place].text) == []
    with time_machine.travel(HOUR - SECOND, tick=False):
        issue_what_follows(world, award_list)
    published(award_list, HOUR)
    assert differences(on_notice, read_anew(world, HOUR - SECOND)) == []


@pytest.mark.parametrize("role", ["entrant", "manager", "judge"])
def test_who_is_concerned_learns_no_sooner(world, role):
    """They read in one language what strangers do not: their rooms, and the pages of works."""
    rooms = ("/my/", "/my/data/", "/screening/", "/participation/", "/judging/")
    works = [work.pk for work in world.edition.entries.all()]
    how = {
        "starts": ("/", *rooms),
        "guesses": Guesses({"pk": works, "edition": [world.edition.slug]}),
        "left_alone": (*LEFT_ALONE, "/en/", "/posters/", "/derivatives/", "/gallery/?"),
    }
    undecided = read_anew(world, HOUR - SECOND, world.people[role], **how)
    published(decide(world), HOUR)
    decided = read_anew(world, HOUR - SECOND, world.people[role], **how)
    assert differences(undecided, decided) == []
    assert decided["/my/data/"].status == 200


def test_what_is_kept_of_a_page_does_not_outlive_the_hour(world, settings):
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = settings.CACHES | {
        alias: memory | {"LOCATION": f"the hour's {alias}"} for alias in ("pages", "cards")
    }
    published(decide(world), HOUR)
    how = {"guesses": Guesses(), "left_alone": (*LEFT_ALONE, "/posters/", "/derivatives/")}
    read_anew(world, HOUR - SECOND, **how)
    with_what_was_kept = read(world, HOUR + SECOND, **how)
    assert differences(with_what_was_kept, read_anew(world, HOUR + SECOND, **how)) == []


def test_a_trace_would_be_found(world, monkeypatch):
    """The control: where the clock is not asked, the readings differ."""
    how = {"guesses": Guesses(), "left_alone": (*LEFT_ALONE, "/posters/", "/gallery/", "/en/")}
    undecided = read_anew(world, HOUR - SECOND, **how)
    published(decide(world), HOUR)
    monkeypatch.setattr(queries, "timezone", SimpleNamespace(now=lambda: HOUR + SECOND))
    found = differences(undecided, read_anew(world, HOUR - SECOND, **how))
    assert {line.split(":")[0] for line in found} >= {"/results/", "/"}

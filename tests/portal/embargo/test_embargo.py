"""Before its hour nothing of a result can be fetched, guessed or inferred; then all of it is there.

The site is read twice: while nobody has decided anything, and when all is decided and waits for
its hour. Both readings are the same to the byte, whoever reads; whatever differed would be a trace.
"""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import translation

from competition.awards import queries
from competition.awards.models import Award
from portal.results.models import Package
from portal.results.numbering import LETTERS, ORGANISING
from tests.factories import published
from tests.portal.embargo.crawler import LEFT_ALONE, Crawl, Guesses, differences
from tests.portal.embargo.world import (
    RESULTS_AFTER,
    Exhibition,
    give_awards,
    issue_what_follows,
    number_of,
    put_on_notice,
)
from tests.portal.pages.conftest import _forget_site_root, welcome_page
from tests.storages import HANDED_OUT

__all__ = ["_forget_site_root", "welcome_page"]
pytestmark = pytest.mark.django_db

HOUR = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
RESULTS_HOUR = HOUR + timedelta(days=RESULTS_AFTER)
SECOND = timedelta(seconds=1)
BOTH = {"": "title", "/en": "title_en"}  # what precedes an address, and a category's name there
AWARDED = 4
# Of a kind that has many, some.
CERTIFICATES = [number_of(letter, 1) for letter in (LETTERS["expert"], ORGANISING)]
MANY = (*LEFT_ALONE, "/posters/", "/en/posters/", "/derivatives/")
IN_ONE_LANGUAGE = {"guesses": Guesses(), "left_alone": (*MANY, "/en/")}
SHOWN_WITH_RESULTS = {
    *(f"/certificates/{number}/" for number in CERTIFICATES),
    *(f"/certificates/{number}/certificate.pdf" for number in CERTIFICATES),
    "/results-data/2026/bundle/",
    "/results-data/2026/notice-bundle/",
    "/results-pictures/2026.jpg",
    "/results/statistics/",
    "/results/expert/",
    "/results/popular/",
}
SHOWN_WITH_NOTICE = {
    "/results-data/2026/",
    "/notice/2026/objections/new/",
    "/vote/2026/ledger/1/",
}
NEVER_SHOWN = {"/results-data/2026/pack/", "/results-data/2026/certificates/"}
API = "/api/v1/editions/2026/"


@pytest.fixture
def world():
    with time_machine.travel(HOUR - SECOND, tick=False):
        return Exhibition(hour=HOUR)


def guesses(world):
    """What somebody may try who knows how such sites are made."""
    numbers = [work.number for works in world.works.values() for work in works]
    return Guesses(
        parameters={
            "edition": [world.edition.slug],
            "slug": [world.edition.slug],
            "number": numbers,
            "work-poster number": numbers[:2],
            "certificate number": CERTIFICATES,
            "certificate-pdf number": CERTIFICATES,
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
        few = tuple(f"/posters/2026/P-00000{number}" for number in range(3, 7))
        alone = (*LEFT_ALONE, "/en/gallery/?", *few, *(f"/en{place}" for place in few))
        known = {"guesses": guesses(world), "left_alone": alone}
        return Crawl(client, **known | how).run()


def read_anew(*args, **how):
    """Read it with nothing kept from before."""
    forget()
    return read(*args, **how)


def decide(world, at=HOUR - SECOND):
    """Give the awards and make all that follows, by default a second before the first hour."""
    with time_machine.travel(at, tick=False):
        award_list = give_awards(world)
        issue_what_follows(world, award_list)
    return award_list


def statuses(answers, places):
    """Return place -> the status of its answer, 404 when nothing leads there."""
    return {place: answers[place].status if place in answers else 404 for place in places}


def given():
    """Return (work, category) of each award."""
    awards = [(award.entry, award.category) for award in Award.objects.all()]
    assert len(awards) == AWARDED
    return awards


def untold(answers, *, by_notice=False):
    """Return each (place, work) that does not tell the work's award where it is to be told."""
    missing = []
    in_api = json.loads(answers[API + ("notice/" if by_notice else "awards/")].text)["awards"]
    by_api = {(one["work"]["number"], one["category"]) for one in in_api}
    for work, category in given():
        if (work.number, category.code) not in by_api:
            missing.append((API, work.title))
        for before, name in BOTH.items():
            title = getattr(category, name)
            pages = [f"{before}/notice/"] if by_notice else [
                f"{before}/results/",
                f"{before}/results/{category.code}/",
                f"{before}/gallery/works/{work.number}/",
                f"{before}/feeds/results/",
            ]  # fmt: skip
            for place in pages:
                text = answers[place].text if place in answers else ""
                together = f"{work.title} · {title}" if "feeds" in place else work.title
                if title not in text or together not in text:
                    missing.append((place, work.title))
    return missing


def test_nothing_is_told_a_second_before_the_hours_and_all_of_it_a_second_after(world):
    undecided = read_anew(world, HOUR - SECOND)
    award_list = decide(world)
    put_on_notice(award_list, HOUR)
    assert differences(undecided, read_anew(world, HOUR - SECOND)) == []
    on_notice = read_anew(world, HOUR + SECOND)
    assert untold(on_notice, by_notice=True) == []
    assert set(statuses(undecided, SHOWN_WITH_NOTICE).values()) == {404}
    assert set(statuses(on_notice, SHOWN_WITH_NOTICE).values()) == {200}
    assert set(statuses(on_notice, SHOWN_WITH_RESULTS).values()) == {404}

    not_final = read_anew(world, RESULTS_HOUR - SECOND)
    published(award_list, RESULTS_HOUR)
    assert differences(not_final, read_anew(world, RESULTS_HOUR - SECOND)) == []
    after = read_anew(world, RESULTS_HOUR + SECOND)
    assert untold(after) == []
    assert set(statuses(after, SHOWN_WITH_RESULTS).values()) == {200, HANDED_OUT}
    assert set(statuses(after, NEVER_SHOWN).values()) == {404}


def test_without_a_notice_nothing_is_told_before_the_hour_of_the_results(world):
    undecided = read_anew(world, HOUR - SECOND, left_alone=(*MANY, "/en/"))
    published(decide(world), HOUR)
    decided = read_anew(world, HOUR - SECOND, left_alone=(*MANY, "/en/"))
    assert differences(undecided, decided) == []


ROOMS = {
    "entrant": ("/my/", "/my/data/"),
    "manager": ("/my/", "/my/data/", "/screening/", "/participation/"),
    "judge": ("/my/", "/my/data/", "/judging/"),
}
STRANGERS_TOO = ("/gallery/?", "/gallery/credits/", "/vote/", "/news/", "/call/", "/api/",
                 "/feeds/", "/certificates/", "/accounts/", "/organisations/",
                 "/screening/?", "/screening/sheets/?")  # fmt: skip


@pytest.mark.parametrize("role", ROOMS)
def test_who_is_concerned_learns_no_sooner(world, role):
    """They read in one language what strangers do not: their rooms, and the pages of works."""
    works = [work.pk for work in world.edition.entries.all()]
    how = {
        "starts": ("/", *ROOMS[role], *(f"/my/works/{pk}/feedback/" for pk in works)),
        "guesses": Guesses({"pk": works}),
        "left_alone": (*MANY, "/en/", *STRANGERS_TOO),
    }
    undecided = read_anew(world, HOUR - SECOND, world.people[role], **how)
    published(decide(world), HOUR)
    decided = read_anew(world, HOUR - SECOND, world.people[role], **how)
    assert differences(undecided, decided) == []
    assert set(statuses(decided, ROOMS[role]).values()) == {200}


def test_the_entrant_finds_feedback_and_certificates_a_second_after(world):
    """The control: what they are not told before is there."""
    published(decide(world), HOUR)
    work = world.edition.entries.filter(created_by=world.people["entrant"]).first()
    places = [f"/my/works/{work.pk}/feedback/"]
    client = Client()
    client.force_login(world.people["entrant"])
    for at, status in ((HOUR - SECOND, 404), (HOUR + SECOND, 200)):
        with time_machine.travel(at, tick=False):
            assert [client.get(place).status_code for place in places] == [status]


def test_what_is_kept_of_a_page_does_not_outlive_the_hour(world, settings):
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = settings.CACHES | {
        alias: memory | {"LOCATION": f"the hour's {alias}"} for alias in ("pages", "cards")
    }
    published(decide(world), HOUR)
    read_anew(world, HOUR - SECOND, **IN_ONE_LANGUAGE)
    with_what_was_kept = read(world, HOUR + SECOND, **IN_ONE_LANGUAGE)
    anew = read_anew(world, HOUR + SECOND, **IN_ONE_LANGUAGE)
    assert differences(with_what_was_kept, anew) == []


def test_a_trace_would_be_found(world, monkeypatch):
    """The control: where the clock is not asked, the readings differ."""
    how = IN_ONE_LANGUAGE | {"left_alone": (*MANY, "/gallery/", "/en/")}
    undecided = read_anew(world, HOUR - SECOND, **how)
    published(decide(world), HOUR)
    monkeypatch.setattr(queries, "timezone", SimpleNamespace(now=lambda: HOUR + SECOND))
    found = differences(undecided, read_anew(world, HOUR - SECOND, **how))
    assert {line.split(":")[0] for line in found} >= {"/results/", "/", API + "awards/"}

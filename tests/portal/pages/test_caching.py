"""Pages made once and shown to many: fast, and never somebody else's."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.pages import picture_views
from portal.pages.caching import KEPT_SECONDS, seconds_to_keep
from portal.pages.order import ORDERS, order_number
from tests.factories import (
    AwardListFactory,
    BallotFactory,
    CategoryFactory,
    PollFactory,
    UserFactory,
    close_phase,
    open_phase,
    proved_badge,
    published,
)
from voting.identity import COOKIE, badge_of
from voting.models import Ballot

pytestmark = pytest.mark.usefixtures("site", "kept_pages")


@pytest.fixture
def kept_pages(settings):
    """Keep pages as a running site does."""
    backend = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "kept"}
    settings.CACHES = settings.CACHES | {
        "pages": backend,
        "cards": backend | {"LOCATION": "kept cards"},
    }
    forget()


def forget():
    caches["pages"].clear()
    caches["cards"].clear()


@pytest.fixture
def poll(edition, section):
    open_phase(edition, "voting")
    poll = PollFactory(edition=edition, votes_per_day=3)
    poll.sections.add(section)
    return poll


@pytest.fixture
def voter(client):
    """A client whose device has proved that a person uses it."""
    client.cookies[COOKIE] = proved_badge()
    return client


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/gallery/", "/gallery/works/{number}/", "/en/gallery/"])
def test_a_page_that_is_kept_asks_the_database_nothing(client, poll, make_works, path):
    (work, *_others) = make_works(3)
    path = path.format(number=work.number)
    first = client.get(path)
    assert queries(client, path) == 0
    assert client.get(path).content == first.content


def test_who_comes_after_is_shown_it_too_in_one_of_the_orders(client, poll, make_works):
    make_works(3)
    client.get("/gallery/")
    free = sum(queries(Client(), "/gallery/") == 0 for _ in range(4 * ORDERS))
    assert free > ORDERS


def test_a_works_page_is_the_same_in_all_orders(client, poll, make_works):
    (work,) = make_works(1)
    client.get(f"/gallery/works/{work.number}/")
    assert queries(Client(), f"/gallery/works/{work.number}/") == 0


def test_a_kept_page_brings_each_new_visitor_a_badge_of_their_own(client, poll, make_works):
    (work,) = make_works(1)
    path = f"/gallery/works/{work.number}/"
    badges = {Client().get(path).cookies[COOKIE].value for _ in range(3)}
    assert len(badges) == 3
    client.get(path)
    assert COOKIE not in client.get(path).cookies


def test_the_badge_says_that_the_gallery_was_seen(client, poll, make_works, rf):
    make_works(1)
    for visitor in (Client(), Client()):
        request = rf.get("/")
        request.COOKIES = {COOKIE: visitor.get("/gallery/?order=number").cookies[COOKIE].value}
        assert badge_of(request).saw_gallery


def test_before_and_after_the_vote_nobody_gets_a_cookie(client, edition, make_works):
    make_works(1)
    close_phase(edition, "voting")
    for _ in ("made", "kept"):
        assert client.get("/gallery/").cookies == {}


def test_nothing_of_a_voter_and_no_token_is_in_a_kept_page(voter, poll, make_works):
    (work,) = make_works(1)
    for _ in range(2):
        response = voter.get("/gallery/")
        page = response.content.decode()
        assert "csrfmiddlewaretoken" not in page
        assert "csrftoken" not in response.cookies
        assert re.findall(r'data-vote="(\w+)"', page) == ["ready"]
        voter.post(f"/vote/2026/{work.number}/", headers={"accept": "application/json"})
    assert Ballot.objects.count() == 1


def test_others_between_may_not_keep_it(client, poll, make_works):
    make_works(1)
    assert client.get("/gallery/").headers["Cache-Control"] == "private, no-cache"


def test_who_is_signed_in_has_pages_of_their_own(client, poll, make_works):
    make_works(1)
    client.force_login(UserFactory())
    assert "/accounts/logout/" in client.get("/gallery/").content.decode()
    assert "/accounts/logout/" not in Client().get("/gallery/").content.decode()
    assert queries(client, "/gallery/") > 0


def test_a_message_reaches_the_one_it_is_for_and_nobody_else(voter, poll, make_works):
    (work,) = make_works(1)
    voter.get("/gallery/")
    back = voter.post(f"/vote/2026/{work.number}/", {"next": "/gallery/"}, follow=True)
    assert 'data-vote="voted"' in back.content.decode()
    assert "notice--success" in back.content.decode()
    for visitor in (voter, Client()):
        assert "notice--success" not in visitor.get("/gallery/").content.decode()


def test_a_page_of_works_whose_cards_are_kept_asks_only_which_works(client, poll, make_works):
    make_works(3)
    client.get("/gallery/")
    assert queries(client, "/gallery/?q=P-") == 1
    caches["cards"].clear()
    assert queries(client, "/gallery/?q=P-") > 1


def test_in_a_hall_that_is_kept_a_search_finds_the_same(client, poll, make_works):
    (work, *_others) = make_works(3)
    path = f"/gallery/?q={work.number}"
    anew = client.get(path).content
    client.get("/gallery/")
    assert client.get(path).content == anew
    assert anew.count(b"data-vote=") == 1


def test_a_card_says_what_its_voter_may_do(voter, poll, make_works):
    work, other = make_works(2)
    voter.get("/gallery/")
    voter.post(f"/vote/2026/{work.number}/")  # leaves a message: the next page is the voter's own
    page = voter.get("/gallery/?order=number").content.decode()
    assert re.findall(r'data-vote="(\w+)" data-number="([^"]+)"', page) == [
        ("voted", work.number),
        ("ready", other.number),
    ]
    assert 'data-vote="voted"' not in Client().get("/gallery/").content.decode()


def test_names_that_become_public_are_on_no_card_made_before(client, edition, poll, make_works):
    (work,) = make_works(1)
    open_phase(edition, "judging")
    assert work.author_names not in client.get("/gallery/").content.decode()
    close_phase(edition, "judging")
    caches["pages"].clear()
    assert work.author_names in client.get("/gallery/").content.decode()


def test_a_work_taken_off_show_goes_though_its_card_is_kept(client, poll, make_works):
    work, other = make_works(2)
    client.get("/gallery/")
    type(work).objects.filter(pk=work.pk).update(state="disqualified")
    caches["pages"].clear()
    page = client.get("/gallery/").content.decode()
    assert re.findall(r'id="work-([^"]+)"', page) == [other.number]


@pytest.mark.parametrize("query", ["?q=x", "?x=1", "?page=1&page=2"])
def test_any_other_query_is_made_anew(client, poll, make_works, query):
    make_works(1)
    client.get(f"/gallery/{query}")
    assert queries(client, f"/gallery/{query}") > 0


def test_each_host_section_and_page_has_its_own(client, poll, section, make_works, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    make_works(50)
    found = {
        client.get(f"/gallery/{query}", headers={"host": host}).content
        for host in ("testserver", "other.example")
        for query in ("?order=number", "?order=number&page=2", f"?section={section.pk}")
    }
    assert len(found) == 6


def test_a_gallery_that_is_not_open_is_not_kept(client, make_works):
    make_works(1)
    client.get("/gallery/")
    assert queries(client, "/gallery/") > 0


def test_hidden_totals_leave_no_trace(client, poll, make_works):
    """Neither the order, nor a header, nor the weight of the page."""

    def answers():
        forget()
        found = [client.get(path) for path in ("/gallery/", f"/gallery/works/{work.number}/")]
        for one in found:
            del one.headers["X-Request-ID"]  # chosen by chance
        return [(one.content, sorted(one.headers.items())) for one in found]

    work, *_others = make_works(5)
    client.get("/gallery/")
    before = answers()
    BallotFactory.create_batch(20, poll=poll, entry=work)
    assert answers() == before
    poll.shows_totals = True
    poll.save()
    assert answers() != before


def test_the_order_is_the_badges(client, poll, make_works, rf):
    make_works(5)
    request = rf.get("/")
    request.COOKIES = {COOKIE: client.get("/gallery/").cookies[COOKIE].value}
    assert 0 <= order_number(badge_of(request).token) < ORDERS


class TestTheHourOfTheAwards:
    """What was made before it is shown to nobody from it on, and nothing is asked meanwhile."""

    @pytest.fixture
    def hour(self, edition, make_works):
        open_phase(edition, "voting")
        (work,) = make_works(1)
        award_list = published(
            AwardListFactory(edition=edition), timezone.now() + timedelta(seconds=20)
        )
        award_list.awards.create(category=CategoryFactory(edition=edition), entry=work, rank=1)
        self.path = f"/gallery/works/{work.number}/"
        return award_list.published_at

    def test_ends_what_was_kept_a_second_before(self, client, hour):
        with time_machine.travel(hour - timedelta(seconds=1), tick=False):
            assert b"award-mark" not in client.get(self.path).content
            assert queries(client, self.path) == 0
        with time_machine.travel(hour, tick=False):
            assert b"award-mark" in client.get(self.path).content

    def test_of_any_other_edition_counts_as_well(self, hour):
        with time_machine.travel(hour - timedelta(seconds=5), tick=False):
            assert seconds_to_keep(timezone.now()) == 5
        with time_machine.travel(hour - timedelta(seconds=50), tick=False):
            assert seconds_to_keep(timezone.now()) == KEPT_SECONDS
        with time_machine.travel(hour, tick=False):
            assert seconds_to_keep(timezone.now()) == KEPT_SECONDS

    def test_that_came_while_a_page_was_made_leaves_nothing_to_keep(self, hour):
        began = hour - timedelta(seconds=1)
        with time_machine.travel(hour + timedelta(seconds=1), tick=False):
            assert seconds_to_keep(began) == -1

    def test_ends_cards_and_halls_too(self, client, hour):
        with time_machine.travel(hour - timedelta(seconds=1), tick=False):
            client.get("/gallery/?order=number")
            assert queries(client, "/gallery/?q=P-") == 1
        with time_machine.travel(hour, tick=False):
            assert queries(client, "/gallery/?q=P-") > 1

    def test_is_not_told_by_how_long_a_poster_may_be_kept(self, client, hour, monkeypatch):
        monkeypatch.setattr(picture_views, "_content", lambda picture: b"")
        monkeypatch.setattr(picture_views.poster, "draw", lambda text, picture: b"png")
        address = self.path.replace("/gallery/works/", "/posters/2026/").rstrip("/") + ".png"
        for at, age in ((0, 60), (55, 5), (59.5, 0)):
            minute = hour.replace(second=0, microsecond=0) - timedelta(minutes=1)
            with time_machine.travel(minute + timedelta(seconds=at), tick=False):
                response = client.get(address)
                response.getvalue()
            assert response.headers["Cache-Control"] == f"public, max-age={age}"

    def test_results_are_kept_once_they_are_there(self, client, hour):
        with time_machine.travel(hour - timedelta(seconds=1), tick=False):
            client.get("/results/")
            assert queries(client, "/results/") > 0
        with time_machine.travel(hour, tick=False):
            assert b'id="expert"' in client.get("/results/").content
            assert queries(client, "/results/") == 0

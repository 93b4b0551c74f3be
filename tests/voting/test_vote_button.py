"""What a page with vote buttons shows, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from competition.awards.services import confirm_awards, propose_awards, publish_awards
from tests.factories import (
    BallotFactory,
    CategoryFactory,
    EditionFactory,
    EntryFactory,
    PhaseFactory,
    QuotaFactory,
    SectionFactory,
    UserFactory,
    VoterFactory,
    close_phase,
)
from voting.identity import voter_of
from voting.queries import ballot_box
from voting.services import cast_ballot, close_poll

pytestmark = pytest.mark.django_db

PAGE = """{% load voting_tags %}{% vote_status %}
{% for entry in entries %}{% vote_button entry %}{% endfor %}"""


@pytest.fixture
def request_():
    request = RequestFactory().get("/gallery/?page=2")
    request.user = AnonymousUser()
    return request


def page(request, edition, entries):
    """Render the page as an English visitor sees it, in one line."""
    context = {"ballot_box": ballot_box(request, edition), "entries": entries}
    with translation.override("en"):
        html = engines["django"].from_string(PAGE).render(context, request)
    return re.sub(r"\s+", " ", html)


def states(html):
    return re.findall(r'data-vote="(\w+)"', html)


def totals(html):
    return re.findall(r"data-vote-total>(\d+)<", html)


def test_a_work_can_be_voted_for(request_, poll, entry):
    html = page(request_, poll.edition, [entry])
    assert states(html) == ["ready"]
    assert f'action="/en/vote/2026/{entry.number}/"' in html
    assert 'name="csrfmiddlewaretoken"' not in html  # many may be shown this page
    assert "/gallery/" not in html  # nor is it of one page: what votes tells where it came from
    assert "晨曦" in html
    assert not re.search(r"<button[^>]*disabled", html)
    assert '<strong class="vote-status__number" data-votes-left>3</strong>' in html


def test_voted_today_and_tomorrow_s_limit(request_, poll, make_entry):
    works = [make_entry() for _ in range(4)]
    for work in works[:2]:
        cast_ballot(poll=poll, entry=work, voter=VoterFactory(key=voter_of(request_, "device").key))
    assert states(page(request_, poll.edition, works)) == ["voted", "voted", "ready", "ready"]
    cast_ballot(poll=poll, entry=works[2], voter=VoterFactory(key=voter_of(request_, "device").key))
    html = page(request_, poll.edition, works)
    assert states(html) == ["voted", "voted", "voted", "limit"]
    assert len(re.findall(r"<button[^>]*disabled", html)) == 4


def test_when_voting_has_ended_there_is_no_form(request_, poll, entry):
    close_phase(poll.edition, "voting")
    html = page(request_, poll.edition, [entry])
    assert states(html) == []
    assert "vote__closed" in html
    assert "data-votes-left" not in html


def test_when_an_organiser_has_closed_the_poll_there_is_no_form(request_, poll, entry):
    close_poll(poll=poll, actor=UserFactory())
    assert "vote__closed" in page(request_, poll.edition, [entry])


def test_before_voting_opens_there_is_nothing(request_, poll, entry):
    poll.edition.phases.all().delete()
    now = timezone.now()
    PhaseFactory(
        edition=poll.edition,
        kind="voting",
        opens_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=2),
    )
    assert page(request_, poll.edition, [entry]).strip() == ""


def test_a_work_outside_the_poll_and_an_edition_without_one_have_nothing(request_, poll):
    other = EntryFactory(
        section=SectionFactory(edition=poll.edition, kind="micro_video"), state="admitted"
    )
    assert "<form" not in page(request_, poll.edition, [other])
    assert ballot_box(request_, EditionFactory()) is None
    assert page(request_, EditionFactory(), [other]).strip() == ""


def test_a_page_shown_to_many_knows_nobody_s_votes(request_, poll, make_entry):
    work = make_entry()
    BallotFactory(poll=poll, entry=work, voter=voter_of(request_, "device").key)
    box = ballot_box(request_, poll.edition, is_personal=False)
    assert (box.voted, box.votes_left, box.state_of(work)) == (frozenset(), 3, "ready")


# --- totals -----------------------------------------------------------------------------------


def test_totals_are_hidden_during_the_vote_unless_the_poll_shows_them(request_, poll, entry):
    BallotFactory.create_batch(2, poll=poll, entry=entry)
    BallotFactory(poll=poll, entry=entry, status=2, code="organiser", void_reason="x")
    assert "vote__total" not in page(request_, poll.edition, [entry])
    poll.shows_totals = True
    poll.save()
    assert totals(page(request_, poll.edition, [entry])) == ["2"]


def test_hidden_totals_appear_with_the_published_awards_and_not_before(request_, poll, make_entry):
    winner, other = make_entry(), make_entry()
    BallotFactory.create_batch(2, poll=poll, entry=winner)
    category = CategoryFactory(edition=poll.edition, code="popular", source="public")
    QuotaFactory(category=category, section=winner.section)
    actor = UserFactory()
    close_poll(poll=poll, actor=actor)
    award_list = propose_awards(edition=poll.edition, actor=actor)
    confirm_awards(award_list=award_list, actor=actor)
    assert "vote__total" not in page(request_, poll.edition, [winner, other])
    publish_awards(award_list=award_list, actor=actor)
    html = page(request_, poll.edition, [winner, other])
    assert totals(html) == ["2", "0"]


# --- cost -------------------------------------------------------------------------------------


@pytest.mark.parametrize("works", [1, 3, 48])
def test_the_queries_do_not_grow_with_the_works(request_, poll, make_entry, works):
    poll.shows_totals = True
    poll.save()
    entries = [make_entry(frames=False) for _ in range(works)]
    page(request_, poll.edition, entries)  # the count is known for some seconds
    with CaptureQueriesContext(connection) as captured:
        assert len(states(page(request_, poll.edition, entries))) == works
    # The database as the cache is asked once more; that is the cache's affair.
    assert len([one for one in captured if "cache_entries" not in one["sql"]]) == 5


def test_the_cookie_comes_with_an_open_poll_only(request_, poll, entry):
    close_phase(poll.edition, "voting")
    ballot_box(request_, poll.edition)
    assert not hasattr(request_, "new_voter_token")

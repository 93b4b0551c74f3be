"""Many at once: each acknowledged vote counts once, and no more than the limit."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.factories import BallotFactory, UserFactory, VoterFactory
from tests.media_processing.processes import wait_for
from voting import ballots, together, views
from voting.ballots import Asked
from voting.identity import COOKIE
from voting.models import Ballot
from voting.queries import tally, votes_of
from voting.services import VoteRefused, cast_ballot, close_poll

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has its own")
only_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(calls):
    """Run the calls together; return each one's result, or the code it was refused with."""
    start = threading.Barrier(len(calls), timeout=60)

    def run(call):
        try:
            start.wait()
            return call()
        except VoteRefused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(run, call) for call in calls]]


def vote(poll, entry, voter="v"):
    one = VoterFactory(key=voter)
    return lambda: cast_ballot(poll=poll, entry=entry, voter=one) and "accepted"


def test_fifty_votes_of_one_voter_for_one_work_are_one_ballot(poll, entry):
    answers = at_once([vote(poll, entry)] * 50)
    assert sorted(answers) == ["accepted"] + ["already_today"] * 49
    assert Ballot.objects.count() == 1


def test_two_hundred_posts_of_one_vote_count_once_and_none_fails(client, entry, monkeypatch):
    monkeypatch.setattr(views, "is_too_fast", lambda *_, **__: False)
    badge = client.cookies[COOKIE].value

    def post(_number):
        one = Client()
        one.cookies[COOKIE] = badge
        try:
            url = f"/en/vote/2026/{entry.number}/"
            return one.post(url, headers={"accept": "application/json"}).json()["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(200)))
    assert sorted(answers) == ["accepted"] + ["already_today"] * 199
    assert Ballot.objects.count() == 1


def test_twenty_votes_for_twenty_works_stop_at_the_limit_of_ten(poll, make_entry):
    poll.votes_per_day = 10
    poll.save()
    answers = at_once([vote(poll, make_entry()) for _ in range(20)])
    assert sorted(answers) == ["accepted"] * 10 + ["limit"] * 10
    slots = Ballot.objects.order_by("slot").values_list("slot", flat=True)
    assert list(slots) == list(range(1, 11))


def test_twenty_voters_do_not_disturb_each_other(poll, entry):
    answers = at_once([vote(poll, entry, voter=f"v{n}") for n in range(20)])
    assert answers == ["accepted"] * 20
    assert tally(poll) == {entry.pk: 20}


@pytest.fixture
def _all_look_before_any_writes(monkeypatch):
    """The worst moment, made to happen: each thread's first look sees no ballot yet."""
    has_looked = set()

    def look(*args):
        thread = threading.get_ident()
        if thread in has_looked:
            return votes_of(*args)
        has_looked.add(thread)
        return set()

    monkeypatch.setattr(ballots, "votes_of", look)


@pytest.fixture
def _no_constraints(transactional_db, monkeypatch):
    """The control's database: without the two unique constraints of a ballot."""
    unique = [one for one in Ballot._meta.constraints if one.name.startswith("one_ballot_a_voter")]
    assert len(unique) == 2
    others = [one for one in Ballot._meta.constraints if one not in unique]
    with monkeypatch.context() as patch, connection.schema_editor() as editor:
        patch.setattr(Ballot._meta, "constraints", others)
        for constraint in unique:
            editor.remove_constraint(Ballot, constraint)
    yield
    Ballot.objects.all().delete()
    with connection.schema_editor() as editor:
        for constraint in unique:
            editor.add_constraint(Ballot, constraint)


@only_sqlite
@pytest.mark.usefixtures("_all_look_before_any_writes")
def test_votes_that_looked_too_early_are_stopped_by_the_database_and_look_again(poll, make_entry):
    same = make_entry()
    assert sorted(at_once([vote(poll, same)] * 2)) == ["accepted", "already_today"]
    answers = at_once([vote(poll, make_entry()) for _ in range(4)])
    assert sorted(answers) == ["accepted", "accepted", "limit", "limit"]
    assert sorted(Ballot.objects.values_list("slot", flat=True)) == [1, 2, 3]


@only_sqlite
@pytest.mark.usefixtures("_no_constraints", "_all_look_before_any_writes")
def test_control_without_the_constraints_the_same_votes_count_twice(poll, entry):
    assert at_once([vote(poll, entry)] * 2) == ["accepted", "accepted"]
    assert tally(poll) == {entry.pk: 2}


def beside_an_uncommitted(ballot, poll, entry):
    """Vote while another transaction has written `ballot` and not ended yet; return the answer."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            BallotFactory(poll=poll, voter="v", **ballot)
            answer = pool.submit(at_once, [vote(poll, entry)])
            with contextlib.suppress(TimeoutError):
                answer.result(timeout=0.5)
        return answer.result(timeout=60)


@only_postgresql
def test_a_vote_that_cannot_see_the_other_yet_waits_for_it_and_looks_again(poll, make_entry):
    same, other = make_entry(), make_entry()
    assert beside_an_uncommitted({"entry": same, "slot": 1}, poll, same) == ["already_today"]
    assert beside_an_uncommitted({"entry": make_entry(), "slot": 2}, poll, other) == ["accepted"]
    assert sorted(Ballot.objects.values_list("slot", flat=True)) == [1, 2, 3]


@only_postgresql
@pytest.mark.usefixtures("_no_constraints")
def test_control_without_the_constraints_it_counts_twice(poll, entry):
    assert beside_an_uncommitted({"entry": entry, "slot": 1}, poll, entry) == ["accepted"]
    assert tally(poll) == {entry.pk: 2}


@only_postgresql
def test_a_voter_is_looked_up_by_the_voter_even_while_the_table_is_new(poll):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {ballots.CAST}", ["[]"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (((voter)::text = (asked" in plan


@only_postgresql
def test_what_the_database_refuses_one_ballot_does_not_spoil_the_others(poll, entry):
    """Ballots that wait together, one of them for a work that is not there."""
    asked = [
        Asked(poll.pk, work, f"v{n}", timezone.localdate(), timezone.now(), 3)
        for n, work in enumerate([entry.pk, 999_999, entry.pk])
    ]
    waiting = [together._Waiting(one) for one in asked]
    ballots._together._answer(waiting)
    assert [one.error is None for one in waiting] == [True, False, True]
    assert isinstance(waiting[1].error, IntegrityError)
    assert sorted(Ballot.objects.values_list("voter", flat=True)) == ["v0", "v2"]


@only_postgresql
def test_votes_that_come_while_another_is_written_are_written_together(
    poll, make_entry, monkeypatch
):
    sizes = []
    is_writing, may_end = threading.Event(), threading.Event()

    def slowly(asked):
        sizes.append(len(asked))
        is_writing.set()
        may_end.wait(60)
        return ballots.insert_all(asked)

    monkeypatch.setattr(ballots._together, "work", slowly)
    works = [make_entry() for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(at_once, [vote(poll, works[0], voter="first")])
        assert is_writing.wait(60)
        later = pool.submit(
            at_once,
            [vote(poll, works[n % 3], voter=f"v{n % 2}") for n in range(6)],
        )
        wait_for(lambda: len(ballots._together._queue) == 6)
        may_end.set()
        assert first.result(60) == ["accepted"]
        assert later.result(60) == ["accepted"] * 6
    # Of the six only one a voter finds the first slot free; the rest look again, together.
    assert sizes[:2] == [1, 6]
    slots = Ballot.objects.exclude(voter="first").order_by("voter", "slot")
    assert list(slots.values_list("voter", "slot")) == [
        (voter, slot) for voter in ("v0", "v1") for slot in (1, 2, 3)
    ]


def test_no_vote_slips_in_behind_the_count(poll, entry):
    """Votes and the close at once: what was acknowledged is in the frozen standings."""
    actor = UserFactory()
    calls = [vote(poll, entry, voter=f"v{n}") for n in range(16)]
    closing = type(poll).objects.get()
    calls.insert(5, lambda: close_poll(poll=closing, actor=actor))
    answers = at_once(calls)
    standings = answers.pop(5)
    assert set(answers) <= {"accepted", "closed"}
    accepted = answers.count("accepted")
    assert Ballot.objects.count() == accepted
    assert standings.standings.get().readings == accepted

"""Many at once: each acknowledged vote counts once, and no more than the limit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.factories import UserFactory
from voting import services
from voting.models import Ballot
from voting.queries import tally, votes_of
from voting.services import VoteRefused, cast_ballot, close_poll

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(calls):
    """Run the calls together; return each one's result, or the code it was refused with."""
    start = threading.Barrier(len(calls))

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
    return lambda: cast_ballot(poll=poll, entry=entry, voter=voter) and "accepted"


def test_fifty_votes_of_one_voter_for_one_work_are_one_ballot(poll, entry):
    answers = at_once([vote(poll, entry)] * 50)
    assert sorted(answers) == ["accepted"] + ["already_today"] * 49
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

    monkeypatch.setattr(services, "votes_of", look)


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


@pytest.mark.usefixtures("_all_look_before_any_writes")
def test_votes_that_looked_too_early_are_stopped_by_the_database_and_look_again(poll, make_entry):
    same = make_entry()
    assert sorted(at_once([vote(poll, same)] * 2)) == ["accepted", "already_today"]
    answers = at_once([vote(poll, make_entry()) for _ in range(4)])
    assert sorted(answers) == ["accepted", "accepted", "limit", "limit"]
    assert sorted(Ballot.objects.values_list("slot", flat=True)) == [1, 2, 3]


@pytest.mark.usefixtures("_no_constraints", "_all_look_before_any_writes")
def test_control_without_the_constraints_the_same_votes_count_twice(poll, entry):
    assert at_once([vote(poll, entry)] * 2) == ["accepted", "accepted"]
    assert tally(poll) == {entry.pk: 2}


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

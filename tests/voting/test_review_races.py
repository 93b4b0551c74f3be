"""Two reviewers at once make one decision, and voters do not wait for them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests.factories import BallotFactory, ClusterFactory
from voting import review
from voting.antifraud import Suspicion
from voting.models import Ballot, Cluster, Finding, Poll
from voting.quarantine import lock_poll, set_aside
from voting.review import preview, restore_clusters, void_clusters
from voting.services import PollRefused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*calls):
    """Run the calls together; return what each returned, or "refused"."""
    start = threading.Barrier(len(calls), timeout=60)

    def run(call):
        try:
            start.wait()
            return call()
        except PollRefused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(run, call) for call in calls]]


@pytest.fixture
def cluster(poll, entry):
    return ClusterFactory(poll=poll, ballots=BallotFactory.create_batch(3, poll=poll, entry=entry))


def decision(verb, cluster):
    seen = preview(poll=cluster.poll, clusters=[cluster], decision="void").seen
    return lambda: verb(clusters=[cluster], reason="核查", seen=seen, actor=None)


def test_two_reviewers_who_decide_the_same_cluster_at_once_make_one_decision(cluster):
    answers = at_once(*[decision(void_clusters, cluster), decision(restore_clusters, cluster)] * 3)
    assert sorted(answers, key=str) == [3] + ["refused"] * 5
    decided = Cluster.objects.get().decision
    assert set(Ballot.objects.values_list("status", flat=True)) == {2 if decided == "void" else 0}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_control_without_the_lock_both_decide(cluster, monkeypatch):
    looked = threading.Barrier(2, timeout=60)
    look = review.stamp
    calls = [decision(void_clusters, cluster), decision(restore_clusters, cluster)]

    def look_together(clusters):
        found = look(clusters)
        looked.wait(60)
        return found

    monkeypatch.setattr(review, "stamp", look_together)
    monkeypatch.setattr(review, "lock_poll", lambda poll: Poll.objects.get(pk=poll.pk))
    assert at_once(*calls) == [3, 3]


def test_examinations_at_once_find_everything_once(poll, entry):
    ballots = BallotFactory.create_batch(20, poll=poll, entry=entry)
    found = [Suspicion("burst", "k", tuple(one.pk for one in ballots), {})]
    answers = at_once(*[lambda: set_aside(poll=poll, suspicions=found)] * 4)
    assert sorted(answers) == [(0, 0)] * 3 + [(1, 20)]
    assert Finding.objects.count() == 20


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_vote_does_not_wait_for_a_decision(poll, entry):
    def vote():
        try:
            return BallotFactory(poll=poll, entry=entry).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock_poll(poll)
        assert pool.submit(vote).result(timeout=60)

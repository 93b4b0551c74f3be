"""What the rules find is set aside; what a person decided stays decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import BallotFactory
from voting.antifraud import Suspicion
from voting.models import Ballot, Cluster, Finding
from voting.quarantine import restate, set_aside
from voting.queries import tally
from voting.services import void_ballots

pytestmark = pytest.mark.django_db


@pytest.fixture
def ballots(poll, entry):
    return BallotFactory.create_batch(4, poll=poll, entry=entry)


def suspicion(*ballots, code="burst", key="k", **details):
    return Suspicion(code, key, tuple(one.pk for one in ballots), details)


def standing(ballots):
    """Return each ballot's (status, code), as it is now."""
    found = Ballot.objects.in_bulk([one.pk for one in ballots])
    return [(int(found[one.pk].status), found[one.pk].code) for one in ballots]


def members():
    """Return (code, key) of each cluster -> how many ballots are in it."""
    return {(one.code, one.key): one.findings.count() for one in Cluster.objects.all()}


def decide(decision, **which):
    clusters = Cluster.objects.filter(**which)
    clusters.update(decision=decision, why="理由")
    restate(clusters)


def test_what_a_rule_finds_does_not_count_until_somebody_decides(poll, entry, ballots):
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots[:3], hours=2)]) == (1, 3)
    assert standing(ballots) == [(1, "burst")] * 3 + [(0, "")]
    assert tally(poll) == {entry.pk: 1}
    assert Cluster.objects.get().details == {"hours": 2}


def test_run_again_it_changes_nothing_and_what_is_new_joins_the_same_cluster(poll, ballots):
    set_aside(poll=poll, suspicions=[suspicion(*ballots[:2], hours=1)])
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots[:2], hours=1)]) == (0, 0)
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots, hours=2)]) == (0, 2)
    assert members() == {("burst", "k"): 4}
    assert Cluster.objects.get().details == {"hours": 2}


def test_killed_before_its_end_it_leaves_nothing_and_can_be_run_again(poll, ballots, monkeypatch):
    def killed(poll):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("voting.quarantine._set_open_ones_aside", killed)
        with pytest.raises(KeyboardInterrupt):
            set_aside(poll=poll, suspicions=[suspicion(*ballots)])
    assert not Cluster.objects.exists()
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots)]) == (1, 4)


def test_a_ballot_in_two_clusters_has_the_code_of_the_first(poll, ballots):
    found = [suspicion(*ballots[:2]), suspicion(*ballots[1:3], code="lockstep")]
    assert set_aside(poll=poll, suspicions=found) == (2, 3)
    assert standing(ballots[:3]) == [(1, "burst"), (1, "burst"), (1, "lockstep")]


def test_a_ballot_that_is_void_stays_as_it_is(poll, ballots):
    void_ballots(ballots=ballots[:1], reason="投诉属实", actor=None)
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots)]) == (1, 3)
    assert standing(ballots[:2]) == [(2, "organiser"), (1, "burst")]


def test_a_restored_cluster_stays_restored_whatever_joins_it(poll, ballots):
    set_aside(poll=poll, suspicions=[suspicion(*ballots[:2])])
    decide("restored")
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots)]) == (0, 0)
    assert standing(ballots) == [(0, "")] * 4


def test_restored_ballots_are_not_found_again_by_the_same_rule_under_another_key(poll, ballots):
    set_aside(poll=poll, suspicions=[suspicion(*ballots[:3])])
    decide("restored")
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots, key="an hour later")]) == (0, 0)
    assert standing(ballots) == [(0, "")] * 4


def test_another_rule_may_set_restored_ballots_aside(poll, ballots):
    set_aside(poll=poll, suspicions=[suspicion(*ballots)])
    decide("restored")
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots, code="lockstep")]) == (1, 4)
    assert standing(ballots) == [(1, "lockstep")] * 4


def test_what_would_join_a_void_cluster_waits_in_one_of_its_own(poll, ballots):
    set_aside(poll=poll, suspicions=[suspicion(*ballots[:2])])
    decide("void")
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots)]) == (1, 2)
    assert standing(ballots) == [(2, "burst")] * 2 + [(1, "burst")] * 2
    assert members() == {("burst", "k"): 2, ("burst", "k+2"): 2}
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots)]) == (0, 0)


def test_a_long_key_still_tells_clusters_apart(poll, ballots):
    keys = ["x" * 64, "x" * 64 + "y", "x" * 70]
    set_aside(poll=poll, suspicions=[suspicion(ballots[0], key=key) for key in keys])
    assert Cluster.objects.values("key").distinct().count() == 3


def test_clusters_of_another_poll_are_left_alone(poll, ballots):
    other = BallotFactory()
    set_aside(poll=other.poll, suspicions=[suspicion(other)])
    assert set_aside(poll=poll, suspicions=[suspicion(*ballots)]) == (1, 4)
    assert Finding.objects.count() == 5


def test_thousands_of_ballots_are_written_in_few_queries(
    poll, entry, django_assert_max_num_queries
):
    Ballot.objects.bulk_create(
        BallotFactory.build(poll=poll, entry=entry, voter=f"v{n}") for n in range(2_000)
    )
    some = list(Ballot.objects.all())
    with django_assert_max_num_queries(16):
        found = [suspicion(*some[:1_000]), suspicion(*some[1_000:], code="lockstep")]
        assert set_aside(poll=poll, suspicions=found) == (2, 2_000)


def test_what_is_found_again_is_not_written_again(poll, ballots):
    set_aside(poll=poll, suspicions=[suspicion(*ballots)])
    with CaptureQueriesContext(connection) as queries:
        set_aside(poll=poll, suspicions=[suspicion(*ballots)])
    statements = [query["sql"] for query in queries]
    assert any(sql.startswith("SELECT") for sql in statements)
    begins = ('INSERT INTO "voting_finding"', 'UPDATE "voting_ballot"')
    assert not [sql for sql in statements if sql.startswith(begins)]

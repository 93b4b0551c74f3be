"""A person decides: first a look at what would change, then all of it or nothing."""

import pytest
from wagtail.models import ModelLogEntry

from competition.judging.queries import latest_standings
from tests.factories import BallotFactory, ClusterFactory, UserFactory, open_phase
from voting.ledger.receipts import receipt_text
from voting.models import Ballot, Cluster
from voting.quarantine import set_aside
from voting.queries import tally
from voting.review import WorkChange, name_ballots, preview, restore_clusters, void_clusters
from voting.services import PollRefused, close_poll, void_ballots

pytestmark = pytest.mark.django_db


@pytest.fixture
def works(make_entry):
    return [make_entry(number=f"P-00000{n}") for n in (1, 2)]


@pytest.fixture
def ballots(poll, works):
    """Three for the first work, two for the second."""
    return [BallotFactory(poll=poll, entry=works[n // 3]) for n in range(5)]


def decide(verb, clusters, reason="核查属实", **changes):
    some = list(clusters)
    word = {void_clusters: "void", restore_clusters: "restored"}[verb]
    seen = preview(poll=some[0].poll, clusters=some, decision=word).seen
    return verb(**{"clusters": some, "reason": reason, "seen": seen, "actor": None} | changes)


def standing(ballots):
    found = Ballot.objects.in_bulk([one.pk for one in ballots])
    return [(int(found[one.pk].status), found[one.pk].code) for one in ballots]


def test_a_look_tells_what_would_count_and_who_would_be_where(poll, works, ballots):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:3])
    shown = preview(poll=poll, clusters=[cluster], decision="restored")
    assert (shown.clusters, shown.ballots, shown.voters) == (1, 3, 3)
    first, second = (one.pk for one in works)
    assert shown.works == [WorkChange(first, 3, 0, 3, 2, 1), WorkChange(second, 0, 2, 2, 1, 2)]
    shown = preview(poll=poll, clusters=[cluster], decision="void")
    assert shown.works == [WorkChange(first, 3, 0, 0, 2, 2)]


def test_the_look_is_what_happens(poll, ballots):
    one = ClusterFactory(poll=poll, ballots=ballots[:2])
    other = ClusterFactory(poll=poll, ballots=ballots[1:4], code="lockstep")
    for verb, word, chosen in [
        (restore_clusters, "restored", [one]),
        (void_clusters, "void", [one]),
        (void_clusters, "void", [other]),
        (restore_clusters, "restored", [one]),
        (restore_clusters, "restored", [other]),
    ]:
        clusters = [Cluster.objects.get(pk=cluster.pk) for cluster in chosen]
        shown = preview(poll=poll, clusters=clusters, decision=word)
        decide(verb, clusters)
        after = {line.entry: line.votes_after for line in shown.works}
        now = tally(poll)
        assert after == {entry: now.get(entry, 0) for entry in after}


def test_void_ballots_carry_the_rule_and_the_reason_and_stay(poll, ballots):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:2])
    actor = UserFactory()
    assert decide(void_clusters, [cluster], actor=actor) == 2
    assert standing(ballots[:3]) == [(2, "address_cluster")] * 2 + [(0, "")]
    assert set(Ballot.objects.filter(status=2).values_list("void_reason", flat=True)) == {
        "核查属实"
    }
    line = ModelLogEntry.objects.get(action="voting.cluster.void")
    assert (line.user, line.data) == (
        actor,
        {"clusters": [cluster.pk], "ballots": 2, "why": "核查属实"},
    )


def test_a_ballot_counts_again_once_none_of_its_clusters_is_void_or_open(poll, ballots):
    first = ClusterFactory(poll=poll, ballots=ballots[:2])
    second = ClusterFactory(poll=poll, ballots=ballots[1:3], code="lockstep")
    decide(restore_clusters, [first])
    assert standing(ballots[:3]) == [(0, ""), (1, "lockstep"), (1, "lockstep")]
    decide(void_clusters, [second])
    decide(void_clusters, [Cluster.objects.get(pk=first.pk)])
    assert standing(ballots[:3]) == [(2, "address_cluster")] * 2 + [(2, "lockstep")]
    decide(restore_clusters, [Cluster.objects.get(pk=first.pk)])
    assert standing(ballots[:3]) == [(0, ""), (2, "lockstep"), (2, "lockstep")]
    decide(restore_clusters, [Cluster.objects.get(pk=second.pk)])
    assert standing(ballots[:3]) == [(0, "")] * 3


def test_what_a_person_made_void_directly_is_not_restored_with_a_cluster(poll, ballots):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:2])
    void_ballots(ballots=ballots[:1], reason="本人承认", actor=None)
    assert decide(restore_clusters, [cluster]) == 1
    assert standing(ballots[:2]) == [(2, "organiser"), (0, "")]


def refused(call, **kwargs):
    before = list(Cluster.objects.values_list("decision", flat=True))
    with pytest.raises(PollRefused) as caught:
        call(**kwargs)
    assert list(Cluster.objects.values_list("decision", flat=True)) == before
    return caught.value.messages


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_decision_needs_a_reason(poll, ballots, reason):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:2])
    assert refused(decide, verb=void_clusters, clusters=[cluster], reason=reason)
    assert not ModelLogEntry.objects.filter(action__startswith="voting.cluster").exists()


def test_who_looked_before_a_change_has_to_look_again(poll, ballots):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:2])
    seen = preview(poll=poll, clusters=[cluster], decision="void").seen
    ClusterFactory(poll=poll)  # another cluster changes nothing
    late = BallotFactory(poll=poll, entry=ballots[0].entry)
    cluster.findings.create(ballot=late)
    late_call = {"clusters": [cluster], "reason": "r", "seen": seen, "actor": None}
    assert refused(void_clusters, **late_call)
    decide(void_clusters, [cluster])
    assert refused(restore_clusters, **late_call)


def test_deciding_the_same_twice_or_nothing_is_refused(poll, ballots):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:2])
    decide(void_clusters, [cluster])
    assert refused(decide, verb=void_clusters, clusters=[cluster])
    assert refused(void_clusters, clusters=[], reason="r", seen="", actor=None)


def test_after_the_close_a_decision_is_the_next_version_of_the_standings(poll, ballots):
    cluster = ClusterFactory(poll=poll, ballots=ballots[:2])
    close_poll(poll=poll, actor=UserFactory())
    first = latest_standings(poll.edition, "public")
    decide(restore_clusters, [Cluster.objects.get(pk=cluster.pk)])
    second = latest_standings(poll.edition, "public")
    assert (first.version, second.version) == (1, 2)
    votes = {one.entry_id: one.readings for one in second.standings.all()}
    assert votes == {ballots[0].entry_id: 3, ballots[4].entry_id: 2}


# --- by receipt -------------------------------------------------------------------------------


def receipts(*ballots):
    return "\n".join(receipt_text(one.pk, one.secret) for one in ballots)


def test_the_organiser_sets_ballots_aside_by_their_receipts(poll, ballots):
    cluster = name_ballots(poll=poll, receipts=receipts(*ballots[:2]).lower(), actor=None)
    assert standing(ballots[:3]) == [(1, "by_hand")] * 2 + [(0, "")]
    assert name_ballots(poll=poll, receipts=receipts(*ballots[1::-1]), actor=None) == cluster
    decide(void_clusters, [cluster])
    assert standing(ballots[:2]) == [(2, "by_hand")] * 2


def test_a_wrong_receipt_is_named_and_nothing_happens(poll, ballots):
    foreign = BallotFactory()
    for wrong in ["好", receipt_text(ballots[0].pk, "0" * 20), receipts(foreign)]:
        said = refused(
            name_ballots, poll=poll, receipts=f"{receipts(ballots[1])}\n{wrong}", actor=None
        )
        assert wrong in said[0]
        assert receipts(ballots[1]) not in said[0]
    assert refused(name_ballots, poll=poll, receipts=" \n", actor=None)
    assert not Cluster.objects.exists()


def test_naming_ballots_is_no_examination(poll, ballots):
    name_ballots(poll=poll, receipts=receipts(ballots[0]), actor=None)
    poll.refresh_from_db()
    assert poll.examined_at is None


def test_ballots_named_after_the_close_leave_the_standings_as_the_next_version(poll, ballots):
    open_phase(poll.edition, "voting")
    close_poll(poll=poll, actor=UserFactory())
    name_ballots(poll=poll, receipts=receipts(ballots[4]), actor=None)
    standings = latest_standings(poll.edition, "public")
    assert standings.version == 2
    assert standings.standings.get(entry=ballots[4].entry_id).readings == 1


def test_set_aside_during_a_look_is_noticed(poll, ballots):
    """The rule finds more for the cluster between the look and the decision."""
    from voting.antifraud import Suspicion

    found = [Suspicion("burst", "k", tuple(one.pk for one in ballots[:n]), {}) for n in (2, 3)]
    set_aside(poll=poll, suspicions=found[:1])
    cluster = Cluster.objects.get()
    seen = preview(poll=poll, clusters=[cluster], decision="void").seen
    set_aside(poll=poll, suspicions=found[1:])
    assert refused(void_clusters, clusters=[cluster], reason="r", seen=seen, actor=None)

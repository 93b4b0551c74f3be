"""The organiser looks at what was set aside, at what a decision would change, and decides."""

import pytest
from django.urls import reverse

from tests.admin.conftest import count_queries
from tests.factories import (
    BallotFactory,
    ClusterFactory,
    EntryFactory,
    EvidenceFactory,
    PollFactory,
    SectionFactory,
    open_phase,
)
from voting import antifraud
from voting.antifraud import Suspicion
from voting.ledger.receipts import receipt_text
from voting.models import Ballot, Cluster

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll():
    section = SectionFactory()
    open_phase(section.edition, "voting")
    poll = PollFactory(edition=section.edition)
    poll.sections.add(section)
    return poll


@pytest.fixture
def make_cluster(poll):
    """Make a cluster of ballots with evidence for a new work."""

    def make(ballots=2, **fields):
        entry = EntryFactory(section=poll.sections.get(), state="admitted")
        made = BallotFactory.create_batch(ballots, poll=poll, entry=entry)
        for ballot in made:
            EvidenceFactory(ballot=ballot, address=f"{ballot.pk:032x}")
        return ClusterFactory(poll=poll, ballots=made, **fields)

    return make


def address(name, *args):
    return reverse(f"voting_{name}", args=args)


def test_the_polls_page_has_every_total(organiser, poll, make_cluster):
    make_cluster(ballots=3)
    entry = Ballot.objects.first().entry
    BallotFactory(poll=poll, entry=entry)
    BallotFactory(poll=poll, entry=entry, status=2, code="organiser", void_reason="刷票")
    page = organiser.get(reverse("polls:inspect", args=[poll.pk])).context
    assert (page["counted"], page["quarantined"], page["void"]) == (1, 3, 1)
    (line,) = page["lines"]
    totals = line["totals"]
    assert (totals.raw, totals.counted, totals.quarantined, totals.void) == (5, 1, 3, 1)


def test_clusters_are_listed_the_largest_first(organiser, poll, make_cluster):
    small, large = make_cluster(1), make_cluster(3)
    ClusterFactory()  # of another poll
    page = organiser.get(address("clusters", poll.pk)).context
    assert [row["cluster"] for row in page["rows"]] == [large, small]
    assert page["rows"][0]["works"] == [(large.findings.first().ballot.entry.number, 3)]
    assert page["waiting"] == 4


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"code": "burst"}, ["burst"]),
        ({"decision": "open"}, ["lockstep"]),
        ({"decision": "void"}, ["burst"]),
        ({"decision": "restored"}, ["new_voters"]),
        ({"work": "P-000777"}, ["lockstep"]),
        ({"work": "P-000778"}, []),
        ({"code": "no rule"}, []),
    ],
)
def test_clusters_are_filtered_by_rule_decision_and_work(
    organiser, poll, make_cluster, asked, found
):
    make_cluster(code="burst", decision="void")
    make_cluster(code="new_voters", decision="restored")
    last = make_cluster(code="lockstep")
    entry = last.findings.first().ballot.entry
    entry.number = "P-000777"
    entry.save()
    page = organiser.get(address("clusters", poll.pk), asked).context
    assert [row["cluster"].code for row in page["rows"]] == found


def test_a_clusters_page_shows_what_was_measured_and_what_is_shared(organiser, poll, make_cluster):
    cluster = make_cluster(3, details={"expected": 1.25, "signs": {"no_sleep": [0.2, 0.01]}})
    other = BallotFactory(poll=poll, entry=cluster.findings.first().ballot.entry)
    EvidenceFactory(ballot=other)
    page = organiser.get(address("cluster", poll.pk, cluster.pk)).context
    assert next(value for _name, value in page["figures"]) == "1.25"
    assert (page["ballots"], page["all_voters"]) == (3, 3)
    assert [(one["ballots"], one["totals"].raw) for one in page["works"]] == [(3, 4)]
    (device,) = page["devices"]
    assert (device.name, device.ballots, device.voters, device.in_poll) == ("c" * 8, 3, 3, 4)
    assert {len(one.name) for one in page["addresses"]} == {8}
    assert [len(row["voter"]) <= 8 for row in page["voters"]] == [True] * 3
    drawing = page["drawing"]
    assert (sum(bar.found for bar in drawing.bars), sum(bar.others for bar in drawing.bars)) == (
        3,
        1,
    )


def test_a_cluster_without_evidence_or_ballots_can_still_be_read(organiser, poll):
    ballot = BallotFactory(poll=poll)
    kept = ClusterFactory(poll=poll, ballots=[ballot], code="an_unknown_rule")
    empty = ClusterFactory(poll=poll)
    for cluster in (kept, empty):
        assert organiser.get(address("cluster", poll.pk, cluster.pk)).status_code == 200
    foreign = address("cluster", poll.pk, ClusterFactory().pk)
    assert organiser.get(foreign).status_code == 404


def test_a_decision_is_shown_first_and_then_made(organiser, poll, make_cluster):
    clusters = [make_cluster(2), make_cluster(1)]
    url = address("void_clusters", poll.pk)
    page = organiser.get(url, {"chosen": [one.pk for one in clusters]}).context
    assert (page["preview"].clusters, page["preview"].ballots) == (2, 3)
    assert not Ballot.objects.filter(status=2).exists()
    initial = page["form"].initial
    response = organiser.post(url, {**initial, "reason": "机器刷票"})
    assert response.url == address("clusters", poll.pk)
    assert Ballot.objects.filter(status=2, void_reason="机器刷票").count() == 3
    assert list(Cluster.objects.values_list("decision", "why")) == [("void", "机器刷票")] * 2


def test_ballots_count_again_when_restored(organiser, poll, make_cluster):
    cluster = make_cluster(2)
    url = address("restore_clusters", poll.pk)
    initial = organiser.get(url, {"chosen": cluster.pk}).context["form"].initial
    organiser.post(url, {**initial, "reason": "办公室同事"})
    assert Ballot.objects.filter(status=0).count() == 2


def test_what_changed_since_the_look_is_said_and_the_page_shows_it_as_it_is_now(
    organiser, poll, make_cluster
):
    cluster = make_cluster(2)
    url = address("void_clusters", poll.pk)
    initial = organiser.get(url, {"chosen": cluster.pk}).context["form"].initial
    late = BallotFactory(poll=poll, entry=cluster.findings.first().ballot.entry)
    cluster.findings.create(ballot=late)
    page = organiser.post(url, {**initial, "reason": "机器刷票"}).context
    assert page["form"].non_field_errors()
    assert page["preview"].ballots == 3
    # Once it has been shown as it is, the same form may be sent again.
    organiser.post(url, {**initial, "seen": page["form"]["seen"].value(), "reason": "机器刷票"})
    assert Ballot.objects.filter(status=2).count() == 3


def test_nothing_chosen_and_foreign_clusters_are_no_decision(organiser, poll, make_cluster):
    make_cluster()
    foreign = ClusterFactory()
    url = address("void_clusters", poll.pk)
    for chosen in ([], [foreign.pk], ["x"], ["9" * 30]):
        page = organiser.get(url, {"chosen": chosen}).context
        assert page["preview"].clusters == 0
        organiser.post(url, {"chosen": chosen, "seen": page["preview"].seen, "reason": "r"})
    assert not Cluster.objects.exclude(decision="").exists()


def test_the_organiser_examines_at_once(organiser, poll, monkeypatch):
    entry = EntryFactory(section=poll.sections.get(), state="admitted")
    evidence = EvidenceFactory(ballot=BallotFactory(poll=poll, entry=entry))
    found = [Suspicion("burst", "k", (evidence.pk,), {})]
    monkeypatch.setattr(antifraud, "assess", lambda votes: found)
    url = address("examine", poll.pk)
    organiser.get(url)
    assert not Cluster.objects.exists()
    assert organiser.post(url).status_code == 302
    assert Ballot.objects.get().code == "burst"


def test_the_organiser_sets_ballots_aside_by_receipt(organiser, poll):
    ballot = BallotFactory(poll=poll)
    url = address("name_ballots", poll.pk)
    assert organiser.post(url, {"receipts": "好"}).context["form"].non_field_errors()
    organiser.post(url, {"receipts": receipt_text(ballot.pk, ballot.secret)})
    assert Ballot.objects.get().code == "by_hand"


def test_the_lists_cost_the_same_with_three_rows(organiser, poll, make_cluster):
    last = make_cluster(1)
    pages = {
        "clusters": address("clusters", poll.pk),
        "cluster": address("cluster", poll.pk, last.pk),
        "void": f"{address('void_clusters', poll.pk)}?chosen={last.pk}",
        "poll": reverse("polls:inspect", args=[poll.pk]),
    }
    one = {name: count_queries(organiser, url) for name, url in pages.items()}
    more = [make_cluster(2), make_cluster(3)]
    for cluster in more:
        for finding in cluster.findings.all():
            last.findings.create(ballot=finding.ballot)
        pages["void"] += f"&chosen={cluster.pk}"
    assert {name: count_queries(organiser, url) for name, url in pages.items()} == one


@pytest.mark.parametrize("who", ["judge", "entrant", "manager"])
def test_nobody_else_reviews(who, request, poll, make_cluster):
    person = request.getfixturevalue(who)
    cluster = make_cluster()
    for url in (
        address("clusters", poll.pk),
        address("cluster", poll.pk, cluster.pk),
        address("void_clusters", poll.pk),
        address("restore_clusters", poll.pk),
        address("examine", poll.pk),
        address("name_ballots", poll.pk),
    ):
        assert person.get(url).status_code in (302, 403)
        assert person.post(url, {"chosen": cluster.pk, "reason": "r"}).status_code in (302, 403)
    assert Cluster.objects.get().decision == ""

"""Each ballot gets one leaf; what is published of it can be computed by anybody."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.factories import BallotFactory, UserFactory
from voting import sealing
from voting.ledger.lines import leaf_bytes
from voting.ledger.proof import check_proof
from voting.ledger.receipts import receipt_text
from voting.ledger.tree import Tree, leaf_hash
from voting.models import Ballot, Batch
from voting.sealed import (
    CAST_FIELDS,
    Cast,
    as_line,
    find_ballot,
    hour_of,
    proof_for,
    pseudonym_of,
    rules_of,
)
from voting.sealing import seal, seal_all
from voting.services import close_poll


def receipt_of(ballot):
    return receipt_text(ballot.pk, ballot.secret)


def leaf_of(poll, ballot):
    cast = Cast(*(getattr(ballot, field) for field in CAST_FIELDS))
    number = ballot.entry.number
    line = as_line(cast, pseudonym=pseudonym_of(poll, ballot.voter), number=number)
    return leaf_hash(leaf_bytes(line.pseudonym, line.entry, line.hour, line.receipt))


def root_over(poll, count=None):
    """Compute the root from the ballots alone, as if nothing had been sealed before."""
    tree = Tree()
    for ballot in poll.ballots.exclude(leaf=None).order_by("leaf")[:count]:
        tree.append(leaf_of(poll, ballot))
    return tree.root().hex()


@pytest.mark.django_db
def test_ballots_are_sealed_in_the_order_they_were_cast(poll, entry):
    cast = BallotFactory.create_batch(5, poll=poll, entry=entry)
    batch = seal(poll)
    assert (batch.number, batch.first_leaf, batch.size) == (1, 0, 5)
    sealed = Ballot.objects.order_by("pk").values_list("batch", "leaf")
    assert list(sealed) == [(batch.pk, leaf) for leaf in range(5)]
    assert batch.root == root_over(poll)
    assert cast[0].batch is None  # the control: they were not sealed before


@pytest.mark.django_db
def test_the_next_batch_goes_on_from_the_last(poll, make_entry):
    for size in (3, 1, 6):
        for work in (make_entry() for _ in range(size)):
            BallotFactory(poll=poll, entry=work)
        seal(poll)
    batches = list(Batch.objects.order_by("number"))
    assert [(one.number, one.first_leaf, one.size) for one in batches] == [
        (1, 0, 3),
        (2, 3, 1),
        (3, 4, 6),
    ]
    assert [one.root for one in batches] == [root_over(poll, end) for end in (3, 4, 10)]


@pytest.mark.django_db
def test_nothing_is_sealed_twice_and_nothing_when_there_is_nothing(poll, entry):
    assert seal(poll) is None
    BallotFactory(poll=poll, entry=entry)
    assert seal(poll).size == 1
    assert seal(poll) is None
    assert Batch.objects.count() == 1


@pytest.mark.django_db
def test_a_ballot_committed_late_with_a_lower_id_is_in_the_next_batch(poll, entry):
    late = BallotFactory(poll=poll, entry=entry)
    Ballot.objects.filter(pk=late.pk).delete()
    BallotFactory(poll=poll, entry=entry)
    seal(poll)
    BallotFactory(pk=late.pk, poll=poll, entry=entry)
    assert seal(poll).first_leaf == 1
    assert Ballot.objects.get(pk=late.pk).leaf == 1


@pytest.mark.django_db
def test_a_large_number_is_sealed_in_several_batches(poll, entry, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH_SIZE", 4)
    BallotFactory.create_batch(10, poll=poll, entry=entry)
    assert seal_all(poll) == 3
    sizes = Batch.objects.order_by("number").values_list("size", flat=True)
    assert list(sizes) == [4, 4, 2]
    assert Batch.objects.get(number=3).root == root_over(poll)


@pytest.mark.django_db
def test_a_seal_that_fails_half_way_leaves_nothing_and_can_be_done_again(poll, entry, monkeypatch):
    BallotFactory.create_batch(3, poll=poll, entry=entry)
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_place", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            seal(poll)
    poll.refresh_from_db()
    assert (Batch.objects.count(), poll.header) == (0, None)
    assert seal(poll).size == 3


@pytest.mark.django_db
def test_a_batch_younger_than_asked_for_is_the_last_one_for_now(poll, entry):
    minute = timedelta(minutes=1)
    BallotFactory(poll=poll, entry=entry)
    assert seal(poll, every=minute).number == 1
    BallotFactory(poll=poll, entry=entry)
    assert seal(poll, every=minute) is None
    Batch.objects.update(sealed_at=timezone.now() - minute)
    assert seal(poll, every=minute).number == 2


@pytest.mark.django_db
def test_the_rules_are_fixed_with_the_first_seal(poll, entry):
    before = rules_of(poll)
    assert before["votes_per_day"] == 3
    BallotFactory(poll=poll, entry=entry)
    seal(poll)
    poll.refresh_from_db()
    poll.votes_per_day = 99
    assert rules_of(poll) == poll.header == before


@pytest.mark.django_db
def test_ballots_of_another_poll_have_a_tree_of_their_own(poll, entry):
    BallotFactory(poll=poll, entry=entry)
    other = BallotFactory().poll
    seal(poll)
    assert seal(other).first_leaf == 0
    assert Ballot.objects.filter(leaf=0).count() == 2


@pytest.mark.django_db
def test_closing_seals_the_rest(poll, entry):
    BallotFactory.create_batch(2, poll=poll, entry=entry)
    close_poll(poll=poll, actor=UserFactory())
    assert not poll.ballots.filter(batch=None).exists()
    assert poll.header["edition"] == "2026"


# --- as it looks from outside -------------------------------------------------------------


def test_an_hour_is_that_of_the_ballots_day():
    moment = datetime.fromisoformat("2026-05-01T16:59:59.999999+00:00")
    assert hour_of(moment) == "2026-05-02T00:00+08:00"


@pytest.mark.django_db
def test_a_pseudonym_is_of_one_poll_and_one_key(poll):
    other = BallotFactory().poll
    assert pseudonym_of(poll, "v") == pseudonym_of(poll, "v")
    assert len({pseudonym_of(one, voter) for one in (poll, other) for voter in "vw"}) == 4
    assert len(pseudonym_of(poll, "v")) == 32


@pytest.mark.django_db
def test_each_ballot_has_a_proof_that_a_stranger_can_check(poll, make_entry, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH_SIZE", 4)
    ballots = [BallotFactory(poll=poll, entry=make_entry()) for _ in range(11)]
    assert proof_for(poll, ballots[0]) is None  # not sealed yet
    seal_all(poll)
    for cast in ballots:
        ballot = find_ballot(poll, receipt_of(cast).lower())
        assert ballot == cast
        proof = proof_for(poll, ballot)
        root = Batch.objects.get(number=proof["batch"]).root
        assert check_proof(proof, receipt=receipt_of(cast), root=root) == ""
    other = receipt_of(ballots[0])
    assert check_proof(proof, receipt=other) == "The proof is of another receipt."


@pytest.mark.django_db
def test_without_the_key_there_is_no_proof(poll, entry):
    ballot = BallotFactory(poll=poll, entry=entry)
    seal(poll)
    ballot.refresh_from_db()
    poll.pseudonym_key = ""
    assert proof_for(poll, ballot) is None


@pytest.mark.django_db
def test_a_wrong_secret_another_poll_and_no_ballot_are_all_nothing(poll, entry):
    ballot = BallotFactory(poll=poll, entry=entry)
    wrong = receipt_text(ballot.pk, "0" * 20)
    missing = receipt_text(ballot.pk + 1, ballot.secret)
    assert [find_ballot(poll, text) for text in (wrong, missing)] == [None, None]
    assert find_ballot(BallotFactory().poll, receipt_of(ballot)) is None
    with pytest.raises(ValueError, match="not a receipt"):
        find_ballot(poll, "hello")


# --- at once ------------------------------------------------------------------------------

VOTERS = 8
VOTES_EACH = 20


def seal_while_votes_come_in(poll, entry, seal_once):
    """Run eight threads that vote and two that seal until the votes are in; seal the rest."""
    votes_are_in = threading.Event()

    def vote(voter):
        try:
            for nth in range(VOTES_EACH):
                BallotFactory(poll=poll, entry=entry, voter=f"v{voter}-{nth}")
        finally:
            connection.close()

    def keep_sealing():
        try:
            while not votes_are_in.wait(0.05):  # SQLite's one lock is not fair
                seal_once(poll)
        finally:
            connection.close()

    with ThreadPoolExecutor(VOTERS + 2) as pool:
        sealers = [pool.submit(keep_sealing) for _ in range(2)]
        voters = [pool.submit(vote, voter) for voter in range(VOTERS)]
        for done in voters:
            done.exception()
        votes_are_in.set()
        for done in [*voters, *sealers]:
            done.result()
    seal_all(poll)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_votes_that_come_in_while_two_seal_are_sealed_once_each(poll, entry):
    seal_while_votes_come_in(poll, entry, seal)
    leaves = Ballot.objects.order_by("leaf").values_list("leaf", flat=True)
    assert list(leaves) == list(range(VOTERS * VOTES_EACH))
    batches = list(Batch.objects.order_by("number"))
    assert [one.first_leaf for one in batches] == [
        sum(earlier.size for earlier in batches[:n]) for n in range(len(batches))
    ]
    assert batches[-1].root == root_over(poll)
    for one in batches:
        leaves = poll.ballots.filter(batch=one).order_by("leaf").values_list("leaf", flat=True)
        assert list(leaves) == list(range(one.first_leaf, one.first_leaf + one.size))
    assert len(batches) > 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_sealing_by_the_highest_id_would_lose_what_is_committed_late(poll, entry):
    """The usual way, "ids above the last one", and what it does to a vote still under way."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: ids are committed in order")
    is_inserted, may_commit = threading.Event(), threading.Event()

    def slow_vote():
        try:
            with transaction.atomic():
                BallotFactory(poll=poll, entry=entry)
                is_inserted.set()
                may_commit.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(slow_vote)
        is_inserted.wait(60)
        BallotFactory(poll=poll, entry=entry)
        seal(poll)
        may_commit.set()
        slow.result()
    highest = Ballot.objects.filter(leaf=0).get().pk
    assert not Ballot.objects.filter(pk__gt=highest).exists()  # the usual way sees nothing more
    assert seal(poll).size == 1  # ours does

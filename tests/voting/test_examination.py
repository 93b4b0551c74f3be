"""The rules are applied to all evidence: every ten minutes, and once after the close."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from competition.judging.queries import latest_standings
from media_processing.signals import worker_swept
from tests.factories import BallotFactory, EvidenceFactory, PhaseFactory, UserFactory, close_phase
from voting import antifraud, examination
from voting.antifraud import Suspicion, Vote
from voting.examination import examine_open_polls, examine_poll, polls_to_examine, votes
from voting.models import Ballot, Poll
from voting.services import PollRefused, close_poll

pytestmark = pytest.mark.django_db


@pytest.fixture
def ballots(poll, entry):
    made = BallotFactory.create_batch(3, poll=poll, entry=entry)
    for ballot in made:
        EvidenceFactory(ballot=ballot, address=f"{ballot.pk:032x}")
    return made


@pytest.fixture
def finds_the_first_two(monkeypatch):
    """In place of the rules: the first two votes are suspicious; `.seen`: what they were given."""

    def assess(some, rules=None):
        assess.seen.append(list(some))
        return [Suspicion("burst", "k", tuple(vote.id for vote in some[:2]), {})]

    assess.seen = []
    monkeypatch.setattr(antifraud, "assess", assess)
    return assess


def test_the_rules_get_each_ballot_with_its_evidence_void_ones_too(poll, entry, ballots):
    Ballot.objects.filter(pk=ballots[0].pk).update(status=2, code="organiser", void_reason="r")
    BallotFactory(poll=poll, entry=entry)  # without evidence
    EvidenceFactory()  # of another poll
    ballot = ballots[0]
    assert [vote.id for vote in votes(poll)] == [one.pk for one in ballots]
    assert next(votes(poll)) == Vote(
        id=ballot.pk,
        entry=entry.pk,
        voter=ballot.voter,
        at=ballot.cast_at.timestamp(),
        address=f"{ballot.pk:032x}",
        network="b" * 32,
        device="c" * 32,
        referrer="here",
        saw_gallery=True,
        voter_since=ballot.evidence.voter_since.timestamp(),
    )


def test_reading_is_one_query_however_many_there_are(poll, ballots, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(list(votes(poll))) == 3


def test_what_is_found_is_set_aside_and_logged(poll, ballots, finds_the_first_two):
    actor = UserFactory()
    assert examine_poll(poll, actor) == (1, 2)
    assert Ballot.objects.filter(status=1, code="burst").count() == 2
    line = ModelLogEntry.objects.get(action="voting.poll.examine")
    assert (line.user, line.data) == (actor, {"clusters": 1, "ballots": 2})


def test_the_real_rules_find_nothing_in_a_quiet_poll(poll, ballots):
    assert examine_poll(poll) == (0, 0)
    assert not ModelLogEntry.objects.filter(action="voting.poll.examine").exists()


def test_after_the_close_the_standings_are_frozen_anew(poll, ballots, finds_the_first_two):
    close_poll(poll=poll, actor=UserFactory())
    examine_poll(Poll.objects.get())
    standings = latest_standings(poll.edition, "public")
    assert (standings.version, standings.standings.get().readings) == (2, 1)
    examine_poll(Poll.objects.get())
    assert latest_standings(poll.edition, "public").version == 2


def test_where_the_evidence_is_erased_it_is_refused_in_words(poll, ballots, finds_the_first_two):
    Poll.objects.update(pseudonym_key="")
    with pytest.raises(PollRefused):
        examine_poll(Poll.objects.get())
    assert finds_the_first_two.seen == []


# --- when -------------------------------------------------------------------------------------


def examined(**ago):
    Poll.objects.update(examined_at=timezone.now() - timedelta(**ago))
    return bool(polls_to_examine())


def test_an_open_poll_is_due_every_ten_minutes(poll):
    assert polls_to_examine() == [poll]
    assert (examined(minutes=9), examined(minutes=11)) == (False, True)


def test_a_poll_whose_vote_has_not_begun_is_not_due(poll):
    poll.edition.phases.all().delete()
    assert polls_to_examine() == []
    soon = timezone.now() + timedelta(days=1)
    PhaseFactory(
        edition=poll.edition, kind="voting", opens_at=soon, closes_at=soon + timedelta(days=1)
    )
    PhaseFactory(edition=poll.edition, kind="judging")
    assert polls_to_examine() == []


def test_a_closed_poll_is_due_once_after_its_close(poll):
    close_phase(poll.edition, "voting")
    close_poll(poll=poll, actor=None)
    assert examined(minutes=1) is True
    examine_poll(Poll.objects.get())
    assert polls_to_examine() == []
    assert examined(days=-1) is False


def test_votes_that_came_while_the_rules_were_at_work_are_not_taken_for_examined(poll, monkeypatch):
    def assess(some):
        closing = Poll.objects.get()
        close_poll(poll=closing, actor=UserFactory())
        return []

    monkeypatch.setattr(antifraud, "assess", assess)
    examine_poll(poll)
    assert polls_to_examine() == [poll]


def test_the_worker_examines_what_is_due_once(poll, ballots, finds_the_first_two):
    worker_swept.send(None)
    worker_swept.send(None)
    assert len(finds_the_first_two.seen) == 1
    assert Ballot.objects.filter(status=1).count() == 2


def test_a_poll_that_another_worker_examines_is_left_to_it(poll, ballots, finds_the_first_two):
    examination.cache.add(f"voting.examination.{poll.pk}", 1)
    examine_open_polls()
    assert finds_the_first_two.seen == []


def test_a_failure_is_logged_and_stops_neither_the_worker_nor_the_other_polls(
    poll, ballots, monkeypatch, caplog
):
    tries = []

    def fails(some):
        tries.append(1)
        raise ValueError("broken rule")

    monkeypatch.setattr(antifraud, "assess", fails)
    examine_open_polls()
    examine_open_polls()
    assert len(tries) == 1  # the next try comes when the lease has ended
    assert "could not be examined" in caplog.text

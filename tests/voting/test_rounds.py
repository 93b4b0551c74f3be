"""The clock seals and closes; nobody has to be there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from competition.judging.queries import latest_standings
from media_processing.signals import worker_swept
from tests.factories import BallotFactory, PollFactory, close_phase, open_phase
from voting import antifraud
from voting.models import Batch
from voting.rounds import GRACE, make_rounds

pytestmark = pytest.mark.django_db


def ends(poll, at):
    poll.edition.phases.filter(kind="voting").update(closes_at=at)


def test_while_a_poll_is_open_its_ballots_are_sealed_once_a_minute(poll, entry):
    BallotFactory(poll=poll, entry=entry)
    worker_swept.send(None)
    BallotFactory(poll=poll, entry=entry)
    worker_swept.send(None)
    assert Batch.objects.get().size == 1
    Batch.objects.update(sealed_at=timezone.now() - timedelta(minutes=1))
    worker_swept.send(None)
    assert Batch.objects.count() == 2


def test_a_poll_closes_when_its_time_is_over_and_the_grace_too(poll, entry):
    BallotFactory(poll=poll, entry=entry)
    now = timezone.now()
    ends(poll, now)
    make_rounds(now + GRACE - timedelta(seconds=1))
    poll.refresh_from_db()
    assert poll.closed_at is None
    make_rounds(now + GRACE)
    poll.refresh_from_db()
    assert poll.closed_at is not None
    assert not poll.ballots.filter(batch=None).exists()
    assert latest_standings(poll.edition, "public").standings.get().readings == 1


def test_a_closed_poll_is_left_alone(poll, entry):
    ends(poll, timezone.now() - GRACE)
    worker_swept.send(None)
    worker_swept.send(None)
    assert latest_standings(poll.edition, "public").version == 1


def test_neither_a_vote_to_come_nor_one_without_a_phase_is_touched(poll, entry):
    poll.edition.phases.all().delete()
    close_phase(poll.edition, "judging")
    other = PollFactory()
    open_phase(other.edition, "call")
    worker_swept.send(None)
    poll.refresh_from_db()
    assert poll.closed_at is None
    assert not Batch.objects.exists()


def test_what_is_suspicious_is_set_aside_before_the_votes_are_counted(poll, entry, monkeypatch):
    honest, bought = BallotFactory.create_batch(2, poll=poll, entry=entry)
    found = antifraud.Suspicion("burst", "key", (bought.pk,), {})
    monkeypatch.setattr(antifraud, "assess", lambda votes: [found])
    now = timezone.now()
    ends(poll, now)
    make_rounds(now + GRACE)
    standings = latest_standings(poll.edition, "public")
    assert standings.version == 1
    assert standings.standings.get().readings == 1
    honest.refresh_from_db()
    assert honest.status == 0


def test_a_poll_that_cannot_be_examined_closes_all_the_same(poll, entry, monkeypatch, caplog):
    def fail(votes):
        raise ArithmeticError

    BallotFactory(poll=poll, entry=entry)
    monkeypatch.setattr(antifraud, "assess", fail)
    now = timezone.now()
    ends(poll, now)
    make_rounds(now + GRACE)
    assert latest_standings(poll.edition, "public").standings.get().readings == 1
    assert "could not be examined" in caplog.text

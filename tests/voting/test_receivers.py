"""A copied edition has a poll with the same limits, and nobody's votes."""

from datetime import timedelta

import pytest

from competition.editions.services import copy_edition
from tests.factories import EditionFactory, UserFactory, VoterFactory
from voting.models import Poll
from voting.services import cast_ballot, close_poll

pytestmark = pytest.mark.django_db


def copied(edition):
    return copy_edition(
        edition=edition, slug="next", title="下一届", shift=timedelta(days=365), actor=None
    )


def test_the_poll_is_copied_open_and_empty(poll, entry):
    poll.shows_totals = True
    poll.save()
    cast_ballot(poll=poll, entry=entry, voter=VoterFactory())
    close_poll(poll=poll, actor=UserFactory())
    copy = copied(poll.edition)
    assert (copy.poll.votes_per_day, copy.poll.shows_totals, copy.poll.closed_at) == (3, True, None)
    assert list(copy.poll.sections.all()) == list(copy.sections.all())
    assert not copy.poll.ballots.exists()


def test_an_edition_without_a_poll_is_copied_without_one(db):
    copied(EditionFactory())
    assert not Poll.objects.exists()

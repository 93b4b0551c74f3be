"""The crowd casts as many votes as asked for, some bought, each acceptable and none by chance."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.rehearsal.crowd import COOKIES, VOTES_A_BATCH, Crowd
from portal.rehearsal.size import Size
from tests.factories import EntryFactory, PollFactory

pytestmark = pytest.mark.django_db
SIZE = Size(3, 8, 30, 3, 6, 1300, 12, 1)


@pytest.fixture
def crowd():
    works = [EntryFactory.build(pk=pk) for pk in range(1, 9)]
    closes = timezone.now()
    return Crowd(PollFactory(), SIZE, works, closes - timedelta(days=14), closes)


def votes_of(crowd):
    return [vote for number in range(crowd.batches) for vote in crowd.batch(number)]


def test_all_votes_together_are_as_many_as_asked_for(crowd):
    assert [len(crowd.batch(number)) for number in range(crowd.batches)] == [
        VOTES_A_BATCH,
        VOTES_A_BATCH,
        100,
    ]
    few = replace(crowd, size=replace(SIZE, votes=1))
    assert len(votes_of(few)) == 1


def test_a_batch_is_the_same_whenever_it_is_made_again(crowd):
    assert crowd.batch(1) == crowd.batch(1)
    assert crowd.batch(1) != crowd.batch(0)


def test_nobody_votes_twice_for_a_work_or_too_often_on_a_day(crowd):
    keys = Counter(
        (vote.voter.key, vote.entry.pk, timezone.localdate(vote.at)) for vote in votes_of(crowd)
    )
    assert set(keys.values()) == {1}
    days = Counter((key, day) for key, _entry, day in keys)
    assert max(days.values()) <= 10


def test_every_vote_is_in_the_window_and_some_are_bought(crowd):
    votes = votes_of(crowd)
    assert all(crowd.opens_at <= vote.at < crowd.closes_at for vote in votes)
    assert sum(not vote.facts.saw_gallery for vote in votes) == COOKIES

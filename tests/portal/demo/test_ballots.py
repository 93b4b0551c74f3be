"""The demo's vote is one that can be looked into: fraud in it is found, and it is proved."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.demo.ballots import (
    COOKIES,
    bought_votes,
    cast_and_seal,
    honest_vote,
    review,
)
from portal.demo.summary import count_everything
from tests.factories import EntryFactory, PollFactory, SectionFactory, UserFactory, close_phase
from tests.storages import copied
from voting.examination import examine_poll
from voting.ledger.verify import verify
from voting.models import Ballot, Batch
from voting.publishing import publish_ledger
from voting.services import close_poll

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll():
    """A poll of eight days that ended yesterday."""
    section = SectionFactory()
    close_phase(section.edition, "voting")
    poll = PollFactory(edition=section.edition)
    poll.sections.add(section)
    return poll


@pytest.fixture
def casts(poll):
    """Two hundred votes of people for two works, and those that were bought for a third."""
    *works, bought = [EntryFactory(section=poll.sections.get(), state="admitted") for _ in range(3)]
    begins = poll.edition.phases.get().opens_at
    votes = bought_votes(poll, bought, begins + timedelta(days=3))
    for n in range(200):
        votes.append(honest_vote(poll, n, works[n % 2], begins + n * timedelta(minutes=57)))
    return cast_and_seal(poll, votes)


def test_each_day_is_sealed_in_a_batch_of_that_day(poll, casts):
    batches = Batch.objects.order_by("number")
    days = [timezone.localdate(batch.sealed_at) for batch in batches]
    assert days == sorted({*Ballot.objects.values_list("day", flat=True)})
    assert sum(batch.size for batch in batches) == len(casts) == 200 + COOKIES


def test_the_rules_find_what_was_bought_and_nothing_else(poll, casts):
    assert examine_poll(poll)[1] == COOKIES
    works = poll.ballots.filter(status=Ballot.Status.QUARANTINED).values_list("entry").distinct()
    assert works.count() == 1


def test_a_person_decides_and_the_ledger_is_published_and_proved(poll, casts, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    organiser = UserFactory()
    review(poll, [cast.receipt for cast in casts[:3]], organiser)
    decisions = Counter(poll.clusters.values_list("decision", flat=True))
    assert decisions["restored"] == 1
    assert decisions[""] == 0
    close_poll(poll=poll, actor=None)
    ledger = publish_ledger(poll=poll, actor=organiser)
    file = copied(ledger.file.storage, ledger.file.name, tmp_path)
    assert verify(file, root=ledger.root).problems == []
    counts = count_everything(1.0)
    assert counts["ballots"] == {"counted": 200, "void": COOKIES}
    assert counts["ledger"] == {"root": ledger.root, "verify_poll": "OK"}

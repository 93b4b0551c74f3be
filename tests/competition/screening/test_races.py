"""Many managers at once: the quota holds, a work is decided once, a card is one card."""

import threading

import pytest
from django.db import IntegrityError, transaction

from competition.entries.models import Entry
from competition.entries.services import submit_entry
from competition.screening.models import Forwarding, ScreeningCard
from competition.screening.queries import first_free_place, places_in
from competition.screening.services import decline_entry, forward_entry, save_card
from tests.competition.entries.test_races import at_once
from tests.competition.entries.worlds import World
from tests.factories import MembershipFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    """One place is left."""
    world = World()
    world.section.forwarded_per_association = 2
    world.section.save()
    forward_entry(entry=world.entry("submitted"), user=world.manager)
    return world


def test_two_managers_at_the_quota_minus_one_leave_one_through(world):
    second = MembershipFactory(organisation=world.association).user
    works = [(world.entry("submitted"), user) for user in (world.manager, second) * 3]
    calls = [lambda e=entry, u=user: forward_entry(entry=e, user=u) for entry, user in works]
    assert at_once(calls) == 1
    assert Entry.objects.filter(state="forwarded").count() == 2
    assert Forwarding.objects.count() == 2


def overrun(world, write):
    """Look first, all together, then write: what a service without its lock would do."""
    works = [world.entry("submitted") for _ in range(4)]
    have_looked = threading.Barrier(4, timeout=60)

    def naive(entry):
        left = places_in(world.association, world.section).left
        place = first_free_place(world.association, world.section)
        have_looked.wait()
        if left:
            write(entry, place)

    return at_once([lambda e=entry: naive(e) for entry in works])


def test_without_lock_and_places_the_quota_is_overrun(world):
    """The control."""
    overrun(
        world, lambda entry, _place: Entry.objects.filter(pk=entry.pk).update(state="forwarded")
    )
    assert Entry.objects.filter(state="forwarded").count() == 5


def test_without_the_lock_the_numbered_place_still_goes_to_one(world):
    """The last guard: the database's own."""

    def write(entry, place):
        row = {"section": world.section, "association": world.association, "place": place}
        try:
            with transaction.atomic():
                Forwarding.objects.create(entry=entry, **row)
        except IntegrityError:
            return
        Entry.objects.filter(pk=entry.pk).update(state="forwarded")

    overrun(world, write)
    assert Entry.objects.filter(state="forwarded").count() == Forwarding.objects.count() == 2


def test_two_screeners_decide_once(world):
    entry = world.submitted()
    user = world.manager
    calls = [lambda: forward_entry(entry=Entry.objects.get(pk=entry.pk), user=user)] * 3
    calls += [
        lambda: decline_entry(entry=Entry.objects.get(pk=entry.pk), user=user, reason="r")
    ] * 3
    # not_forwarded -> forwarded is a second thought the table allows, so at most two.
    assert 1 <= at_once(calls) <= 2
    entry.refresh_from_db()
    assert entry.state in {"forwarded", "not_forwarded"}


def test_scores_sent_at_once_are_one_card(world):
    revision = world.submitted().revisions.get()
    user = world.manager
    calls = [lambda: save_card(revision=revision, screener=user, actor=user, scores={})] * 5
    assert at_once(calls) == 5
    assert ScreeningCard.objects.count() == 1


def test_a_work_that_is_revised_at_the_same_time_is_not_decided_on_unseen(world):
    """Whoever is first: what is forwarded is what the manager saw."""
    entry = world.submitted()
    seen = entry.revisions.get()
    Entry.objects.filter(pk=entry.pk).update(state="returned")
    entry.refresh_from_db()
    calls = [
        lambda: submit_entry(entry=entry, user=world.entrant, accepts_rights=True),
        lambda: forward_entry(entry=entry, user=world.manager, seen=seen.pk),
    ]
    assert at_once(calls) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.revisions.count()) == ("submitted", 2)

"""What an association may forward: section defaults, exceptions, places given and given back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from wagtail.log_actions import registry

from competition.editions.services import copy_edition
from competition.entries.services import (
    EntryRefused,
    admit_entry,
    reject_entry,
    withdraw_entry,
)
from competition.screening.checks import foresee
from competition.screening.models import Forwarding, ForwardingQuota
from competition.screening.queries import criteria_of, first_gap, places_of
from competition.screening.services import forward_entry, set_criteria, set_quotas
from tests.competition.entries.worlds import World
from tests.factories import CompanyFactory, SectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    world.section.forwarded_per_association = 2
    world.section.save()
    return world


def forwarded(world, **fields):
    return forward_entry(entry=world.entry("submitted", **fields), user=world.manager)


def left(world):
    (places,) = places_of(world.association, world.edition)
    return places.left


def test_forwarding_counts_down_to_a_refusal_that_says_why(world):
    assert left(world) == 2
    forwarded(world), forwarded(world, organisation=world.association)
    assert left(world) == 0
    with pytest.raises(EntryRefused, match="2") as refusal:
        forwarded(world)
    assert len(refusal.value.messages) == 1
    assert Forwarding.objects.count() == 2


def test_admission_and_rejection_keep_the_place_and_withdrawal_gives_it_back(world):
    admitted, rejected = forwarded(world), forwarded(world)
    admit_entry(entry=admitted, user=world.organiser)
    reject_entry(entry=rejected, user=world.organiser, reason="r")
    assert left(world) == 0
    Forwarding.objects.all().delete()
    first, second = forwarded(world), forwarded(world)
    withdraw_entry(entry=first, user=world.entrant)
    assert left(world) == 1
    third = forwarded(world)
    assert list(Forwarding.objects.order_by("place").values_list("entry", "place")) == [
        (third.pk, 1),
        (second.pk, 2),
    ]


def test_an_associations_exception_counts_instead_of_the_sections_default(world):
    quotas = {(world.association.pk, world.section.pk): 1}
    assert set_quotas(edition=world.edition, actor=world.organiser, quotas=quotas) == 1
    assert set_quotas(edition=world.edition, actor=world.organiser, quotas=quotas) == 0
    assert left(world) == 1
    (line,) = registry.get_logs_for_instance(world.association)
    assert (line.action, line.data["before"], line.data["after"]) == (
        "competition.screening.quota",
        None,
        1,
    )
    quotas = {(world.association.pk, world.section.pk): None}
    set_quotas(edition=world.edition, actor=world.organiser, quotas=quotas)
    assert not ForwardingQuota.objects.exists()


def test_a_quota_below_what_was_forwarded_lets_nothing_more_through(world):
    first = forwarded(world)
    forwarded(world)
    world.section.forwarded_per_association = 1
    world.section.save()
    withdraw_entry(entry=first, user=world.entrant)  # place 1 is free, the quota is full
    with pytest.raises(EntryRefused):
        forwarded(world)


def test_other_associations_other_sections_and_zero_do_not_count(world):
    forwarded(world), forwarded(world)
    other = World(section=world.section)
    forwarded(other)
    free = SectionFactory(edition=world.edition)
    for _ in range(3):
        forwarded(world, section=free)
    assert [places.left for places in places_of(world.association, world.edition)] == [0, None]


def test_the_database_refuses_a_place_twice(world):
    place = Forwarding.objects.get(entry=forwarded(world))
    with pytest.raises(IntegrityError), transaction.atomic():
        Forwarding.objects.create(
            entry=world.entry("submitted"),
            section=place.section,
            association=place.association,
            place=place.place,
        )


def test_the_preview_says_what_goes_and_what_stays(world):
    works = [world.entry(state) for state in ("submitted", "admitted", "submitted", "submitted")]
    plan = foresee("forward", works, places_of(world.association, world.edition))
    assert [entry for entry, problem in plan if not problem] == [works[0], works[2]]
    assert "2" not in plan[1][1]
    declined = foresee("decline", works, places_of(world.association, world.edition))
    assert [bool(problem) for _entry, problem in declined] == [False, True, False, False]


def test_a_company_of_no_association_is_forwarded_by_nobody(world):
    lonely = world.entry("submitted", organisation=CompanyFactory(association=None))
    with pytest.raises(EntryRefused):
        forward_entry(entry=lonely, user=world.manager)


def test_next_years_edition_has_the_same_quotas_and_own_criteria_and_nothing_forwarded(world):
    set_quotas(
        edition=world.edition,
        actor=world.organiser,
        quotas={(world.association.pk, world.section.pk): 5},
    )
    set_criteria(
        association=world.association,
        edition=world.edition,
        actor=world.manager,
        criteria=[{"title": "安全", "weight": 3}],
    )
    forwarded(world)
    copy = copy_edition(
        edition=world.edition,
        slug="next",
        title="下届",
        shift=timedelta(days=365),
        actor=world.organiser,
    )
    (places,) = places_of(world.association, copy)
    assert (places.section.edition, places.limit, places.taken) == (copy, 5, 0)
    assert [str(one) for one in criteria_of(world.association, copy)] == ["安全"]


@pytest.mark.parametrize(("numbers", "gap"), [([], 1), ([1, 2, 3], 4), ([2], 1), ([1, 3, 4], 2)])
def test_the_first_free_place_is_the_first_gap(numbers, gap):
    assert first_gap(numbers) == gap

"""The organiser sees where every association stands, and gives quotas in one table."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from competition.screening.models import ForwardingQuota
from competition.screening.services import forward_entry, save_card
from tests.competition.entries.worlds import World
from tests.factories import AssociationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    world.section.forwarded_per_association = 3
    world.section.save()
    return world


def url_of(world):
    return reverse("competition_forwarding", args=[world.edition.pk])


def cell_of(client, world):
    (cell,) = next(
        [cell for cell, _field in cells]
        for line, cells in client.get(url_of(world)).context["rows"]
        if line.association == world.association
    )
    return cell


def test_the_table_counts_what_is_forwarded_waiting_and_not_looked_at(organiser, world):
    looked_at = world.submitted()
    own = world.entry("submitted", number="P-9", organisation=world.association)
    save_card(
        revision=looked_at.revisions.get(), screener=world.manager, actor=world.manager, scores={}
    )
    forward_entry(entry=own, user=world.manager)
    world.entry("submitted", number="P-8")
    world.entry("returned", number="P-7")
    cell = cell_of(organiser, world)
    assert (cell.limit, cell.forwarded, cell.waiting, cell.not_looked_at) == (3, 1, 2, 1)


def test_a_number_is_an_exception_and_emptying_it_takes_it_back(organiser, world):
    name = f"places-{world.association.pk}-{world.section.pk}"
    organiser.post(url_of(world), {name: "7"})
    assert ForwardingQuota.objects.get().places == 7
    assert cell_of(organiser, world).limit == 7
    refused = organiser.post(url_of(world), {name: "-1"})
    assert refused.status_code == 200
    organiser.post(url_of(world), {name: ""})
    assert not ForwardingQuota.objects.exists()


def test_the_table_asks_as_often_for_many_associations(organiser, world):
    url = url_of(world)
    organiser.get(url)
    with CaptureQueriesContext(connection) as one:
        organiser.get(url)
    AssociationFactory.create_batch(62)
    with CaptureQueriesContext(connection) as many:
        assert organiser.get(url).status_code == 200
    assert len(many) == len(one)


def test_nobody_but_the_organiser_sees_or_sets_quotas(manager, judge, entrant, world):
    name = f"places-{world.association.pk}-{world.section.pk}"
    for client in (manager, judge, entrant):
        assert client.get(url_of(world)).status_code in (302, 403, 404)
        client.post(url_of(world), {name: "7"})
    assert not ForwardingQuota.objects.exists()

"""Who may screen and who may admit."""

import pytest

from competition.entries.services import EntryRefused
from competition.entries.services import return_entry as return_by_organiser
from competition.screening.queries import works_to_score
from competition.screening.services import decline_entry, forward_entry, return_for_revision
from tests.factories import CompanyFactory, MembershipFactory, close_phase

pytestmark = pytest.mark.django_db


def test_an_associations_manager_screens_its_companies_and_its_own_works(world):
    own = world.entry("submitted", organisation=world.association)
    of_company = world.entry("forwarded")
    world.draft()
    world.entry("submitted", organisation=CompanyFactory(association=None))
    world.entry("submitted", organisation=CompanyFactory())
    assert set(works_to_score(world.manager)) == {own, of_company}
    forward_entry(entry=own, user=world.manager)
    assert own.state == "forwarded"


def test_who_only_contributes_to_the_association_sees_and_does_not_decide(world):
    contributor = MembershipFactory(organisation=world.association, role="contributor").user
    entry = world.entry("submitted")
    assert list(works_to_score(contributor)) == [entry]
    with pytest.raises(EntryRefused):
        forward_entry(entry=entry, user=contributor)


@pytest.mark.parametrize("who", ["entrant", "stranger", "organiser"])
def test_nobody_else_forwards_or_declines(world, who):
    entry = world.entry("submitted")
    for verb in (lambda **k: forward_entry(**k), lambda **k: decline_entry(reason="r", **k)):
        with pytest.raises(EntryRefused):
            verb(entry=entry, user=getattr(world, who))
    entry.refresh_from_db()
    assert entry.state == "submitted"


@pytest.mark.parametrize("verb", [return_for_revision, decline_entry])
def test_an_entrant_is_told_why(world, verb):
    entry = world.entry("submitted")
    with pytest.raises(EntryRefused):
        verb(entry=entry, user=world.manager, reason=" ")
    verb(entry=entry, user=world.manager, reason="画面过暗")
    assert entry.advice == "画面过暗"


def test_a_second_decision_meets_the_first(world):
    entry = world.entry("submitted")
    stale = type(entry).objects.get(pk=entry.pk)
    forward_entry(entry=entry, user=world.manager)
    with pytest.raises(EntryRefused):
        decline_entry(entry=stale, user=world.manager, reason="r")
    entry.refresh_from_db()
    assert entry.state == "forwarded"


def test_the_organiser_returns_only_while_the_entrant_can_act(world):
    entry = world.entry("submitted")
    for kind in ("call", "screening"):
        close_phase(world.edition, kind)
    with pytest.raises(EntryRefused):
        return_by_organiser(entry=entry, user=world.organiser, reason="r")

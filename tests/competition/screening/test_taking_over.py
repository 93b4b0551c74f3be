"""Two associations become one, though one of them has screened already."""

import pytest
from django.urls import reverse

from competition.entries.merging import merge_organisations
from competition.organisations.checks import OrganisationRefused
from competition.screening.models import Forwarding, ForwardingQuota, Meeting, ScreeningCriterion
from competition.screening.queries import criteria_of, latest_revision, places_in
from competition.screening.services import forward_entry, save_card
from portal.permissions import set_group_permissions
from tests.admin.conftest import sign_in
from tests.competition.entries.worlds import World
from tests.factories import AssociationFactory, CriterionFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _criterion(world):
    CriterionFactory(edition=world.edition, code="theme")


@pytest.fixture
def kept(world):
    """The other row of the same association, whose companies have forwarded one work."""
    other = World(section=world.section)
    forward_entry(entry=other.entry("submitted"), user=other.manager)
    return other


def merge(world, kept):
    merge_organisations(kept=kept.association, gone=world.association, user=world.organiser)


def score(world, code="theme"):
    revision = latest_revision(world.submitted())
    who = world.manager
    return save_card(revision=revision, screener=who, actor=who, scores={code: 8})


def places(association):
    rows = Forwarding.objects.filter(association=association).order_by("place")
    return list(rows.values_list("place", flat=True))


def test_forwarded_works_keep_a_place_of_their_own(world, kept):
    for _ in range(2):
        forward_entry(entry=world.entry("submitted"), user=world.manager)
    merge(world, kept)
    assert places(kept.association) == [1, 2, 3]
    assert places_in(kept.association, world.section).taken == 3


def test_the_quota_of_the_one_that_stays_is_not_passed(world, kept):
    world.section.forwarded_per_association = 2
    world.section.save()
    quota = ForwardingQuota(section=world.section, association=world.association, places=9)
    quota.save()
    for _ in range(2):
        forward_entry(entry=world.entry("submitted"), user=world.manager)
    with pytest.raises(OrganisationRefused):
        merge(world, kept)
    assert (places(world.association), places(kept.association)) == ([1, 2], [1])
    quota.pk = None
    quota.association = kept.association
    quota.places = 3
    quota.save()
    merge(world, kept)
    assert places(kept.association) == [1, 2, 3]
    assert list(ForwardingQuota.objects.all()) == [quota]


def test_cards_by_the_editions_criteria_stay_and_are_read_as_before(world, kept):
    card = score(world)
    merge(world, kept)
    card.refresh_from_db()
    assert card.screener == world.manager
    codes = {one.code for one in criteria_of(kept.association, world.edition)}
    assert {one.criterion for one in card.scores.all()} == codes


def test_criteria_of_ones_own_come_along_where_the_other_has_scored_nothing(world, kept):
    own = ScreeningCriterion.objects.create(
        association=world.association, edition=world.edition, title="地方特色"
    )
    score(world, own.code)
    merge(world, kept)
    assert criteria_of(kept.association, world.edition) == [own]


def test_two_ways_of_scoring_are_not_mixed(world, kept):
    own = ScreeningCriterion.objects.create(
        association=world.association, edition=world.edition, title="地方特色"
    )
    score(world, own.code)
    score(kept)
    with pytest.raises(OrganisationRefused):
        merge(world, kept)
    own.refresh_from_db()
    assert own.association == world.association


def test_criteria_that_nobody_scored_by_go_with_the_row(world, kept):
    ScreeningCriterion.objects.create(
        association=world.association, edition=world.edition, title="地方特色"
    )
    Meeting.objects.create(association=world.association, edition=world.edition)
    merge(world, kept)
    assert not ScreeningCriterion.objects.exists()
    assert not Meeting.objects.exists()


def test_the_organiser_merges_such_a_pair_on_the_page(world, kept):
    set_group_permissions()
    forward_entry(entry=world.entry("submitted"), user=world.manager)
    pair = [world.association.pk, kept.association.pk]
    desk = sign_in("Organisers")
    desk.post(reverse("competition_organisation_merge_into", args=pair))
    assert places(kept.association) == [1, 2]


def test_an_association_that_did_nothing_is_merged_as_before(kept):
    gone = AssociationFactory()
    MembershipFactory(organisation=gone)
    merge_organisations(kept=kept.association, gone=gone, user=kept.organiser)
    assert places(kept.association) == [1]

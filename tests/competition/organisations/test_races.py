"""Many at once: the last manager stays, and an invitation is good once."""

import threading
from functools import partial

import pytest

from competition.entries.checks import EntryRefused
from competition.entries.merging import merge_organisations
from competition.entries.models import Entry
from competition.entries.services import submit_entry
from competition.organisations.checks import OrganisationRefused
from competition.organisations.invitations import accept_invitation
from competition.organisations.members import change_role, leave_organisation, remove_member
from competition.organisations.models import Invitation, Membership, Organisation
from competition.screening.models import Forwarding
from competition.screening.services import forward_entry
from tests.competition.entries.test_races import at_once
from tests.competition.entries.worlds import World
from tests.competition.organisations.people import manager_of, organiser, roles_in
from tests.factories import CompanyFactory, EntryFactory, InvitationFactory, UserFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
together = partial(at_once, refusal=OrganisationRefused)


@pytest.fixture
def company():
    return CompanyFactory()


def managers(company):
    return list(Membership.objects.filter(organisation=company, role="manager"))


@pytest.mark.parametrize("way", ["leave", "demote", "remove each other"])
def test_of_four_managers_who_all_go_at_once_one_stays(company, way):
    people = [manager_of(company) for _ in range(4)]
    rows = managers(company)

    def go(n):
        own, others = rows[n], rows[(n + 1) % 4]
        if way == "leave":
            leave_organisation(organisation=company, user=people[n])
        elif way == "demote":
            change_role(membership=own, role="contributor", user=people[n])
        else:
            remove_member(membership=others, user=people[n])

    gone = together([lambda n=n: go(n) for n in range(4)])
    assert len(managers(company)) == 4 - gone >= 1


def test_without_the_lock_nobody_stays(company):
    """The control: looking first and writing later lets both go."""
    people = [manager_of(company) for _ in range(2)]
    have_looked = threading.Barrier(2, timeout=60)

    def naive(user):
        others = Membership.objects.filter(organisation=company, role="manager")
        may_go = others.exclude(user=user).exists()
        have_looked.wait()
        if may_go:
            Membership.objects.filter(organisation=company, user=user).delete()

    together([lambda user=user: naive(user) for user in people])
    assert managers(company) == []


def test_eight_who_accept_one_invitation_are_one_member(company):
    invitation = InvitationFactory(organisation=company)
    people = [UserFactory() for _ in range(8)]
    calls = [
        lambda user=user: accept_invitation(
            invitation=Invitation.objects.get(pk=invitation.pk), user=user
        )
        for user in people
    ]
    assert together(calls) == 1
    invitation.refresh_from_db()
    assert list(roles_in(company)) == [invitation.accepted_by]


def test_without_the_lock_an_invitation_is_good_for_all(company):
    """The control."""
    invitation, people = InvitationFactory(organisation=company), [UserFactory(), UserFactory()]
    have_looked = threading.Barrier(2, timeout=60)

    def naive(user):
        is_open = Invitation.objects.get(pk=invitation.pk).accepted_at is None
        have_looked.wait()
        if is_open:
            Membership.objects.create(organisation=company, user=user)

    assert together([lambda user=user: naive(user) for user in people]) == 2
    assert len(roles_in(company)) == 2


# --- merging ------------------------------------------------------------------------------


def test_two_rows_merged_into_each_other_at_once_leave_one():
    one, other = CompanyFactory(), CompanyFactory()
    works = [EntryFactory(organisation=row, state="submitted") for row in (one, other)]
    who = organiser()
    calls = [
        partial(merge_organisations, kept=kept, gone=gone, user=who)
        for kept, gone in [(one, other), (other, one)] * 2
    ]
    assert together(calls) == 1
    (left,) = Organisation.objects.filter(kind="company")
    assert set(left.entries.all()) == set(works)


def test_a_work_submitted_while_its_organisation_is_merged_is_submitted_and_moves():
    world = World()
    drafts = [world.draft() for _ in range(3)]
    kept = CompanyFactory(association=world.association)
    calls = [
        partial(submit_entry, entry=entry, user=world.entrant, accepts_rights=True)
        for entry in drafts
    ]
    merge = partial(merge_organisations, kept=kept, gone=world.company, user=world.organiser)
    assert at_once([*calls, merge], refusal=(EntryRefused, OrganisationRefused)) == 4
    states = kept.entries.order_by("pk").values_list("state", "number")
    assert {state for state, _number in states} == {"submitted"}
    assert len({number for _state, number in states}) == 3


def test_works_forwarded_while_their_associations_are_merged_keep_places_of_their_own():
    world = World()
    other = World(section=world.section)
    works = [(one.entry("submitted"), one.manager) for one in (world, other) * 2]
    calls = [partial(forward_entry, entry=entry, user=user) for entry, user in works]
    merge = partial(
        merge_organisations,
        kept=other.association,
        gone=world.association,
        user=world.organiser,
    )
    refused = (EntryRefused, OrganisationRefused)
    done = at_once([*calls, merge], refusal=refused)
    forwarded = Entry.objects.filter(state="forwarded").count()
    assert done - 1 == forwarded == Forwarding.objects.count()
    assert set(Forwarding.objects.values_list("association", flat=True)) == {other.association.pk}

"""Roles, the last manager, and the groups that follow."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.organisations.checks import OrganisationRefused
from competition.organisations.members import (
    add_member,
    change_role,
    leave_organisation,
    remove_member,
)
from competition.organisations.models import Membership
from portal.accounts.groups import ASSOCIATION_MANAGERS, ENTRANTS, group_names
from tests.competition.organisations.people import contributor_of, manager_of, roles_in
from tests.factories import (
    AssociationFactory,
    CompanyFactory,
    InvitationFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def manager(company):
    return manager_of(company)


@pytest.fixture
def colleague(company):
    return contributor_of(company)


def membership(organisation, user) -> Membership:
    return Membership.objects.get(organisation=organisation, user=user)


def test_a_manager_makes_a_colleague_manager_and_then_may_go(company, manager, colleague):
    change_role(membership=membership(company, colleague), role="manager", user=manager)
    leave_organisation(organisation=company, user=manager)
    assert roles_in(company) == {colleague: "manager"}
    deeds = ModelLogEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(deeds) == ["competition.membership.change", "competition.membership.leave"]


def test_the_last_manager_is_neither_demoted_nor_removed_nor_leaves(company, manager, colleague):
    own = membership(company, manager)
    with pytest.raises(OrganisationRefused):
        change_role(membership=own, role="contributor", user=manager)
    with pytest.raises(OrganisationRefused):
        remove_member(membership=own, user=manager)
    with pytest.raises(OrganisationRefused):
        leave_organisation(organisation=company, user=manager)
    assert roles_in(company) == {manager: "manager", colleague: "contributor"}


def test_only_the_organisations_managers_change_and_remove(company, manager, colleague):
    other = MembershipFactory(organisation=CompanyFactory()).user
    above = manager_of(company.association)
    for who in (colleague, other, above, UserFactory()):
        with pytest.raises(OrganisationRefused):
            change_role(membership=membership(company, colleague), role="manager", user=who)
        with pytest.raises(OrganisationRefused):
            remove_member(membership=membership(company, manager), user=who)
    assert roles_in(company) == {manager: "manager", colleague: "contributor"}


def test_adding_a_member_again_never_takes_a_role_away(company, manager, colleague):
    add_member(organisation=company, user=manager, role="contributor", actor=manager)
    add_member(organisation=company, user=colleague, role="manager", actor=manager)
    assert roles_in(company) == {manager: "manager", colleague: "manager"}


def test_who_is_removed_already_is_told_of(company, manager, colleague):
    stale = membership(company, colleague)
    remove_member(membership=stale, user=manager)
    stale.pk = stale.pk or 10**6
    with pytest.raises(OrganisationRefused):
        remove_member(membership=stale, user=manager)
    with pytest.raises(OrganisationRefused):
        leave_organisation(organisation=company, user=colleague)


def test_the_managers_group_follows_the_roles_in_associations():
    first, second, user = AssociationFactory(), AssociationFactory(), UserFactory()
    for association in (first, second):
        manager_of(association)
        add_member(organisation=association, user=user, role="manager", actor=user)
    assert group_names(user) == {ENTRANTS, ASSOCIATION_MANAGERS}
    change_role(membership=membership(first, user), role="contributor", user=user)
    assert ASSOCIATION_MANAGERS in group_names(user)
    leave_organisation(organisation=second, user=user)
    assert group_names(user) == {ENTRANTS}
    add_member(organisation=first, user=user, role="manager", actor=user)
    assert ASSOCIATION_MANAGERS in group_names(user)


# --- pages --------------------------------------------------------------------------------


def act(client, company, member, verb):
    pk = membership(company, member).pk
    return client.post(reverse("organisation-member", args=[company.pk, pk]), {"do": verb})


def test_the_page_promotes_demotes_and_removes(client, company, manager, colleague):
    client.force_login(manager)
    page = reverse("organisation-members", args=[company.pk])
    assert act(client, company, colleague, "promote").headers["Location"] == page
    assert roles_in(company)[colleague] == "manager"
    act(client, company, colleague, "demote")
    assert roles_in(company)[colleague] == "contributor"
    assert act(client, company, colleague, "praise").status_code == 404
    act(client, company, colleague, "remove")
    assert roles_in(company) == {manager: "manager"}
    act(client, company, manager, "remove")
    assert roles_in(company) == {manager: "manager"}


def test_who_demotes_oneself_comes_out_on_my_page(client, company, manager):
    manager_of(company)
    client.force_login(manager)
    assert act(client, company, manager, "demote").headers["Location"] == reverse("my")
    assert client.get(reverse("organisation-members", args=[company.pk])).status_code == 404


def test_a_member_of_another_organisation_is_not_found_by_ones_own_address(
    client, company, manager
):
    stranger = MembershipFactory(organisation=CompanyFactory())
    client.force_login(manager)
    url = reverse("organisation-member", args=[company.pk, stranger.pk])
    assert client.post(url, {"do": "remove"}).status_code == 404
    assert Membership.objects.filter(pk=stranger.pk).exists()


def test_everybody_leaves_from_my_page(client, company, manager, colleague):
    url = reverse("organisation-leave", args=[company.pk])
    client.force_login(colleague)
    assert url in client.get(reverse("my")).content.decode()
    client.post(url)
    assert client.post(url).status_code == 404
    client.force_login(manager)
    client.post(url)
    assert roles_in(company) == {manager: "manager"}


def test_the_page_costs_the_same_with_one_member_and_with_three(client, company, manager):
    client.force_login(manager)
    url = reverse("organisation-members", args=[company.pk])
    InvitationFactory(organisation=company)
    client.get(url)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    one = cost()
    for _ in range(2):
        contributor_of(company)
        InvitationFactory(organisation=company)
    assert cost() == one

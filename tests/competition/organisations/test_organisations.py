"""Registering a company and joining by code."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse

from competition.organisations.models import Organisation
from competition.organisations.queries import (
    is_member,
    organisations_of,
    screened_associations,
    screens_for,
)
from competition.organisations.services import (
    JoinRefused,
    create_organisation,
    join_organisation,
    verify_organisation,
)
from portal.accounts.groups import ASSOCIATION_MANAGERS, ENTRANTS, group_names
from tests.competition.organisations.people import organiser
from tests.factories import AssociationFactory, CompanyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_who_registers_a_company_manages_it():
    user = UserFactory()
    company = create_organisation(
        user=user, name="  远帆   船舶 ", association=AssociationFactory()
    )
    assert company.name == "远帆 船舶"
    assert company.memberships.get().role == "manager"
    assert group_names(user) == {ENTRANTS}
    assert list(organisations_of(user)) == [company]
    assert company.verification == "pending"
    assert not screened_associations(user).exists()


def test_what_the_organiser_registers_is_verified():
    assert create_organisation(user=organiser(), name="远帆船舶").verification == "verified"


def test_who_manages_an_association_screens_once_it_is_verified():
    user = UserFactory()
    association = create_organisation(user=user, name="某市协会", kind="association")
    assert not screens_for(user, association)
    verify_organisation(organisation=association, user=organiser())
    assert group_names(user) == {ENTRANTS, ASSOCIATION_MANAGERS}
    assert list(screened_associations(user)) == [association]
    assert screens_for(user, association)
    assert screens_for(user, CompanyFactory(association=association))
    assert not screens_for(user, CompanyFactory())
    assert not screens_for(user, CompanyFactory(association=None))


def test_a_name_is_taken_once():
    create_organisation(user=UserFactory(), name="远帆船舶")
    with pytest.raises(ValidationError):
        create_organisation(user=UserFactory(), name="远帆船舶 ")


@pytest.mark.parametrize("above", [AssociationFactory, CompanyFactory])
def test_an_association_belongs_to_nothing_and_a_company_to_an_association_only(above):
    kind = "association" if above is AssociationFactory else "company"
    with pytest.raises(ValidationError):
        create_organisation(user=UserFactory(), name="x", kind=kind, association=above())
    assert not Organisation.objects.filter(name="x").exists()


def test_a_code_makes_a_contributor_however_it_is_typed():
    company, user = CompanyFactory(), UserFactory()
    join_organisation(user=user, code=f" {company.join_code.lower()} ")
    membership = join_organisation(user=user, code=company.join_code)
    assert membership.role == "contributor"
    assert company.memberships.count() == 1
    assert is_member(user, company)
    assert group_names(user) == {ENTRANTS}


def test_a_manager_who_types_the_own_code_stays_a_manager():
    membership = MembershipFactory()
    join_organisation(user=membership.user, code=membership.organisation.join_code)
    membership.refresh_from_db()
    assert membership.role == "manager"


def test_joining_an_association_does_not_make_a_screener():
    association, user = AssociationFactory(), UserFactory()
    join_organisation(user=user, code=association.join_code)
    assert not screens_for(user, association)
    assert ASSOCIATION_MANAGERS not in group_names(user)


@pytest.mark.parametrize("code", ["", "WRONGCODE"])
def test_an_unknown_code_is_refused(code):
    with pytest.raises(JoinRefused):
        join_organisation(user=UserFactory(), code=code)


# --- pages --------------------------------------------------------------------------------


@pytest.fixture
def newcomer(client):
    cache.clear()
    user = UserFactory()
    client.force_login(user)
    yield user
    cache.clear()


def test_the_public_form_registers_companies_only(client, newcomer):
    association = AssociationFactory()
    answer = client.post(
        reverse("organisation-create"),
        {"name": "远帆船舶", "association": association.pk, "kind": "association"},
    )
    assert answer.headers["Location"] == reverse("my")
    company = Organisation.objects.get(name="远帆船舶")
    assert (company.kind, company.association) == ("company", association)


def test_the_form_offers_associations_only(client, newcomer):
    association, company = AssociationFactory(), CompanyFactory(association=None)
    client.post(reverse("organisation-create"), {"name": "x", "association": company.pk})
    assert not Organisation.objects.filter(name="x").exists()
    page = client.get(reverse("organisation-create"))
    assert list(page.context["form"].fields["association"].queryset) == [association]


def test_a_taken_name_comes_back_with_what_was_typed(client, newcomer):
    taken = CompanyFactory()
    page = client.post(reverse("organisation-create"), {"name": taken.name, "province": "浙江"})
    assert page.context["form"].errors.keys() == {"name"}
    assert "浙江" in page.content.decode()


def test_joining_and_its_limit(client, newcomer):
    company, url = CompanyFactory(), reverse("organisation-join")
    assert client.post(url, {"code": "NOSUCH"}).status_code == 200
    assert client.post(url, {"code": company.join_code}).headers["Location"] == reverse("my")
    codes = [client.post(url, {"code": f"NO{n}"}).status_code for n in range(10)]
    assert codes == [200] * 8 + [429] * 2


def test_both_pages_ask_to_sign_in(client):
    for name in ("organisation-create", "organisation-join"):
        assert client.get(reverse(name)).status_code == 302

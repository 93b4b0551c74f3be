"""Who gets through which door: every address of the room, for every sort of person."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from competition.organisations.members import set_association_group
from competition.organisations.models import Organisation
from portal.permissions import set_group_permissions
from tests.competition.organisations.people import contributor_of, manager_of, organiser
from tests.factories import AssociationFactory, CompanyFactory, InvitationFactory, UserFactory

pytestmark = pytest.mark.django_db
SIGN_IN, OK, DONE, GONE = "sign in", 200, 302, 404
PEOPLE = (
    "nobody",
    "stranger",
    "member",
    "manager",
    "other manager",
    "association",
    "other association",
    "organiser",
)


@pytest.fixture
def world():
    cache.clear()
    set_group_permissions()
    company = CompanyFactory(verification="pending")
    second = manager_of(company)
    world = {
        "company": company,
        "double": CompanyFactory(name=f"{company.name}（ ）"),
        "member row": company.memberships.get(user=second),
        "invitation": InvitationFactory(organisation=company),
        "stranger": UserFactory(),
        "member": contributor_of(company),
        "manager": manager_of(company),
        "other manager": manager_of(CompanyFactory()),
        "association": manager_of(company.association),
        "other association": manager_of(AssociationFactory()),
        "organiser": organiser(),
    }
    # As in life: who manages an association is in the group that may look into the admin.
    for name in ("association", "other association"):
        set_association_group(world[name])
    yield world
    cache.clear()


# address, method, data, what each of PEOPLE gets
ROOM = [
    ("organisation-create", "get", {}, [SIGN_IN] + [OK] * 7),
    ("organisation-correct", "get", {}, [SIGN_IN, GONE, GONE, OK, GONE, GONE, GONE, GONE]),
    ("organisation-members", "get", {}, [SIGN_IN, GONE, GONE, OK, GONE, GONE, GONE, GONE]),
    ("organisation-members", "post", {}, [SIGN_IN] + [405] * 7),
    (
        "organisation-member",
        "post",
        {"do": "demote"},
        [SIGN_IN, GONE, GONE, DONE, GONE, GONE, GONE, GONE],
    ),
    (
        "organisation-invite",
        "post",
        {"role": "manager"},
        [SIGN_IN, GONE, GONE, DONE, GONE, GONE, GONE, GONE],
    ),
    ("invitation-revoke", "post", {}, [SIGN_IN, GONE, GONE, DONE, GONE, GONE, GONE, GONE]),
    ("organisation-leave", "post", {}, [SIGN_IN, GONE, DONE, DONE, GONE, GONE, GONE, GONE]),
    (
        "organisation-verify",
        "post",
        {"do": "verify"},
        [SIGN_IN, GONE, GONE, GONE, GONE, DONE, GONE, GONE],
    ),
    ("companies", "get", {}, [SIGN_IN, GONE, GONE, GONE, GONE, OK, OK, GONE]),
]
ADMIN = [
    "competition_organisation_verify",
    "competition_organisation_refuse",
    "competition_organisation_merge",
    "competition_organisation_merge_into",
    "competition_organisation_duplicates",
    "competition_organisations_import",
    "competition_organisations_import_template",
]


def address(name, world) -> str:
    company = world["company"].pk
    return reverse(
        name,
        args={
            "organisation-create": [],
            "companies": [],
            "competition_organisation_duplicates": [],
            "competition_organisations_import": [],
            "competition_organisations_import_template": [],
            "organisation-member": [company, world["member row"].pk],
            "invitation-revoke": [company, world["invitation"].pk],
            "competition_organisation_merge_into": [company, world["double"].pk],
        }.get(name, [company]),
    )


def client_of(who, world) -> Client:
    client = Client()
    if who != "nobody":
        client.force_login(world[who])
    return client


def outcome(response) -> object:
    if response.status_code == 302 and reverse("account_login") in response.url:
        return SIGN_IN
    return response.status_code


@pytest.mark.parametrize(("name", "method", "data", "expected"), ROOM)
def test_each_address_opens_to_whom_it_is_for(world, name, method, data, expected):
    url = address(name, world)
    got = {}
    for who in PEOPLE:
        client = client_of(who, world)
        got[who] = outcome(getattr(client, method)(url, data))
    assert got == dict(zip(PEOPLE, expected, strict=True))


@pytest.mark.parametrize("name", ADMIN)
def test_the_admins_pages_open_to_the_organiser_alone(world, name):
    url = address(name, world)
    got = {who: client_of(who, world).get(url).status_code for who in PEOPLE}
    assert got.pop("organiser") == 200
    assert set(got.values()) <= {302, 403}


@pytest.mark.parametrize("name", ADMIN[:4])
def test_and_nobody_else_posts_to_them(world, name):
    for who in PEOPLE[:-1]:
        client_of(who, world).post(address(name, world), {"reason": "x"})
    company = Organisation.objects.get(pk=world["company"].pk)
    assert company.verification == "pending"

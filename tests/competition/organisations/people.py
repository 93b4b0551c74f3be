"""People that the tests of this room begin with."""

from competition.organisations.models import Membership, Organisation
from portal.accounts.groups import ORGANISERS, add_to_group
from portal.accounts.models import User
from tests.factories import MembershipFactory, UserFactory


def organiser() -> User:
    user = UserFactory()
    add_to_group(user, ORGANISERS)
    return user


def manager_of(organisation: Organisation) -> User:
    return MembershipFactory(organisation=organisation).user


def contributor_of(organisation: Organisation) -> User:
    return MembershipFactory(organisation=organisation, role="contributor").user


def roles_in(organisation: Organisation) -> dict[User, str]:
    members = Membership.objects.filter(organisation=organisation).select_related("user")
    return {one.user: one.role for one in members}

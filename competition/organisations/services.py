"""The verbs of an organisation: register one, join one."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.organisations.models import Membership, Organisation
from portal.accounts.groups import ASSOCIATION_MANAGERS, ENTRANTS, add_to_group
from portal.accounts.models import User


class JoinRefused(Exception):
    """The code leads to no organisation. The message is for the person who typed it."""


@transaction.atomic
def create_organisation(
    *,
    user: User,
    name: str,
    kind: str = "company",
    association: Organisation | None = None,
    province: str = "",
    contact_phone: str = "",
) -> Organisation:
    """Register an organisation; the person becomes its manager.

    Raises ValidationError when the name is taken or an association would belong to another.
    """
    organisation = Organisation(
        kind=kind,
        name=" ".join(name.split()),
        association=association,
        province=province,
        contact_phone=contact_phone,
    )
    organisation.full_clean()
    organisation.save()
    log(instance=organisation, action="competition.organisation.create", user=user)
    add_member(organisation=organisation, user=user, role=Membership.Role.MANAGER, actor=user)
    return organisation


def join_organisation(*, user: User, code: str) -> Membership:
    """Make the person a contributor of the organisation that gave out the code.

    Who is a member already stays what they are. Raises JoinRefused for an unknown code.
    """
    organisation = Organisation.objects.filter(join_code=code.strip().upper()).first()
    if organisation is None:
        raise JoinRefused(
            _("No organisation has this code. Ask the colleague who gave it to you to read it out.")
        )
    return add_member(
        organisation=organisation, user=user, role=Membership.Role.CONTRIBUTOR, actor=user
    )


@transaction.atomic
def add_member(*, organisation: Organisation, user: User, role: str, actor: User) -> Membership:
    """Give the person a role in the organisation, with the groups that go with it.

    Does nothing to somebody who is a member already.
    """
    membership, created = Membership.objects.get_or_create(
        organisation=organisation, user=user, defaults={"role": role}
    )
    if created:
        add_to_group(user, ENTRANTS)
        if organisation.is_association and role == Membership.Role.MANAGER:
            add_to_group(user, ASSOCIATION_MANAGERS)
        log(
            instance=organisation,
            action="competition.membership.create",
            user=actor,
            data={"member": user.pk, "role": role},
        )
    return membership

"""The verbs of a membership: add, change the role, remove, leave."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.organisations.checks import OrganisationRefused, require_manager
from competition.organisations.models import Membership, Organisation
from competition.organisations.queries import lock_organisation, managed_organisations
from portal.accounts.groups import (
    ASSOCIATION_MANAGERS,
    ENTRANTS,
    add_to_group,
    remove_from_group,
)
from portal.accounts.models import User

Role = Membership.Role


@transaction.atomic
def add_member(
    *, organisation: Organisation, user: User, role: str, actor: User | None
) -> Membership:
    """Give the person at least this role in the organisation, with the groups that go with it.

    Nobody loses a role by it: a manager who is added as a contributor stays a manager.
    """
    membership, created = Membership.objects.get_or_create(
        organisation=organisation, user=user, defaults={"role": role}
    )
    if created:
        add_to_group(user, ENTRANTS)
        set_association_group(user)
        _log("create", membership, actor)
    elif role == Role.MANAGER and membership.role != role:
        _set_role(membership, role, actor)
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, user: User) -> Membership:
    """Make a member manager or contributor.

    Raises OrganisationRefused: not by a manager, or the last manager would be one no more.
    """
    locked = _lock(membership)
    require_manager(user, locked.organisation)
    if locked.role == role:
        return locked
    if role != Role.MANAGER:
        _require_other_manager(locked)
    _set_role(locked, role, user)
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, user: User) -> None:
    """Take somebody out of the organisation; works and files stay. Raises as change_role."""
    locked = _lock(membership)
    require_manager(user, locked.organisation)
    _end(locked, user, "remove")


@transaction.atomic
def leave_organisation(*, organisation: Organisation, user: User) -> None:
    """Stop acting for the organisation. Raises OrganisationRefused for the last manager."""
    membership = Membership.objects.filter(organisation=organisation, user=user).first()
    if membership is None:
        raise OrganisationRefused(_("You are not a member of this organisation."))
    _end(_lock(membership), user, "leave")


def set_association_group(user: User) -> None:
    """Put who manages an association into the managers' group, and take out who does not."""
    kind = Organisation.Kind.ASSOCIATION
    if managed_organisations(user).filter(kind=kind).exists():
        add_to_group(user, ASSOCIATION_MANAGERS)
    else:
        remove_from_group(user, ASSOCIATION_MANAGERS)


def _lock(membership: Membership) -> Membership:
    """Return the membership as it is now, under its organisation's lock.

    All changes of roles wait for this one row: two managers can't remove each other.
    """
    lock_organisation(membership.organisation)
    members = Membership.objects.select_related("organisation", "user")
    locked = members.filter(pk=membership.pk).first()
    if locked is None:
        raise OrganisationRefused(_("This person is not a member any more. Nothing was changed."))
    return locked


def _require_other_manager(membership: Membership) -> None:
    if membership.role != Role.MANAGER:
        return
    others = membership.organisation.memberships.filter(role=Role.MANAGER)
    if not others.exclude(pk=membership.pk).exists():
        raise OrganisationRefused(
            _(
                "%(person)s is the only manager of %(organisation)s and stays so. Make somebody "
                "else a manager first."
            )
            % {"person": membership.user, "organisation": membership.organisation}
        )


def _set_role(membership: Membership, role: str, actor: User | None) -> None:
    membership.role = role
    membership.save(update_fields=["role"])
    set_association_group(membership.user)
    _log("change", membership, actor)


def _end(membership: Membership, actor: User, verb: str) -> None:
    _require_other_manager(membership)
    _log(verb, membership, actor)
    membership.delete()
    set_association_group(membership.user)


def _log(verb: str, membership: Membership, actor: User | None) -> None:
    log(
        instance=membership.organisation,
        action=f"competition.membership.{verb}",
        user=actor,
        data={"member": membership.user_id, "role": membership.role},
    )

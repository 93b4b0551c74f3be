"""Who acts for which organisation."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from competition.organisations.models import Invitation, Membership, Organisation
from portal.accounts.groups import is_organiser


def organisations_of(user: Any) -> QuerySet[Organisation]:
    """Return the organisations the person is a member of, in any role."""
    return Organisation.objects.filter(memberships__user=user).select_related("association")


def managed_organisations(user: Any) -> QuerySet[Organisation]:
    """Return the organisations the person is a manager of."""
    return Organisation.objects.filter(
        memberships__user=user, memberships__role=Membership.Role.MANAGER
    )


def is_member(user: Any, organisation: Organisation | int) -> bool:
    """Tell whether the person may act for the organisation, in any role."""
    return Membership.objects.filter(user=user, organisation=organisation).exists()


def is_manager(user: Any, organisation: Organisation) -> bool:
    """Tell whether the person manages the organisation."""
    return managed_organisations(user).filter(pk=organisation.pk).exists()


def verified_associations() -> QuerySet[Organisation]:
    """Return the associations that a company may say it belongs to."""
    return Organisation.objects.filter(
        kind=Organisation.Kind.ASSOCIATION, verification=Organisation.Verification.VERIFIED
    )


def screened_associations(user: Any) -> QuerySet[Organisation]:
    """Return the verified associations the person manages, and so decides for in the screening."""
    return verified_associations().filter(
        memberships__user=user, memberships__role=Membership.Role.MANAGER
    )


def scored_associations(user: Any) -> QuerySet[Organisation]:
    """Return the verified associations on whose panel the person sits: every member does."""
    return verified_associations().filter(memberships__user=user)


def association_of(organisation: Organisation) -> Organisation | None:
    """Return the association that screens the organisation's works: its own, or itself."""
    return organisation if organisation.is_association else organisation.association


def association_id_of(organisation: Organisation) -> int | None:
    """Return the id of association_of, without fetching it."""
    return organisation.pk if organisation.is_association else organisation.association_id


def screens_for(user: Any, organisation: Organisation) -> bool:
    """Tell whether the person screens the organisation's works.

    An association's manager screens its companies' works and the association's own.
    """
    own_or_above = Q(pk=organisation.pk) | Q(pk=organisation.association_id)
    return screened_associations(user).filter(own_or_above).exists()


def companies_to_verify(user: Any) -> QuerySet[Organisation]:
    """Return the companies of the associations the person manages."""
    return Organisation.objects.filter(association__in=screened_associations(user))


def may_verify(user: Any, organisation: Organisation) -> bool:
    """Tell whether the person may say that the organisation is what it claims to be."""
    return is_organiser(user) or companies_to_verify(user).filter(pk=organisation.pk).exists()


def with_member_counts(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Bring the number of members along, as `members`."""
    return organisations.annotate(members=Count("memberships", distinct=True))


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return who acts for the organisation, managers first."""
    return organisation.memberships.select_related("user").order_by("-role", "joined_at", "pk")


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Return the invitations that could still be accepted, newest first."""
    return organisation.invitations.filter(
        accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    ).select_related("invited_by")


def lock_organisation(organisation: Organisation) -> Organisation:
    """Return the row as it is now, held until the transaction ends.

    Works and files may still be added to it meanwhile (NO KEY), but its members can't change.
    """
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)

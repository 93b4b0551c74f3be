"""Who acts for which organisation."""

from typing import Any

from django.db.models import Q, QuerySet

from competition.organisations.models import Membership, Organisation


def organisations_of(user: Any) -> QuerySet[Organisation]:
    """Return the organisations the person is a member of, in any role."""
    return Organisation.objects.filter(memberships__user=user).select_related("association")


def is_member(user: Any, organisation: Organisation) -> bool:
    """Tell whether the person may act for the organisation, in any role."""
    return Membership.objects.filter(user=user, organisation=organisation).exists()


def screened_associations(user: Any) -> QuerySet[Organisation]:
    """Return the associations the person manages, and so decides for in the screening."""
    return Organisation.objects.filter(
        kind=Organisation.Kind.ASSOCIATION,
        memberships__user=user,
        memberships__role=Membership.Role.MANAGER,
    )


def scored_associations(user: Any) -> QuerySet[Organisation]:
    """Return the associations on whose screening panel the person sits: every member does."""
    return Organisation.objects.filter(kind=Organisation.Kind.ASSOCIATION, memberships__user=user)


def association_of(organisation: Organisation) -> Organisation | None:
    """Return the association that screens the organisation's works: its own, or itself."""
    return organisation if organisation.is_association else organisation.association


def screens_for(user: Any, organisation: Organisation) -> bool:
    """Tell whether the person screens the organisation's works.

    An association's manager screens its companies' works and the association's own.
    """
    own_or_above = Q(pk=organisation.pk) | Q(pk=organisation.association_id)
    return screened_associations(user).filter(own_or_above).exists()

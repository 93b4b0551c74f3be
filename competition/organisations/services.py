"""The verbs of an organisation: register one, correct it, verify or refuse it, join it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.organisations.checks import (
    OrganisationRefused,
    require_clean,
    require_manager,
    require_verifier,
)
from competition.organisations.members import add_member
from competition.organisations.models import Membership, Organisation
from competition.organisations.names import one_line
from competition.organisations.queries import lock_organisation
from competition.organisations.signals import organisation_judged
from portal.accounts.groups import is_organiser
from portal.accounts.models import User

Verification = Organisation.Verification
CORRECTABLE_FIELDS = ("name", "association", "province", "contact_phone")


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

    It is to be verified, unless the organiser registers it. Raises ValidationError when the
    name is taken or an association would belong to another.
    """
    organisation = Organisation(
        kind=kind,
        name=one_line(name),
        association=association,
        province=province,
        contact_phone=contact_phone,
        verification=Verification.VERIFIED if is_organiser(user) else Verification.PENDING,
    )
    organisation.full_clean()
    organisation.save()
    log(instance=organisation, action="competition.organisation.create", user=user)
    add_member(organisation=organisation, user=user, role=Membership.Role.MANAGER, actor=user)
    return organisation


@transaction.atomic
def correct_organisation(*, organisation: Organisation, user: User, **fields: Any) -> Organisation:
    """Let a manager mend what was registered and ask to be verified (again).

    Raises OrganisationRefused: not a manager, verified already, or a field is wrong; TypeError
    when a field is not one of CORRECTABLE_FIELDS.
    """
    if unknown := fields.keys() - set(CORRECTABLE_FIELDS):
        raise TypeError(f"Not a manager's to change: {sorted(unknown)}")
    locked = lock_organisation(organisation)
    require_manager(user, locked)
    if locked.is_verified:
        raise OrganisationRefused(
            _(
                "This organisation is verified, so its data stay as they are. If something has "
                "changed, please write to the organiser."
            )
        )
    for name, value in fields.items():
        setattr(locked, name, one_line(value) if name == "name" else value)
    locked.verification, locked.refusal_reason = Verification.PENDING, ""
    require_clean(locked)
    locked.save()
    log(instance=locked, action="competition.organisation.correct", user=user)
    organisation.refresh_from_db()
    return organisation


def verify_organisation(*, organisation: Organisation, user: User) -> Organisation:
    """Say that the organisation is what it claims to be; also after a refusal.

    By the organiser, or by the manager of the company's association.
    Raises OrganisationRefused for others, and when it is verified already.
    """
    return _judge(organisation, user, Verification.VERIFIED)


def refuse_organisation(*, organisation: Organisation, user: User, reason: str) -> Organisation:
    """Refuse the organisation, and say why: it can't submit until it is verified.

    By whom and raising what: as verify_organisation; a reason must be given.
    """
    if not reason.strip():
        raise OrganisationRefused(_("Please say why: the organisation's managers will read it."))
    return _judge(organisation, user, Verification.REFUSED, reason.strip())


@transaction.atomic
def _judge(
    organisation: Organisation, user: User, verification: Verification, reason: str = ""
) -> Organisation:
    locked = lock_organisation(organisation)
    require_verifier(user, locked)
    if locked.verification == verification:
        raise OrganisationRefused(
            _("%(name)s is “%(state)s” already. Nothing was changed.")
            % {"name": locked.name, "state": locked.get_verification_display()}
        )
    locked.verification, locked.refusal_reason = verification, reason
    locked.save(update_fields=["verification", "refusal_reason"])
    verb = "refuse" if locked.is_refused else "verify"
    log_entry = log(
        instance=locked,
        action=f"competition.organisation.{verb}",
        user=user,
        data={"why": reason},
    )
    organisation_judged.send(Organisation, organisation=locked, log_entry=log_entry)
    organisation.refresh_from_db()
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

"""The verbs of an invitation: make one, take it back, accept it."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.organisations.checks import OrganisationRefused, require_manager
from competition.organisations.members import add_member
from competition.organisations.models import Invitation, Membership, Organisation
from competition.organisations.signals import invitation_made
from portal.accounts.models import User

GOOD_FOR = timedelta(days=7)
_signer = Signer(salt="competition.invitation")


def link_token(invitation: Invitation) -> str:
    """Return what opens the invitation: its id, signed. It is made anew, never kept."""
    return _signer.sign(invitation.pk.hex)


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation that the token opens, in whatever state; None when it was not ours."""
    try:
        pk = _signer.unsign(token)
    except BadSignature:
        return None
    return Invitation.objects.select_related("organisation", "invited_by").filter(pk=pk).first()


@transaction.atomic
def invite_member(
    *, organisation: Organisation, user: User, role: str, email: str = ""
) -> Invitation:
    """Let a manager ask somebody to act for the organisation. With an address, it is mailed.

    Raises OrganisationRefused: not by a manager, or the address is wrong.
    """
    require_manager(user, organisation)
    return make_invitation(organisation=organisation, user=user, role=role, email=email)


@transaction.atomic
def make_invitation(
    *, organisation: Organisation, user: User, role: str, email: str = ""
) -> Invitation:
    """As invite_member, for a caller that has looked itself who may invite."""
    email = email.strip().lower()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise OrganisationRefused(*error.messages) from error
    invitation = Invitation.objects.create(
        organisation=organisation,
        role=role,
        email=email,
        invited_by=user,
        expires_at=timezone.now() + GOOD_FOR,
    )
    _log("create", invitation, user)
    if email:
        invitation_made.send(Invitation, invitation=invitation)
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, user: User) -> None:
    """Take an invitation back, so that its link leads nowhere.

    Raises OrganisationRefused: not by a manager, or it was accepted already.
    """
    locked = _lock(invitation)
    require_manager(user, locked.organisation)
    if locked.accepted_at:
        raise OrganisationRefused(
            _("This invitation was accepted already. You may remove the member instead.")
        )
    if locked.revoked_at:
        return
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    _log("revoke", locked, user)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Make the person what the invitation says; it is used up by this.

    Who has a higher role already keeps it. Raises OrganisationRefused when it is over, or was
    meant for another address.
    """
    locked = _lock(invitation)
    if problem := invitation_problem(locked, user):
        raise OrganisationRefused(problem)
    locked.accepted_at, locked.accepted_by = timezone.now(), user
    locked.save(update_fields=["accepted_at", "accepted_by"])
    _log("accept", locked, user)
    return add_member(
        organisation=locked.organisation, user=user, role=locked.role, actor=locked.invited_by
    )


def invitation_problem(invitation: Invitation, user: User | None = None) -> str:
    """Return why the invitation can't be accepted (by this person), or ""."""
    ask = _("Please ask the person who invited you for a new link.")
    if invitation.accepted_at:
        return f"{_('This invitation was used already; each is good once.')} {ask}"
    if invitation.revoked_at:
        return f"{_('This invitation was taken back.')} {ask}"
    if invitation.expires_at <= timezone.now():
        return f"{_('This invitation is too old: each is good for 7 days.')} {ask}"
    if user and invitation.email and invitation.email != user.email.lower():
        return _(
            "This invitation is for %(email)s, and you are signed in as %(user)s. Sign in with "
            "the invited address, or ask for an invitation to yours."
        ) % {"email": invitation.email, "user": user.email}
    return ""


def _lock(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",))
    return rows.select_related("organisation", "invited_by").get(pk=invitation.pk)


def _log(verb: str, invitation: Invitation, actor: User) -> None:
    log(
        instance=invitation.organisation,
        action=f"competition.invitation.{verb}",
        user=actor,
        data={"invitation": invitation.pk.hex, "role": invitation.role, "email": invitation.email},
    )

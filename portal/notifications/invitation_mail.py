"""Mail one invitation. Its recipient is an address, not yet a person, so it is no Notice.

The link is made when the mail is: neither the queue nor the outbox ever holds it.
"""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from competition.organisations.invitations import invitation_problem, link_token
from competition.organisations.models import Invitation

logger = logging.getLogger(__name__)


def mail_invitation(invitation_id: str) -> bool:
    """Send the invitation unless it was sent or is over; tell whether nothing is left to do.

    A task that is delivered twice at the same moment may mail the same link twice: harmless.
    """
    rows = Invitation.objects.select_related("organisation", "invited_by")
    invitation = rows.filter(pk=invitation_id, mailed_at=None).first()
    if invitation is None or invitation_problem(invitation):
        return True
    try:
        _mail(invitation)
    except OSError as error:  # refused or unreachable, smtplib's errors included: not sent
        logger.warning("Invitation %s was not sent: %s", invitation.pk, error)
        return False
    invitation.mailed_at = timezone.now()
    invitation.save(update_fields=["mailed_at"])
    return True


def _mail(invitation: Invitation) -> None:
    """Render and send, in the language of who invites."""
    inviter = invitation.invited_by
    with translation.override(inviter.language if inviter else settings.LANGUAGE_CODE):
        path = reverse("invitation", args=[link_token(invitation)])
        context = {
            "organisation": invitation.organisation.name,
            "inviter": str(inviter or settings.SITE_NAME),
            "role": invitation.get_role_display(),
            "link": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
            "expires_at": timezone.localtime(invitation.expires_at),
            "site_name": settings.SITE_NAME,
        }
        text = render_to_string("notifications/invitation.txt", context)
    subject, _newline, body = text.strip().partition("\n")
    send_mail(" ".join(subject.split()), body.strip() + "\n", None, [invitation.email])

"""Which identities this site can ask for, as it is set up now."""

from django.utils.translation import gettext

from voting.models import Poll
from voting.proofs.account import has_services
from voting.proofs.sms import has_gateway


def what_is_missing(identity: str) -> str:
    """Return why a poll cannot ask for that identity (Poll.Identity) here; "" when it can."""
    if identity == Poll.Identity.PHONE and not has_gateway():
        return gettext(
            "No gateway for text messages is set up, so nobody could get a code. Ask your operator "
            "to set SMS_GATEWAY, or choose another way."
        )
    if identity == Poll.Identity.ACCOUNT and not has_services():
        return gettext(
            "No service to sign in at is set up, so nobody could vote. Ask your operator to set "
            "WEIXIN_CLIENT_ID or OIDC_URL, or choose another way."
        )
    return ""

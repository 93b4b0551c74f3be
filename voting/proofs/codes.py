"""Six digits, sent to an e-mail address or a phone and entered again: who can read them has it.

Of address and code only keyed hashes are kept. No account is looked up, so there is none that an
answer or its timing could tell of.
"""

import logging
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voting.models import ProofCode
from voting.proofs.hashes import keyed_hash
from voting.proofs.sms import gateway

LIFE = timedelta(minutes=10)
RESEND_SECONDS = 60
TRIES = 5  # of a million codes: five guesses at one succeed once in 200,000
DIGITS = 6

REFUSALS = {
    "wait": _(
        "A code was sent there less than a minute ago, and it is still good. "
        "Please look for it, or ask for another one in a minute."
    ),
    "not_sent": _(
        "The code could not be sent just now; no code was used up. "
        "Please check what you entered and try again in a minute."
    ),
    "wrong": _("This is not the code we sent. Nothing is lost; please compare the digits."),
    "over": _(
        "This code can't be used any more: it is older than 10 minutes, was used already, or was "
        "entered wrongly too often. Votes you gave are kept. Please ask for a new code."
    ),
}

logger = logging.getLogger(__name__)


class CodeRefused(Exception):
    """A code that was not sent, or does not prove anything. `code` is a key of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        """Return what happened, what was kept and what to do next, in the visitor's language."""
        return str(REFUSALS[self.code])


@dataclass(frozen=True)
class Target:
    """Where a code goes (`address`), and the text that stands for all spellings of it."""

    channel: str  # ProofCode.channel
    address: str
    identity: str

    @property
    def hash(self) -> str:
        """Return what is kept of it: 64 hex digits."""
        return keyed_hash(self.channel, self.identity)


def send_code(target: Target, occasion: str) -> ProofCode:
    """Send a new code, in the visitor's language. `occasion` names the vote.

    Raises CodeRefused: "wait" within RESEND_SECONDS of the last one, "not_sent" when mail server
    or gateway do not take it; then nothing is kept, and it may be tried again at once.
    """
    lock = f"voting-code-{target.channel}-{target.hash}"
    if not cache.add(lock, 1, RESEND_SECONDS):
        raise CodeRefused("wait")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = ProofCode.objects.create(
        channel=target.channel, target=target.hash, code=_code_hash(target.hash, code)
    )
    try:
        _SENDERS[target.channel](target.address, code, occasion)
    except Exception:  # whatever a gateway raises, it did not send
        # No traceback: an exception of a mail server or gateway may name the address.
        logger.error("A code by %s could not be sent", target.channel)
        row.delete()
        cache.delete(lock)
        raise CodeRefused("not_sent") from None
    return row


def check_code(pk: int, code: str) -> ProofCode:
    """Use the code up, if it is the one of that row. Raises CodeRefused: "wrong" or "over"."""
    digits = unicodedata.normalize("NFKC", code).replace(" ", "").replace("-", "")
    with transaction.atomic():
        good = ProofCode.objects.select_for_update().filter(
            pk=pk, used_at=None, tries__lt=TRIES, sent_at__gt=timezone.now() - LIFE
        )
        row = good.first()
        if row is None:
            raise CodeRefused("over")
        is_right = constant_time_compare(row.code, _code_hash(row.target, digits))
        if is_right:
            row.used_at = timezone.now()
        else:
            row.tries += 1
        row.save(update_fields=["used_at", "tries"])
    if not is_right:
        raise CodeRefused("wrong" if row.tries < TRIES else "over")
    return row


def _code_hash(target: str, code: str) -> str:
    return keyed_hash("code", f"{target} {code}")


def _mail(address: str, code: str, occasion: str) -> None:
    context = {"code": code, "occasion": occasion, "site_name": settings.SITE_NAME}
    subject = gettext("%(code)s is your code for the vote") % {"code": code}
    send_mail(subject, render_to_string("voting/mails/code.txt", context), None, [address])


def _text(number: str, code: str, occasion: str) -> None:
    words = gettext("%(code)s is your code for the vote “%(occasion)s”, good for 10 minutes.")
    gateway().send(number, words % {"code": code, "occasion": occasion})


_SENDERS: dict[str, Callable[[str, str, str], None]] = {"email": _mail, "phone": _text}

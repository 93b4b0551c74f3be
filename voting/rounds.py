"""What nobody asks for but the clock. A worker calls these every few seconds."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import QuerySet

from competition.editions.models import Phase
from voting.examination import examine_poll
from voting.models import Poll
from voting.sealing import seal_all
from voting.services import PollRefused, close_poll

logger = logging.getLogger(__name__)

SEALED_EVERY = timedelta(minutes=1)
GRACE = timedelta(seconds=10)  # for requests in flight when the vote ends


def make_rounds(now: datetime) -> None:
    """Seal what was cast in polls that are open, and close those whose time is over."""
    for poll in _unclosed(phases__opens_at__lte=now):
        seal_all(poll, every=SEALED_EVERY)
    for poll in _unclosed(phases__closes_at__lte=now - GRACE):
        _examine(poll)
        with suppress(PollRefused):  # another worker, or the organiser, was faster
            close_poll(poll=poll, actor=None)


def _examine(poll: Poll) -> None:
    """Set suspicious ballots aside before they are counted; a failure does not hold the close up.

    Then the poll is examined again after it, and its standings get a second version.
    """
    try:
        examine_poll(poll)
    except Exception:
        logger.exception("poll %s could not be examined before its close", poll.pk)


def _unclosed(**phase: datetime) -> QuerySet[Poll]:
    conditions = {f"edition__{name}": value for name, value in phase.items()}
    return Poll.objects.filter(
        closed_at=None, edition__phases__kind=Phase.Kind.VOTING, **conditions
    ).select_related("edition")

"""A poll is examined: its evidence goes to the rules, and what they find is set aside."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.log_actions import log

from competition.editions.models import Phase
from portal.accounts.models import User
from voting import antifraud
from voting.models import Evidence, Poll
from voting.quarantine import set_aside
from voting.services import PollRefused, freeze_poll

EVERY = timedelta(minutes=10)
LEASE_SECONDS = 30 * 60  # a worker that was killed in the middle holds nobody up for longer
ROWS_A_FETCH = 10_000

logger = logging.getLogger(__name__)


def votes(poll: Poll) -> Iterator[antifraud.Vote]:
    """Yield the poll's ballots with evidence, void ones too, in the order they were cast.

    Void ones are part of the pattern: without them the same rules would find less each time.
    """
    # Equal texts are one object: 200,000 votes of a few thousand networks stay small.
    shared: dict[str, str] = {}
    rows = (
        Evidence.objects.filter(ballot__poll=poll)
        .order_by("ballot")
        .values_list(
            "ballot",
            "ballot__entry",
            "ballot__voter",
            "ballot__cast_at",
            "address",
            "network",
            "device",
            "referrer",
            "saw_gallery",
            "voter_since",
        )
    )
    for pk, entry, voter, at, address, network, device, referrer, saw, since in rows.iterator(
        chunk_size=ROWS_A_FETCH
    ):
        yield antifraud.Vote(
            id=pk,
            entry=entry,
            voter=shared.setdefault(voter, voter),
            at=at.timestamp(),
            address=shared.setdefault(address, address),
            network=shared.setdefault(network, network),
            device=shared.setdefault(device, device),
            referrer=cast(Any, referrer),  # one of the column's choices
            saw_gallery=saw,
            voter_since=since.timestamp(),
        )


def examine_poll(poll: Poll, actor: User | None = None) -> tuple[int, int]:
    """Apply the published rules to all evidence; return (new clusters, ballots set aside).

    Where the poll is closed and a ballot was set aside, the standings are frozen anew.
    Raises PollRefused when the evidence is erased.
    """
    if not poll.pseudonym_key:
        raise PollRefused(
            gettext(
                "Nothing was examined: the evidence of this vote is erased, as it was announced. "
                "The ballots and the decisions about them stay as they are."
            )
        )
    began = timezone.now()
    found = antifraud.assess(list(votes(poll)))  # outside of any transaction: it takes seconds
    with transaction.atomic():
        clusters, ballots = set_aside(poll=poll, suspicions=found)
        poll.refresh_from_db()
        poll.examined_at = began
        poll.save(update_fields=["examined_at"])
        if ballots or actor is not None:
            data = {"clusters": clusters, "ballots": ballots}
            log(instance=poll, action="voting.poll.examine", user=actor, data=data)
        if ballots and poll.closed_at is not None:
            freeze_poll(poll, actor)
    return clusters, ballots


def polls_to_examine() -> list[Poll]:
    """Return the polls that are due: open ones every 10 minutes, each once after its close."""
    now = timezone.now()
    is_due = Q(examined_at=None) | Q(examined_at__lte=now - EVERY)
    has_begun = Q(edition__phases__kind=Phase.Kind.VOTING, edition__phases__opens_at__lte=now)
    after_close = Q(examined_at=None) | Q(examined_at__lt=F("closed_at"))
    polls = Poll.objects.exclude(pseudonym_key="").select_related("edition")
    return list(polls.filter(Q(closed_at=None) & is_due & has_begun)) + list(
        polls.filter(Q(closed_at__isnull=False) & after_close)
    )


def examine_open_polls() -> None:
    """Examine the polls that are due; by a worker, every few seconds. Others leave them alone."""
    for poll in polls_to_examine():
        lease = f"voting.examination.{poll.pk}"
        if not cache.add(lease, 1, LEASE_SECONDS):
            continue
        try:
            examine_poll(poll)
        except Exception:  # whatever it is, the other polls must not wait for it
            logger.exception("poll %s could not be examined; it is tried again later", poll.pk)
        else:
            cache.delete(lease)

"""What is kept of voters is erased when nobody needs it any more.

That is when the poll is closed, its ledger published and the notice period over, so that
objections could be raised and looked into. After it a ballot names its voter by a pseudonym
whose key is destroyed: who voted cannot be told, by us neither.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat, Length
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.log_actions import log

from competition.editions.models import Phase
from competition.editions.queries import has_phase_closed
from portal.accounts.models import User
from voting.models import Ballot, Evidence, Poll, ProofCode
from voting.queries import lock_poll
from voting.sealed import PSEUDONYM_LENGTH, pseudonym_of
from voting.services import PollRefused

VOTERS_AT_ONCE = 5_000
CODES_KEPT = timedelta(days=2)  # another vote may be open and ask for codes
DAY_SECONDS = 24 * 60 * 60

# Many voters and their pseudonyms in one statement; columns "key" and "value".
_PAIRS = {"postgresql": "json_each_text(%s)", "sqlite": "json_each(%s)"}


@dataclass(frozen=True)
class Forgotten:
    """How much is erased, or would be: rows of evidence, of codes, voters of ballots."""

    evidence: int
    codes: int
    voters: int


def check_may_forget(poll: Poll) -> None:
    """Raise PollRefused, saying why, while what is kept of voters may still be needed."""
    problem = _problem(poll)
    if problem:
        raise PollRefused(f"{gettext('Nothing was erased.')} {problem}")


def _problem(poll: Poll) -> str:
    if not poll.pseudonym_key:
        return gettext("It is erased already.")
    if poll.closed_at is None:
        return gettext("The poll is not closed yet; its evidence is needed to find fraud.")
    if poll.ballots.filter(status=Ballot.Status.QUARANTINED).exists():
        return gettext("Ballots are set aside that nobody has decided about; review them first.")
    ledger = poll.ledgers.order_by("version").last()
    if ledger is None:
        return gettext("The ledger is not published yet; publish it first.")
    if poll.clusters.filter(decided_at__gt=ledger.made_at).exists():
        return gettext("Ballots were decided since the ledger was published; publish it again.")
    if not has_phase_closed(poll.edition, Phase.Kind.NOTICE):
        return gettext("The notice period is not over; objections may still need the evidence.")
    return ""


def to_forget(poll: Poll) -> Forgotten:
    """Return how much would be erased."""
    return Forgotten(_evidence(poll).count(), _codes().count(), _voters(poll).count())


def _evidence(poll: Poll) -> QuerySet[Evidence]:
    return Evidence.objects.filter(ballot__poll=poll)


def _codes() -> QuerySet[ProofCode]:
    return ProofCode.objects.filter(sent_at__lt=timezone.now() - CODES_KEPT)


def _voters(poll: Poll) -> QuerySet[Ballot, str]:
    """Return the voters that have no pseudonym yet, each once."""
    ballots = poll.ballots.annotate(length=Length("voter")).exclude(length=PSEUDONYM_LENGTH)
    return ballots.order_by("voter").values_list("voter", flat=True).distinct()


def forget_voters(*, poll: Poll, actor: User | None = None) -> Forgotten:
    """Erase for good what links a ballot to a person; the ballots stay, under pseudonyms.

    Killed at any moment it can be run again: the key goes last. Raises PollRefused.
    """
    check_may_forget(poll)
    voters, last = 0, ""
    while some := list(_voters(poll).filter(voter__gt=last)[:VOTERS_AT_ONCE]):
        with transaction.atomic():
            key = lock_poll(poll)
            check_may_forget(key)  # perhaps somebody else was faster
            _rename({voter: pseudonym_of(key, voter) for voter in some}, poll)
        voters, last = voters + len(some), some[-1]
    with transaction.atomic():
        locked = lock_poll(poll)
        check_may_forget(locked)
        evidence, _rows = _evidence(poll).delete()
        codes, _rows = _codes().delete()
        _forget_what_clusters_share(poll)
        locked.pseudonym_key = ""
        locked.save(update_fields=["pseudonym_key"])
        data = {"evidence": evidence, "codes": codes}
        log(instance=poll, action="voting.poll.forget", user=actor, data=data)
    poll.pseudonym_key = ""
    return Forgotten(evidence, codes, voters)


def _rename(names: dict[str, str], poll: Poll) -> None:
    """Put a name in each voter's place; one statement a voter would take hours."""
    table = Ballot._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET voter = pair.value "  # noqa: S608
            f"FROM {_PAIRS[connection.vendor]} AS pair "
            f"WHERE {table}.voter = pair.key AND {table}.poll_id = %s",
            [json.dumps(names), poll.pk],
        )


def _forget_what_clusters_share(poll: Poll) -> None:
    """Keep a cluster's figures, which name nobody; its key was made from hashes."""
    nobody = Concat(Value("forgotten-"), Cast("pk", CharField()))
    poll.clusters.update(key=nobody)


def polls_to_forget() -> list[Poll]:
    """Return the closed polls whose voters are still known, whether or not they may be erased."""
    return list(Poll.objects.exclude(pseudonym_key="").exclude(closed_at=None))


def forget_where_due() -> None:
    """Erase where it is time; by a worker, looked at once a day."""
    if not cache.add("voting.retention", 1, DAY_SECONDS):
        return
    for poll in polls_to_forget():
        if not _problem(poll):
            forget_voters(poll=poll)

"""What a ballot looks like from outside, and where it is sealed."""

import hmac
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from competition.entries.models import Entry
from voting.ledger.lines import BallotLine
from voting.ledger.proof import proof_of
from voting.ledger.receipts import parse_receipt, receipt_digest, receipt_text
from voting.ledger.tree import HASH_SIZE, inclusion_path
from voting.models import Ballot, Batch, Poll, new_secret
from voting.queries import entries_in

PSEUDONYM_BYTES = 16
PSEUDONYM_LENGTH = 2 * PSEUDONYM_BYTES  # hex digits; a voter's key has 64


class Cast(NamedTuple):
    """What is read of a ballot to show it; the order of CAST_FIELDS."""

    pk: int
    secret: str
    voter: str
    entry_id: int
    cast_at: datetime


CAST_FIELDS = Cast._fields


def pseudonym_of(poll: Poll, voter: str) -> str:
    """Return whom the ledger names for a voter: 32 hex digits, of this poll only.

    A pseudonym is its own: once voters are forgotten it is all that a ballot has, and the key
    is destroyed.
    """
    if len(voter) == PSEUDONYM_LENGTH:
        return voter
    mac = hmac.digest(bytes.fromhex(poll.pseudonym_key), voter.encode(), "sha256")
    return mac[:PSEUDONYM_BYTES].hex()


def hour_of(moment: datetime) -> str:
    """Return the hour of a moment, in the zone of a ballot's day: 2026-05-01T09:00+08:00."""
    return timezone.localtime(moment).replace(minute=0).isoformat(timespec="minutes")


def minute_of(moment: datetime) -> str:
    """Return the minute of a moment, in the zone of a ballot's day."""
    return timezone.localtime(moment).isoformat(timespec="minutes")


def as_line(cast: Cast, *, pseudonym: str, number: str, code: str = "") -> BallotLine:
    """Return a ballot as the ledger shows it; `number` is its work's, `code` why it is void."""
    receipt = receipt_digest(receipt_text(cast.pk, cast.secret))
    return BallotLine(pseudonym, number, hour_of(cast.cast_at), receipt, code)


def rules_of(poll: Poll) -> dict[str, Any]:
    """Return what the ledger says of the poll: as it was at the first seal, or as it is now."""
    return dict(poll.header) if poll.header else {
        "edition": poll.edition.slug,
        "title": poll.edition.title,
        "time_zone": settings.TIME_ZONE,
        "identity": poll.identity,
        "votes_per_day": poll.votes_per_day,
    }  # fmt: skip


def works_of(poll: Poll) -> QuerySet[Entry]:
    """Return the works the ledger counts: all that take part, and all that were voted for."""
    # One look into an index for each work; the list of a million ballots is no set to look into.
    voted = Exists(Ballot.objects.filter(poll=poll, entry=OuterRef("pk")))
    takes_part = Q(pk__in=entries_in(poll).values("pk")) | Q(voted)
    return Entry.objects.filter(takes_part).order_by("number")


def find_ballot(poll: Poll, receipt: str) -> Ballot | None:
    """Return the ballot of a receipt as typed; None when there is none, or the secret is wrong.

    Both cost the same. Raises ValueError when the text is no receipt at all.
    """
    ballot_id, secret = parse_receipt(receipt)
    ballots = poll.ballots.select_related("entry", "batch").defer("batch__hashes")
    ballot = ballots.filter(pk=ballot_id).first()
    known = ballot.secret if ballot else new_secret()
    return ballot if hmac.compare_digest(known, secret) else None


def proof_for(poll: Poll, ballot: Ballot) -> dict[str, Any] | None:
    """Return the proof that the ballot is in its batch; see voting.ledger.proof.

    None while it is not sealed, and when the pseudonyms' key is destroyed: then the ballot's
    line in the published ledger takes the proof's place.
    """
    if ballot.batch_id is None or ballot.leaf is None or not poll.pseudonym_key:
        return None
    batch = Batch.objects.get(pk=ballot.batch_id)
    peaks, leaves = split_hashes(batch)
    cast = Cast(ballot.pk, ballot.secret, ballot.voter, ballot.entry_id, ballot.cast_at)
    return proof_of(
        as_line(cast, pseudonym=pseudonym_of(poll, ballot.voter), number=str(ballot.entry.number)),
        edition=poll.edition.slug,
        batch=batch.number,
        leaf=ballot.leaf,
        size=batch.first_leaf + batch.size,
        root=batch.root,
        path=inclusion_path(ballot.leaf, batch.first_leaf, peaks, leaves),
    )


def split_hashes(batch: Batch) -> tuple[list[bytes], list[bytes]]:
    """Return the tree's peaks before the batch and the hashes of the batch's leaves."""
    whole = bytes(batch.hashes)
    hashes = [whole[at : at + HASH_SIZE] for at in range(0, len(whole), HASH_SIZE)]
    peaks = batch.first_leaf.bit_count()
    return hashes[:peaks], hashes[peaks:]

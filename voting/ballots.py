"""Writing ballots: one statement looks, decides and inserts; the constraints have the last word."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from voting.evidence import Facts
from voting.models import Ballot, Evidence, Poll, new_secret
from voting.queries import votes_of
from voting.together import Together

CLOSED, ALREADY_TODAY, LIMIT = "closed", "already_today", "limit"
CONFLICT = "conflict"  # another vote of the same voter came in between; look again


@dataclass(frozen=True)
class Asked:
    """A ballot that somebody asks for."""

    poll: int
    entry: int
    voter: str
    day: date
    at: datetime
    votes: int  # the poll's limit a voter and day
    facts: Facts | None = None
    secret: str = field(default_factory=new_secret)


@dataclass(frozen=True)
class Answer:
    """What became of it: `code` is "" for a ballot that is cast, else why there is none."""

    code: str
    ballot_id: int = 0
    slot: int = 0


# Locking the poll's row lets votes pass each other, and makes close_poll wait for all of them;
# a vote that had to wait for close_poll reads the row again and finds it closed. Inserting in
# the voters' order keeps two groups of ballots from waiting for each other in a circle. "+ 0":
# a plan made while the table is new would look for the voter through the poll's own index.
CAST = """
WITH asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s) AS asked (
        place int, poll bigint, entry bigint, voter varchar, day date, at timestamptz, votes int,
        secret varchar, address varchar, network varchar, device varchar, referrer varchar,
        saw_gallery boolean, voter_since timestamptz
    )
), open_poll AS MATERIALIZED (
    SELECT id FROM voting_poll
    WHERE id IN (SELECT poll FROM asked) AND closed_at IS NULL
    ORDER BY id FOR KEY SHARE
), found AS MATERIALIZED (
    SELECT asked.*, used.votes AS used, CASE
        WHEN open_poll.id IS NULL THEN 'closed'
        WHEN used.has_entry THEN 'already_today'
        WHEN used.votes >= asked.votes THEN 'limit'
        ELSE ''
    END AS code
    FROM asked LEFT JOIN open_poll ON open_poll.id = asked.poll
    CROSS JOIN LATERAL (
        SELECT count(*) AS votes, coalesce(bool_or(entry_id = asked.entry), false) AS has_entry
        FROM voting_ballot AS earlier
        WHERE earlier.voter = asked.voter AND earlier.day = asked.day
            AND earlier.poll_id + 0 = asked.poll
    ) AS used
), ballot AS (
    INSERT INTO voting_ballot
        (poll_id, entry_id, voter, day, slot, cast_at, secret, status, code, void_reason)
    SELECT poll, entry, voter, day, used + 1, at, secret, 0, '', ''
    FROM found WHERE code = '' ORDER BY poll, voter, entry
    ON CONFLICT DO NOTHING
    RETURNING id, slot, secret
), evidence AS (
    INSERT INTO voting_evidence
        (ballot_id, address, network, device, referrer, saw_gallery, voter_since)
    SELECT ballot.id, address, network, device, referrer, saw_gallery, voter_since
    FROM ballot JOIN asked USING (secret) WHERE address IS NOT NULL
)
SELECT found.place, found.code, ballot.id, ballot.slot
FROM found LEFT JOIN ballot USING (secret) ORDER BY found.place
"""


def insert(asked: Asked) -> Answer:
    """Write one ballot; on PostgreSQL in one commit with others that come at the same moment.

    In a transaction of the caller's it is part of that. Raises DatabaseError.
    """
    if connection.in_atomic_block or connection.vendor != "postgresql":
        return insert_all([asked])[0]
    return _together.ask(asked)


def insert_all(asked: Sequence[Asked]) -> list[Answer]:
    """Write these ballots with their evidence, each in the voter's next slot of its day.

    Answers come in the same order. On PostgreSQL it is one statement and one transaction for
    all (or part of the caller's); elsewhere one after the other. Raises DatabaseError: then
    nothing of all of them is written on PostgreSQL.
    """
    if connection.vendor == "postgresql":
        return _by_one_statement(asked)
    return [_by_the_orm(one) for one in asked]


_together = Together(insert_all)


def _by_one_statement(asked: Sequence[Asked]) -> list[Answer]:
    from psycopg import Cursor  # only where PostgreSQL is used

    rows = json.dumps([_row(place, one) for place, one in enumerate(asked)], default=str)
    connection.ensure_connection()
    raw = connection.connection
    # Planning costs more than running. Django's own cursors never prepare; this one does.
    raw.prepare_threshold = 2
    with connection.wrap_database_errors, Cursor(raw) as cursor:
        cursor.execute(CAST, [rows])
        return [
            Answer(code or CONFLICT) if pk is None else Answer("", pk, slot)
            for _place, code, pk, slot in cursor.fetchall()
        ]


def _row(place: int, asked: Asked) -> dict[str, Any]:
    facts = vars(asked.facts) if asked.facts else {}
    return vars(asked) | {"place": place, "facts": None} | facts


def _by_the_orm(asked: Asked) -> Answer:
    """The same by the ORM. SQLite has one writer at a time, so what is seen stays so."""
    try:
        with transaction.atomic():
            code, used = _look(asked)
            if code:
                return Answer(code)
            ballot = Ballot.objects.create(
                poll_id=asked.poll,
                entry_id=asked.entry,
                voter=asked.voter,
                day=asked.day,
                slot=used + 1,
                cast_at=asked.at,
                secret=asked.secret,
            )
            if asked.facts:
                Evidence.objects.create(ballot=ballot, **vars(asked.facts))
            return Answer("", ballot.pk, ballot.slot)
    except IntegrityError:
        return Answer(CONFLICT)


def _look(asked: Asked) -> tuple[str, int]:
    """Return why there can be no such ballot, or "", and how many the voter has that day."""
    if not Poll.objects.filter(pk=asked.poll, closed_at=None).exists():
        return CLOSED, 0
    voted = votes_of(asked.poll, asked.voter, asked.day)
    if asked.entry in voted:
        return ALREADY_TODAY, len(voted)
    return (LIMIT if len(voted) >= asked.votes else ""), len(voted)

"""Sealing ballots: each gets its leaf in the poll's tree, each batch a root to be published."""

import json
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from competition.entries.models import Entry
from voting.ledger.lines import leaf_bytes
from voting.ledger.tree import Tree, leaf_hash
from voting.models import Ballot, Batch, Poll
from voting.queries import lock_poll
from voting.sealed import CAST_FIELDS, Cast, as_line, pseudonym_of, rules_of, split_hashes

BATCH_SIZE = 10_000  # ballots; what one proof has to hash

# Ids and places in one statement, whatever was committed since the ids were read.
_PLACES = {
    "postgresql": "unnest(%s::bigint[]) WITH ORDINALITY AS place(id, nth)",
    "sqlite": "(SELECT value AS id, key + 1 AS nth FROM json_each(%s)) AS place",
}


def seal(poll: Poll, *, every: timedelta = timedelta(0)) -> Batch | None:
    """Seal the poll's oldest unsealed ballots, BATCH_SIZE at most; return the new batch.

    None when there is nothing to seal, or the last batch is younger than `every`. All or
    nothing is written; sealers wait for each other, and votes for neither.

    A ballot is unsealed until its own row says otherwise, so one that is committed late, with a
    lower id than those sealed already, is simply in the next batch.
    """
    with transaction.atomic():
        held = lock_poll(poll)
        last = held.batches.order_by("-number").first()
        if last and every and timezone.now() - last.sealed_at < every:
            return None
        unsealed = held.ballots.filter(batch=None).order_by("pk").values_list(*CAST_FIELDS)
        ballots = [Cast(*row) for row in unsealed[:BATCH_SIZE]]
        if not ballots:
            return None
        if held.header is None:
            held.header = poll.header = rules_of(held)
            held.save(update_fields=["header"])
        batch = _add_batch(held, last, ballots)
        _place([cast.pk for cast in ballots], batch)
    return batch


def seal_all(poll: Poll, *, every: timedelta = timedelta(0)) -> int:
    """Seal every ballot there is; return in how many batches. `every` is as for `seal`."""
    batches = 0
    while (batch := seal(poll, every=timedelta(0) if batches else every)) is not None:
        batches += 1
        if batch.size < BATCH_SIZE:
            break
    return batches


def _add_batch(poll: Poll, last: Batch | None, ballots: list[Cast]) -> Batch:
    tree = _tree_after(last)
    peaks = list(tree.peaks)
    first_leaf = tree.size
    entries = {cast.entry_id for cast in ballots}
    numbers = dict(Entry.objects.filter(pk__in=entries).values_list("pk", "number"))
    leaves = []
    for cast in ballots:
        pseudonym = pseudonym_of(poll, cast.voter)
        line = as_line(cast, pseudonym=pseudonym, number=str(numbers[cast.entry_id]))
        leaf = leaf_hash(leaf_bytes(line.pseudonym, line.entry, line.hour, line.receipt))
        tree.append(leaf)
        leaves.append(leaf)
    now = timezone.now()
    return Batch.objects.create(
        poll=poll,
        number=last.number + 1 if last else 1,
        first_leaf=first_leaf,
        size=len(ballots),
        root=tree.root().hex(),
        sealed_at=max(now, last.sealed_at) if last else now,
        hashes=b"".join(peaks + leaves),
    )


def _tree_after(last: Batch | None) -> Tree:
    if last is None:
        return Tree()
    peaks, leaves = split_hashes(last)
    tree = Tree(last.first_leaf, peaks)
    for leaf in leaves:
        tree.append(leaf)
    return tree


def _place(ids: list[int], batch: Batch) -> None:
    """Write each ballot's batch and leaf: the ids come in leaf order."""
    on_postgres = connection.vendor == "postgresql"
    table = Ballot._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET batch_id = %s, leaf = %s + place.nth - 1 "  # noqa: S608
            f"FROM {_PLACES[connection.vendor]} "
            f"WHERE {table}.id = place.id AND {table}.batch_id IS NULL",
            [batch.pk, batch.first_leaf, ids if on_postgres else json.dumps(ids)],
        )
        if cursor.rowcount != len(ids):
            raise RuntimeError("a ballot was sealed twice")

"""The lines of a ledger: JSON, one object a line, in one way of writing only.

header                  the poll, its rules, its works
ballot, ballot, batch   the ballots in leaf order; after those of a batch, its seal
...
tally, tally            one for each work, in the header's order
footer                  the root, the number of lines and the SHA-256 of everything before it
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

FORMAT = 1
ACCEPTED, VOID = "accepted", "void"

LEAF_KEYS = {"entry", "hour", "pseudonym", "receipt"}
BALLOT_KEYS = LEAF_KEYS | {"type", "leaf", "status"}
HEADER_KEYS = {
    "type", "format", "edition", "title", "opens_at", "closes_at", "time_zone", "identity",
    "votes_per_day", "entries",
}  # fmt: skip
KEYS: dict[str, set[str]] = {
    "header": HEADER_KEYS,
    "ballot": BALLOT_KEYS,
    "batch": {"type", "number", "first_leaf", "size", "root", "sealed_at"},
    "tally": {"type", "entry", "raw", "accepted"},
    "footer": {"type", "lines", "ballots", "root", "sha256"},
}

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


class BallotLine(NamedTuple):
    """A ballot as the ledger shows it."""

    pseudonym: str  # 32 hex digits
    entry: str  # the work's number
    hour: str  # ISO, with offset: the hour in which it was cast
    receipt: str  # SHA-256 of the receipt, 64 hex digits
    code: str = ""  # the rule by which it is void; "" when it is accepted


class BatchLine(NamedTuple):
    """A seal as the ledger shows it."""

    number: int  # from 1
    first_leaf: int  # from 0
    size: int
    root: str  # of all leaves up to its last, 64 hex digits
    sealed_at: str  # ISO, with offset, to the minute


def canonical(values: Any) -> bytes:
    """Return the one way to write a line: keys sorted, no spaces, UTF-8, a line feed."""
    return _encode(values).encode() + b"\n"


def leaf_bytes(pseudonym: str, entry: str, hour: str, receipt: str) -> bytes:
    """Return what a leaf commits to: all that is known of a ballot when it is cast."""
    known = {"entry": entry, "hour": hour, "pseudonym": pseudonym, "receipt": receipt}
    return _encode(known).encode()


def ledger_lines(
    header: dict[str, Any], ballots: Iterable[BallotLine], batches: Sequence[BatchLine]
) -> Iterator[bytes]:
    """Yield the file's lines. `header` has HEADER_KEYS without type and format.

    Raises ValueError when the batches do not hold the ballots one after the other.
    """
    digest = hashlib.sha256()
    lines = 0
    for values in _body(header, ballots, batches):
        line = canonical(values)
        digest.update(line)
        lines += 1
        yield line
    root = batches[-1].root if batches else hashlib.sha256().hexdigest()
    yield canonical(
        {
            "type": "footer",
            "lines": lines,
            "ballots": sum(batch.size for batch in batches),
            "root": root,
            "sha256": digest.hexdigest(),
        }
    )


def _body(
    header: dict[str, Any], ballots: Iterable[BallotLine], batches: Sequence[BatchLine]
) -> Iterator[dict[str, Any]]:
    yield header | {"type": "header", "format": FORMAT}
    tally = {number: [0, 0] for number, _section in header["entries"]}
    rest = iter(ballots)
    leaf = 0
    for batch in batches:
        if batch.first_leaf != leaf:
            raise ValueError("the batches do not follow each other")
        for _ in range(batch.size):
            ballot = next(rest, None)
            if ballot is None:
                raise ValueError("there are fewer ballots than the batches say")
            yield _ballot(leaf, ballot)
            tally[ballot.entry][0] += 1
            tally[ballot.entry][1] += not ballot.code
            leaf += 1
        yield {"type": "batch"} | batch._asdict()
    if next(rest, None) is not None:
        raise ValueError("there are more ballots than the batches say")
    for number, (raw, accepted) in tally.items():
        yield {"type": "tally", "entry": number, "raw": raw, "accepted": accepted}


def _ballot(leaf: int, ballot: BallotLine) -> dict[str, Any]:
    values = {"type": "ballot", "leaf": leaf, "status": ACCEPTED} | ballot._asdict()
    if ballot.code:
        values["status"] = VOID
    else:
        del values["code"]
    return values

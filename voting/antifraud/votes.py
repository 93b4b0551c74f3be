"""What is known of a vote, what is found, and the votes of a poll as columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

STRETCH = 3 * 60 * 60  # s: what "at the same time" means; a link's fame lasts for hours
DAY = 24 * 60 * 60


class Vote(NamedTuple):
    """One ballot with its evidence. `address`, `network`, `device` are opaque keyed hashes.

    `at`, `voter_since`: seconds since 1970; the latter is when the voter was first seen.
    """

    id: int
    entry: int
    voter: str
    at: float
    address: str
    network: str
    device: str
    referrer: Literal["here", "none", "other"]
    saw_gallery: bool
    voter_since: float


@dataclass(frozen=True)
class Suspicion:
    """Ballots (ids, ascending) that one rule wants set aside.

    `key` is the same when the same is found again; it names nobody: it is a hash of hashes.
    `details` holds plain values only, and no hash: it outlives the evidence.
    """

    code: str
    key: str
    ballots: tuple[int, ...]
    details: dict[str, Any]


class Poll:
    """The votes as columns, one row a ballot, by time. Texts are numbered from 0.

    Nothing here depends on the order in which the votes came.
    """

    def __init__(self, votes: Sequence[Vote], fleeting_seconds: float) -> None:
        ordered = sorted(votes, key=lambda vote: (vote.at, vote.id))
        self.ids: Ints = np.array([vote.id for vote in ordered], np.int64)
        self.at: Floats = np.array([vote.at for vote in ordered], float)
        self.entries, self.entry = _numbered([vote.entry for vote in ordered])
        self.voters, self.voter = _numbered([vote.voter for vote in ordered])
        self.addresses, self.address = _numbered([vote.address for vote in ordered])
        self.networks, self.network = _numbered([vote.network for vote in ordered])
        self.devices, self.device = _numbered([vote.device for vote in ordered])
        self.strayed: Truths = np.array(
            [not vote.saw_gallery and vote.referrer != "here" for vote in ordered], bool
        )
        since = np.array([vote.voter_since for vote in ordered], float)
        self._measure_voters(since, fleeting_seconds)

    def _measure_voters(self, since: Floats, fleeting_seconds: float) -> None:
        """Tell of each ballot whether its voter was fleeting, and how long the first one took."""
        count = len(self.voters)
        seen, first, last = (np.full(count, value) for value in (np.inf, np.inf, -np.inf))
        np.minimum.at(seen, self.voter, since)
        np.minimum.at(first, self.voter, self.at)
        np.maximum.at(last, self.voter, self.at)
        self.fleeting: Truths = (last - seen <= fleeting_seconds)[self.voter]
        self.wait: Floats = np.maximum((first - seen)[self.voter], 0.5)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def stretch(self) -> Ints:
        """The three hours in which each ballot was cast, from 0."""
        return _buckets(self.at, STRETCH)

    @cached_property
    def day(self) -> Ints:
        """The day (of Greenwich) on which each ballot was cast, from 0."""
        return _buckets(self.at, DAY)

    @cached_property
    def by_entry(self) -> list[Ints]:
        """The rows of each entry's ballots, by time."""
        return rows_by(self.entry, len(self.entries))

    @cached_property
    def by_network(self) -> list[Ints]:
        """The rows of each network's ballots, by time."""
        return rows_by(self.network, len(self.networks))

    def suspicion(
        self, code: str, key: Sequence[object], rows: Ints, details: dict[str, Any]
    ) -> Suspicion:
        """Return the finding that these rows are."""
        name = hashlib.blake2b(repr(tuple(key)).encode(), digest_size=16).hexdigest()
        voters = len(np.unique(self.voter[rows]))
        ids = tuple(sorted(self.ids[rows].tolist()))
        return Suspicion(code, name, ids, {"ballots": len(ids), "voters": voters} | details)


def rows_by(numbers: Ints, count: int) -> list[Ints]:
    """Return, for each number below `count`, the rows that have it, ascending."""
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=count))
    return np.split(order, ends[:-1]) if count else []


def paired(first: Ints, second: Ints) -> Ints:
    """Return a number for each pair of numbers."""
    return first * (int(second.max(initial=0)) + 1) + second


def _numbered(values: list[Any]) -> tuple[list[Any], Ints]:
    """Return the different values, sorted, and for each value its place among them."""
    different = sorted(set(values))
    place = {value: number for number, value in enumerate(different)}
    return different, np.array([place[value] for value in values], np.int64)


def _buckets(at: Floats, seconds: float) -> Ints:
    """Return the number of each time's bucket, of those in which anything was cast."""
    return np.unique(at // seconds, return_inverse=True)[1].reshape(-1)

"""Checks a ledger line by line: nothing changed, missing, added, and the count is right.

In memory stay the tree's peaks, the receipts and each voter's day: some 400 MB for a million
ballots, whatever the size of the file.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from .container import Damaged, LedgerFile
from .lines import ACCEPTED, FORMAT, KEYS, VOID, canonical, leaf_bytes
from .tree import Tree, leaf_hash

MOST_PROBLEMS = 20
FOLLOWS = {
    "": {"header"},
    "header": {"ballot", "tally", "footer"},
    "ballot": {"ballot", "batch"},
    "batch": {"ballot", "tally", "footer"},
    "tally": {"tally", "footer"},
    "footer": set[str](),
}
HEX64 = re.compile(r"[0-9a-f]{64}")
HEX32 = re.compile(r"[0-9a-f]{32}")
CODE = re.compile(r"[a-z][0-9a-z_]*")
MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}")


class Wrong(Exception):
    """A line that is not as it must be; the message says how."""


class LedgerCheck:
    """What is known while the lines go by. Feed it each line, then `finish()`."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.digest = ""  # the file's SHA-256, once it is read to its end
        self.header: dict[str, Any] = {}
        self.tree = Tree()
        self.batch_roots: list[str] = []
        self.counts: dict[str, list[int]] = {}  # work -> [raw, accepted], as counted here
        self._last = ""  # the type of the line before
        self._lines = 0
        self._digest = hashlib.sha256()
        self._sealed = 0  # ballots in batches so far
        self._sealed_at = ""
        self._works_left: list[str] = []  # works whose tally is still to come, last first
        self._receipts: set[bytes] = set()
        self._votes: dict[bytes, tuple[str, ...]] = {}  # pseudonym and day -> works

    @property
    def root(self) -> str:
        """The root of all ballots so far, 64 hex digits."""
        return self.tree.root().hex()

    @property
    def is_full(self) -> bool:
        return len(self.problems) >= MOST_PROBLEMS

    def feed(self, line: bytes) -> None:
        """Check the next line; what is wrong with it is added to `problems`."""
        try:
            values = _parsed(line)
            kind = values["type"]
            if kind not in FOLLOWS[self._last]:
                before = f"a line of type {self._last}" if self._last else "the beginning"
                raise Wrong(f"a line of type {kind} must not follow {before}")
            self._last = kind
            getattr(self, f"_check_{kind}")(values)
        except Wrong as wrong:
            self.problems.append(f"Line {self._lines + 1}: {wrong}.")
        self._lines += 1
        self._digest.update(line)

    def finish(self) -> None:
        """Check that nothing is missing at the end."""
        if self._last != "footer":
            self.problems.append("The file ends before its last line, the footer.")

    def _check_header(self, values: dict[str, Any]) -> None:
        _need(values["format"] == FORMAT and type(values["format"]) is int, "unknown format")
        for key in ("edition", "title", "time_zone", "identity"):
            _need(isinstance(values[key], str), f"{key} must be a text")
        _need(_is_count(values["votes_per_day"], 1), "votes_per_day must be a number from 1")
        opens, closes = _moment(values["opens_at"]), _moment(values["closes_at"])
        _need(opens < closes, "the vote must open before it closes")
        works = values["entries"]
        pairs = isinstance(works, list) and all(
            isinstance(work, list) and len(work) == 2 and all(isinstance(one, str) for one in work)
            for work in works
        )
        _need(pairs, "entries must be pairs of a work's number and its section")
        self.counts = {work[0]: [0, 0] for work in works}
        _need(len(self.counts) == len(works), "a work is listed twice")
        self._works_left = [work[0] for work in reversed(works)]
        self.header = values

    def _check_ballot(self, values: dict[str, Any]) -> None:
        leaf, pseudonym, receipt = values["leaf"], values["pseudonym"], values["receipt"]
        _need(_is_count(leaf) and leaf == self.tree.size, f"leaf {self.tree.size} must come here")
        _need_match(HEX32, pseudonym, "the pseudonym")
        _need_match(HEX64, receipt, "the receipt's digest")
        hour, work = values["hour"], values["entry"]
        _need(isinstance(hour, str) and _is_hour(hour), "the hour is not an hour")
        counts = self.counts.get(work) if isinstance(work, str) else None
        if counts is None:
            raise Wrong("the work is not in the header")
        self.tree.append(leaf_hash(leaf_bytes(pseudonym, work, hour, receipt)))
        counts[0] += 1
        counts[1] += _is_accepted(values)
        self._check_window(hour)
        self._check_day(pseudonym, work, hour[:10])
        seen = len(self._receipts)
        self._receipts.add(bytes.fromhex(receipt))
        _need(len(self._receipts) > seen, "this receipt was given to an earlier ballot already")

    def _check_window(self, hour: str) -> None:
        if self.header:
            is_in = _is_in_window(hour, self.header["opens_at"], self.header["closes_at"])
            _need(is_in, "the ballot was cast while voting was not open")

    def _check_day(self, pseudonym: str, work: str, day: str) -> None:
        key = bytes.fromhex(pseudonym) + day.encode()
        earlier = self._votes.get(key, ())
        self._votes[key] = (*earlier, work)
        _need(work not in earlier, "the voter has voted for this work on that day already")
        if self.header:
            limit = self.header["votes_per_day"]
            _need(len(earlier) < limit, f"the voter has more than {limit} votes on that day")

    def _check_batch(self, values: dict[str, Any]) -> None:
        number = len(self.batch_roots) + 1
        self.batch_roots.append(str(values["root"]))
        size = self.tree.size - self._sealed
        first, self._sealed = self._sealed, self.tree.size
        _need(
            _is_count(values["number"]) and values["number"] == number,
            f"batch {number} must come here",
        )
        _need(
            _is_count(values["first_leaf"]) and values["first_leaf"] == first,
            f"the batch begins with leaf {first}",
        )
        _need(_is_count(values["size"]) and values["size"] == size, f"the batch has {size} ballots")
        _moment(values["sealed_at"])
        earlier, self._sealed_at = self._sealed_at, values["sealed_at"]
        in_order = not earlier or _moment(earlier) <= _moment(self._sealed_at)
        _need(in_order, "the batch was sealed before the one before it")
        _need(values["root"] == self.root, f"the root is {self.root}, not the one stated")

    def _check_tally(self, values: dict[str, Any]) -> None:
        work = self._works_left.pop() if self._works_left else None
        _need(values["entry"] == work, "the tallies must be those of the header's works, in order")
        raw, accepted = self.counts[str(work)]
        right = (
            _is_count(values["raw"])
            and _is_count(values["accepted"])
            and (values["raw"], values["accepted"]) == (raw, accepted)
        )
        _need(right, f"work {work} has {raw} ballots, {accepted} of them accepted")

    def _check_footer(self, values: dict[str, Any]) -> None:
        _need(not self._works_left, "tallies of works are missing before it")
        for key, found in (("lines", self._lines), ("ballots", self.tree.size)):
            right = _is_count(values[key]) and values[key] == found
            _need(right, f"there are {found} {key} before it")
        _need(values["root"] == self.root, f"the root is {self.root}, not the one stated")
        digest = self._digest.hexdigest()
        _need(
            values["sha256"] == digest, "the SHA-256 of the lines before it is not the one stated"
        )


def verify(
    path: Path, *, root: str = "", sha256: str = "", seen: Iterable[str] = ()
) -> LedgerCheck:
    """Read the file and return what was found; without `problems` it is as it was published.

    `root` and `sha256` are those published beside it; `seen`: roots published during the vote.
    Without them the file can only be checked against itself.
    """
    check = LedgerCheck()
    with path.open("rb") as opened:
        file = LedgerFile(opened, path.name)
        try:
            for line in file.lines():
                check.feed(line)
                if check.is_full:
                    check.problems.append("There may be more; the check ends here.")
                    return check
        except Damaged as damaged:
            check.problems.append(str(damaged))
            return check
    check.finish()
    check.digest = file.digest
    for stated in (sha256.lower(), file.named_digest):
        if stated and file.digest[: len(stated)] != stated:
            check.problems.append(f"The file's SHA-256 is {file.digest}, not {stated}.")
    if root and root.lower() != check.root:
        check.problems.append(f"The root of all ballots is {check.root}, not {root}.")
    missing = Counter(one.lower() for one in seen) - Counter(check.batch_roots)
    check.problems += [f"The root {one} was published, but no batch has it." for one in missing]
    return check


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line.decode())
        is_canonical = canonical(values) == line
    except (ValueError, RecursionError) as error:
        raise Wrong("it is no line of a ledger: it is damaged or not JSON") from error
    _need(is_canonical, "it is not written the way a ledger is: something was changed by hand")
    _need(isinstance(values, dict) and isinstance(values.get("type"), str), "it has no type")
    keys = KEYS.get(values["type"])
    if keys is None:
        raise Wrong("its type is unknown")
    if values["type"] == "ballot" and values.get("status") == VOID:
        keys = keys | {"code"}
    _need(set(values) == keys, "a field is missing or unknown")
    return values


def _is_accepted(values: dict[str, Any]) -> bool:
    if values["status"] == VOID:
        _need_match(CODE, values["code"], "the code of the rule")
        return False
    _need(values["status"] == ACCEPTED, "the status is neither accepted nor void")
    return True


def _is_count(value: Any, least: int = 0) -> bool:
    return type(value) is int and value >= least


def _need(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Wrong(otherwise)


def _need_match(pattern: re.Pattern[str], value: Any, what: str) -> None:
    _need(isinstance(value, str) and bool(pattern.fullmatch(value)), f"{what} is not well formed")


def _moment(text: Any) -> datetime:
    _need_match(MINUTE, text, "a moment")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong(f"there is no such moment as {text}") from error


@cache  # a vote has some hundreds of hours
def _is_hour(text: str) -> bool:
    try:
        return _moment(text).minute == 0
    except Wrong:
        return False


@cache
def _is_in_window(hour: str, opens_at: str, closes_at: str) -> bool:
    begins = _moment(hour)
    return begins < _moment(closes_at) and begins + timedelta(hours=1) > _moment(opens_at)

"""The parts of a bundle and how their lines look: canonical JSON, known keys, known order.

There are no fractions in it: values are texts with six decimals, all numbers are whole.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from portal.results.bundle.container import Damaged
from voting.ledger.lines import canonical

FORMAT = 1
NOTICE, FINAL = "notice", "final"  # the awards as put on notice, and as they are in the end
MANIFEST, RULE, LEDGER, ROOT = "manifest.json", "rule.json", "ledger.jsonl.gz", "root"
GREATEST_NUMBER = 2**53  # what every reader of JSON has exactly
LONGEST_LINE = 1 << 20  # bytes
MOST_SMALL, MOST_LARGE = 1 << 22, 1 << 26  # bytes: of manifest and rule; of a table

Line = dict[str, Any]

# --- shapes -------------------------------------------------------------------------------
# str, int, bool: that; (a, b): either; [a]: any number of a; {"k": a}: exactly these keys;
# {str: a}: any keys.

_TITLES = {"title": str, "title_en": str}
_PLACE = {"category": str, "section": int, "work": str, "rank": int}
_CATEGORY = {
    "code": str,
    "source": str,
    "places": {str: int},
    "jury_weight": int,
    "expert_weight": int,
    "industry_weight": int,
    "jury_floor": int,
}
SHAPES: dict[str, Any] = {
    MANIFEST: {
        "format": int,
        "edition": {"slug": str, **_TITLES},
        "stage": str,
        "version": int,
        "parts": [{"name": str, "bytes": int, "lines": int, "sha256": str}],
    },
    RULE: {
        "rule": {
            "categories": [_CATEGORY],
            "may_hold_two": bool,
            "caps": {"organisation": int, "association": int, "author": int},
            "sections": [int],
        },
        "categories": [{"code": str, **_TITLES}],
        "sections": [{"id": int, **_TITLES}],
        "criteria": [{"code": str, "weight": int, **_TITLES}],
        "scale": {"lowest": int, "highest": int},
    },
    "works.jsonl": {
        "work": str,
        "id": int,
        "section": int,
        "organisation": (str, None),
        "association": (str, None),
        "author": (str, None),
        "out": (int, None),
    },
    "rounds.jsonl": {"round": int, "ranks_by": str, "judges": {str: str}},
    "lists.jsonl": {"source": str, "version": int, "round": (int, None), "digest": str},
    "scores.jsonl": {"round": int, "work": str, "judge": str, "scores": {str: int}},
    "standings.jsonl": {
        "source": str,
        "work": str,
        "value": str,
        "readings": int,
        "rank": int,
        "raw": (str, None),
        "trimmed": (str, None),
        "adjusted": (str, None),
    },
    "decisions.jsonl": {
        "category": str,
        "section": int,
        "tied": [str],
        "chosen": [str],
        "reason": str,
        "after": int,
    },
    "replacements.jsonl": {
        "number": int,
        "work": str,
        "reason": str,
        "lost": [_PLACE],
        "gained": [_PLACE],
    },
    "awards.jsonl": _PLACE,
}
TABLES = [name for name in SHAPES if name.endswith(".jsonl")]
NAMES = [MANIFEST, RULE, *TABLES, LEDGER, ROOT]  # in the archive's order
# What the lines of a table are sorted by; no two are equal in it. Sorted so, they say nothing of
# who scored first. Decisions stand as they were made, awards as they are won.
ORDERS: dict[str, Callable[[Line], Any]] = {
    "works.jsonl": lambda line: line["work"],
    "rounds.jsonl": lambda line: line["round"],
    "lists.jsonl": lambda line: line["source"],
    "scores.jsonl": lambda line: (line["round"], line["work"], line["judge"]),
    "standings.jsonl": lambda line: (line["source"], line["work"]),
    "replacements.jsonl": lambda line: line["number"],
}


def fits(value: Any, shape: Any) -> bool:
    """Tell whether the value has the shape; numbers are whole, not negative, not huge."""
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, list):
        return type(value) is list and all(fits(one, shape[0]) for one in value)
    if isinstance(shape, dict):
        if type(value) is not dict:
            return False
        if str in shape:
            return all(fits(one, shape[str]) for one in value.values())
        return value.keys() == shape.keys() and all(fits(value[key], shape[key]) for key in shape)
    if shape is None:
        return value is None
    return type(value) is shape and (shape is not int or 0 <= value <= GREATEST_NUMBER)


# --- contents -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Contents:
    """What a bundle says, but for the ledger: the rule, and each table's lines by its name."""

    rule: Line
    tables: Mapping[str, list[Line]]

    def __getitem__(self, table: str) -> list[Line]:
        """Return the lines of `works`, `rounds` ..."""
        return self.tables[f"{table}.jsonl"]


def in_order(name: str, lines: Iterable[Line]) -> list[Line]:
    """Return a table's lines in the order in which they stand in a bundle."""
    key = ORDERS.get(name)
    return sorted(lines, key=key) if key else list(lines)


def written(lines: Iterable[Line]) -> bytes:
    """Return a table as it is written."""
    return b"".join(map(canonical, lines))


def read_lines(name: str, data: bytes) -> list[Line]:
    """Return the objects of a part. Raises Damaged: a line is not the way a bundle has it."""
    found = []
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        values = _parsed(line)
        if values is None or not fits(values, SHAPES[name]):
            raise Damaged(f"{name}, line {number}: it is damaged, or no line of this part.")
        found.append(values)
    key = ORDERS.get(name)
    keys = [key(line) for line in found] if key else []
    if any(one >= other for one, other in pairwise(keys)):
        raise Damaged(f"{name}: a line stands twice, or not in its place.")
    return found


def read_one(name: str, data: bytes) -> Line:
    """Return the one object of a part. Raises Damaged."""
    lines = read_lines(name, data)
    if len(lines) != 1:
        raise Damaged(f"{name}: it must have one line.")
    return lines[0]


def _parsed(line: bytes) -> Any:
    """Return what the line says, or None when it is not written the one way."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        values = json.loads(line)
        return values if canonical(values) == line else None
    except (ValueError, RecursionError):
        return None

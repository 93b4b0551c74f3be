"""A small ledger made of nothing but numbers, and the same with anything in it changed."""

import hashlib
import json
import random

from voting.ledger.lines import BallotLine, BatchLine, leaf_bytes, ledger_lines
from voting.ledger.receipts import receipt_digest, receipt_text
from voting.ledger.tree import Tree, leaf_hash

WORKS = [["P-000001", "单幅照片"], ["P-000002", "单幅照片"], ["V-000001", "微视频"]]
HEADER = {
    "edition": "2026",
    "title": "第三届摄影大赛",
    "opens_at": "2026-05-01T09:00+08:00",
    "closes_at": "2026-05-08T18:00+08:00",
    "time_zone": "Asia/Shanghai",
    "identity": "device",
    "votes_per_day": 2,
    "entries": WORKS,
}


def receipt_of(leaf):
    return receipt_text(leaf + 1, hashlib.sha256(str(leaf).encode()).hexdigest()[:20])


def some_ballots(count=40):
    """Return ballots of half as many voters, two a voter and day, every seventh void."""
    return [
        BallotLine(
            pseudonym=hashlib.md5(str(leaf // 2).encode()).hexdigest(),
            entry=WORKS[leaf % 3][0],
            hour=f"2026-05-0{1 + leaf * 6 // count}T{10 + leaf % 8}:00+08:00",
            receipt=receipt_digest(receipt_of(leaf)),
            code="burst" if leaf % 7 == 3 else "",
        )
        for leaf in range(count)
    ]


def sealed(ballots, sizes=(7, 1, 20)):
    """Return the seals of the ballots, in batches of these sizes and a last one of the rest."""
    tree, batches, first = Tree(), [], 0
    sizes = [*sizes, len(ballots) - sum(sizes)]
    for number, size in enumerate(sizes, 1):
        for ballot in ballots[first : first + size]:
            tree.append(leaf_hash(leaf_bytes(*ballot[:4])))
        root, at = tree.root().hex(), f"2026-05-08T18:0{number}+08:00"
        batches.append(BatchLine(number, first, size, root, at))
        first += size
    return batches


def a_ledger(ballots=None, header=HEADER):
    """Return the bytes of a ledger, not packed."""
    ballots = some_ballots() if ballots is None else ballots
    return b"".join(ledger_lines(header, ballots, sealed(ballots)))


def root_of(ledger):
    return json.loads(ledger.splitlines()[-1])["root"]


# --- what a forger does -------------------------------------------------------------------


def flip(rng, data):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]


def flip_bit(rng, data):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def drop_byte(rng, data):
    at = rng.randrange(len(data))
    return data[:at] + data[at + 1 :]


def add_byte(rng, data):
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice([b" ", b"\n", b"0", b"}", b"\x00"]) + data[at:]


def cut(rng, data):
    return data[: rng.randrange(len(data))]


def _with_lines(change):
    def edit(rng, data):
        lines = data.splitlines(keepends=True)
        change(rng, lines)
        return b"".join(lines)

    edit.__name__ = change.__name__
    return edit


@_with_lines
def drop_line(rng, lines):
    del lines[rng.randrange(len(lines))]


@_with_lines
def double_line(rng, lines):
    at = rng.randrange(len(lines))
    lines.insert(at, lines[at])


@_with_lines
def swap_lines(rng, lines):
    one, other = rng.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]


@_with_lines
def insert_line(rng, lines):
    other = random.Random(rng.random())
    foreign = a_ledger(some_ballots(34)).splitlines(keepends=True)
    lines.insert(other.randrange(len(lines) + 1), other.choice(foreign))


@_with_lines
def change_value(rng, lines):
    at = rng.randrange(len(lines))
    values = json.loads(lines[at])
    key = rng.choice(sorted(values))
    values[key] = another(rng, values[key])
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    lines[at] = text.encode() + b"\n"


def another(rng, value):
    """Return something else of the same look."""
    if isinstance(value, int):
        return value + rng.choice([-1, 1, 1000])
    if isinstance(value, list):
        return value[:-1]
    if value in ("accepted", "void"):
        return {"accepted": "void", "void": "accepted"}[value]
    at = rng.randrange(len(value))
    return (
        value[:at] + rng.choice([c for c in "0123456789abcdef" if c != value[at]]) + value[at + 1 :]
    )


EDITS = [
    flip, flip_bit, drop_byte, add_byte, cut,
    drop_line, double_line, swap_lines, insert_line, change_value,
]  # fmt: skip

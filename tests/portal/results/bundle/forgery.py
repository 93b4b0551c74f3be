"""What a forger does to a bundle: to its bytes, and to what it says with all digests repaired."""

import json

from portal.results.bundle.container import read_archive, read_member
from portal.results.bundle.packing import write_bundle
from portal.results.bundle.parts import LEDGER, MANIFEST, NAMES, RULE, TABLES, Contents

MOST = 1 << 26


def read_parts(path):
    """Return name -> bytes of every part."""
    with path.open("rb") as file:
        members = read_archive(file, NAMES)
        return {name: read_member(file, member, MOST) for name, member in members.items()}


def root_of(path):
    return read_parts(path)["root"].decode().strip()


def repaired(path, target, change):
    """Write a bundle in which `change(tables, rule)` has edited what it says; every digest is
    repaired but those of the frozen standings. Return its root.
    """
    parts = read_parts(path)
    manifest, rule = json.loads(parts[MANIFEST]), json.loads(parts[RULE])
    tables = {name: [json.loads(line) for line in parts[name].splitlines()] for name in TABLES}
    change({name.removesuffix(".jsonl"): lines for name, lines in tables.items()}, rule)
    ledger = target.with_suffix(".ledger")
    ledger.write_bytes(parts[LEDGER])
    [ballots] = [one["lines"] for one in manifest["parts"] if one["name"] == LEDGER]
    head = {key: manifest[key] for key in ("edition", "stage", "version")}
    return write_bundle(target, head, Contents(rule, tables), ledger, ballots)


# --- of bytes -----------------------------------------------------------------------------


def flip_bit(chance, data):
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def drop_byte(chance, data):
    at = chance.randrange(len(data))
    return data[:at] + data[at + 1 :]


def add_byte(chance, data):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice([b" ", b"\n", b"0", b"}", b"\x00"]) + data[at:]


def cut(chance, data):
    return data[: chance.randrange(len(data))]


def swap_lines(chance, data):
    lines = data.splitlines(keepends=True)
    one, other = chance.sample(range(len(lines)), 2)
    if lines[one] == lines[other]:
        return drop_byte(chance, data)
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


BYTE_EDITS = [flip_bit, drop_byte, add_byte, cut, swap_lines]


# --- of what it says ----------------------------------------------------------------------


def any_value(chance):
    """Return a change that makes one value of one line another."""

    def change(tables, rule):
        filled = sorted(name for name, lines in tables.items() if lines)
        name = chance.choice(filled)
        line = chance.choice(tables[name])
        _make_another(chance, line)

    return change


def any_line(chance):
    """Return a change that drops a line, or doubles it."""

    def change(tables, rule):
        lines = tables[chance.choice(sorted(name for name, lines in tables.items() if lines))]
        at = chance.randrange(len(lines))
        if chance.random() < 0.5:
            del lines[at]
        else:
            lines.insert(at, lines[at])

    return change


def _make_another(chance, holder):
    key = chance.choice(sorted(holder) if isinstance(holder, dict) else range(len(holder)))
    value = holder[key]
    if isinstance(value, dict | list):
        if value:
            return _make_another(chance, value)
        value = None
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + chance.choice([1, 2, 1000]) if value < 2 else value - 1
    elif isinstance(value, str):
        holder[key] = value + chance.choice("0a9")
    else:
        holder[key] = 0
    return None

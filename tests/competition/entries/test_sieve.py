"""The sieve finds whatever the plain rule would find, and reads each row only a few times."""

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.entries import sieve as module
from competition.entries.likeness import MIRROR, MOST_BITS, Mark, find_like
from competition.entries.sieve import Sieve

BITS = 256


def text(bits):
    return f"{bits:064x}"


def flipped(bits, count, chance):
    for place in chance.sample(range(BITS), count):
        bits ^= 1 << place
    return bits


def sieve_of(rows):
    return Sieve(lambda above: [row for row in rows if row[0] > above])


@given(st.integers(0, 2**32), st.integers(0, 2), st.integers(0, 2), st.booleans())
def test_it_keeps_back_no_copy(seed, own_view, other_view, is_mirrored):
    chance = random.Random(seed)
    own = chance.getrandbits(BITS)
    distance = chance.choice([0, 1, MOST_BITS - 1, MOST_BITS, MOST_BITS + 1, 120])
    other = flipped(own, distance, chance) ^ (MIRROR if is_mirrored else 0)
    rows = [(1, "other", other_view, text(other)), (2, "far", 0, text(chance.getrandbits(BITS)))]
    marks = [Mark(own, 0, own_view)]
    plain = find_like(marks, [(owner, 0, view, bits) for _n, owner, view, bits in rows])
    assert set(plain) <= sieve_of(rows).like(marks)
    is_near = distance <= MOST_BITS and not (own_view and other_view)
    assert ("other" in sieve_of(rows).like(marks)) == is_near


def test_a_copy_is_found_among_settled_rows_and_among_the_newest(monkeypatch):
    monkeypatch.setattr(module, "UNSETTLED", 3)
    chance = random.Random(1)
    rows = [(n, f"file {n}", 0, text(chance.getrandbits(BITS))) for n in range(1, 21)]
    sieve = sieve_of(rows)
    for _again in range(2):
        for n in (1, 16, 17, 20):
            assert sieve.like([Mark(int(rows[n - 1][3], 16))]) == {f"file {n}"}


def test_a_row_that_was_committed_late_is_found(monkeypatch):
    monkeypatch.setattr(module, "UNSETTLED", 3)
    rows = [(n, f"file {n}", 0, text(n << 100)) for n in range(1, 21)]
    late = rows.pop(18)
    sieve = sieve_of(rows)
    sieve.like([Mark(0)])
    rows.insert(18, late)
    assert "file 19" in sieve.like([Mark(19 << 100)])


def test_what_is_settled_is_not_read_again(monkeypatch):
    monkeypatch.setattr(module, "UNSETTLED", 10)
    times_read = defaultdict(int)
    rows = []

    def read(above):
        for row in rows:
            if row[0] > above:
                times_read[row[0]] += 1
                yield row

    sieve = Sieve(read)
    for n in range(1, 500):
        rows.append((n, n, 0, text(n)))
        sieve.like([Mark(0)])
    assert max(times_read.values()) <= 2 * 10 + 1


@pytest.mark.parametrize("marks", [[], [Mark(5)]])
def test_nothing_is_like_anything_while_nothing_is_known(marks):
    assert sieve_of([]).like(marks) == set()

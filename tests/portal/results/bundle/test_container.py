"""The archive has one form only."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.results.bundle.container import Damaged, read_archive, read_member, write_archive

NAMES = ["a", "b.json", "c"]
parts = st.lists(st.binary(max_size=60), min_size=3, max_size=3)


def packed(datas):
    file = io.BytesIO()
    write_archive(file, list(zip(NAMES, datas, strict=True)))
    return file.getvalue()


@given(parts)
def test_what_is_written_is_read(datas):
    file = io.BytesIO(packed(datas))
    members = read_archive(file, NAMES)
    assert [read_member(file, members[name], 60) for name in NAMES] == datas


@given(parts, st.data())
def test_one_bit_is_seen(datas, data):
    archive = bytearray(packed(datas))
    bit = data.draw(st.integers(0, 8 * len(archive) - 1))
    archive[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        read_archive(io.BytesIO(archive), NAMES)


@given(parts, st.integers(0, 2))
def test_the_parts_have_one_order(datas, first):
    archive = io.BytesIO()
    names = NAMES[first:] + NAMES[:first]
    write_archive(archive, list(zip(names, datas, strict=True)))
    archive.seek(0)
    if first:
        with pytest.raises(Damaged):
            read_archive(archive, NAMES)
    else:
        assert list(read_archive(archive, NAMES)) == NAMES


def test_a_part_that_is_too_large_is_not_read():
    file = io.BytesIO(packed([b"x" * 60] * 3))
    members = read_archive(file, NAMES)
    with pytest.raises(Damaged):
        read_member(file, members["a"], 59)

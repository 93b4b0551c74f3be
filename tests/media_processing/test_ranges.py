"""Which bytes a player asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_processing.ranges import ByteRange, RangeNotSatisfiable, read_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=10-19", ByteRange(10, 19)),
        ("bytes=90-500", ByteRange(90, 99)),
        ("bytes=-10", ByteRange(90, 99)),
        ("bytes=-500", ByteRange(0, 99)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=٣-", None),
    ],
)
def test_what_a_header_asks_of_a_hundred_bytes(header, wanted):
    assert read_range(header, 100) == wanted


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_behind_the_end_there_is_nothing(header):
    with pytest.raises(RangeNotSatisfiable):
        read_range(header, 100)


@given(st.text(), st.integers(0, 10**6))
def test_no_header_breaks_it_and_no_range_leaves_the_file(header, size):
    try:
        wanted = read_range(header, size)
    except RangeNotSatisfiable:
        return
    assert wanted is None or 0 <= wanted.first <= wanted.last < size


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 150))
def test_every_range_lies_inside(first, last, size):
    try:
        wanted = read_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    assert wanted is None if last < first else wanted == ByteRange(first, min(last, size - 1))

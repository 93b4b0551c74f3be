"""Which phone a number means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.proofs.phones import read_number


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "0086 13800138000",
        "86 13800138000",
        "１３８００１３８０００",
        "（＋８６）１３８００１３８０００",
        "13800138000 ext. 12",
    ],
)
def test_spellings_of_one_number(typed):
    assert read_number(typed, ["CN"]) == "+8613800138000"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "not a phone number"),
        ("12345", "not a phone number"),
        ("lisi@example.org", "not a phone number"),
        ("138001380001380", "not a phone number"),
        ("010 6552 9988", "not a mobile number"),
        ("400 810 1234", "not a mobile number"),
        ("+852 9123 4567", "another country"),
        ("+1 202 555 0123", "another country"),
    ],
)
def test_what_gets_no_text_message_is_refused(typed, problem):
    with pytest.raises(ValueError, match=problem):
        read_number(typed, ["CN"])


def test_other_countries_can_be_let_in():
    assert read_number("+852 9123 4567", ["CN", "HK"]) == "+85291234567"
    assert read_number("91234567", ["HK", "CN"]) == "+85291234567"
    assert read_number("+1 202 555 0123", ["CN", "US"]) == "+12025550123"


@given(st.text(max_size=40))
def test_any_text_is_a_chinese_mobile_number_or_refused(text):
    try:
        number = read_number(text, ["CN"])
    except ValueError:
        return
    assert number.startswith("+861")
    assert len(number) == 14

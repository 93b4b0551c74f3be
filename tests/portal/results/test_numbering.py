"""A certificate's number can be typed from paper, and not guessed."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.results.numbering import (
    ALPHABET,
    certificate_number,
    normalise,
    place_of,
    short_number,
)

KEY = b"only for tests"

slugs = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=40).filter(
    lambda slug: any(sign.isalnum() for sign in slug)
)
letters = st.sampled_from("EPSO")
places = st.integers(1, 9999)
numbers = st.builds(certificate_number, slugs, letters, places, st.just(KEY))


def test_a_number_names_edition_category_and_place_and_ends_in_a_check():
    number = certificate_number("2026", "E", 1, KEY)
    assert number[:12] == "2026-E-0001-"
    assert len(number) == 18
    assert set(number[12:]) <= set(ALPHABET)


def test_the_number_of_given_facts_never_changes():
    assert certificate_number("2026", "E", 1, KEY) == "2026-E-0001-PEXFS4"


@given(numbers)
def test_a_number_as_it_is_kept_is_its_own_normal_form(number):
    assert normalise(number) == number


@given(numbers, st.data())
def test_a_number_is_found_however_it_is_typed(number, data):
    """Each sign in any case, 0 as O, 1 as I or L, wide or narrow, with anything between."""
    typed = []
    for sign in number.replace("-", ""):
        like = {"0": "0OoＯ０", "1": "1IiLlｌ", "O": "O0o"}.get(sign, sign + sign.lower())
        typed.append(data.draw(st.sampled_from(like)))
        typed.append(data.draw(st.sampled_from(["", "", " ", "-", "–", "—", "\u3000", "_", "."])))
    assert normalise("".join(typed)) == number


@given(slugs, slugs, letters, letters, places, places)
def test_other_facts_have_another_number(slug, other_slug, letter, other_letter, place, other):
    facts, others = (slug, letter, place), (other_slug, other_letter, other)
    same = certificate_number(*facts, KEY) == certificate_number(*others, KEY)
    assert same == (facts == others)


@given(slugs, letters, places)
def test_without_the_key_the_check_is_not_known(slug, letter, place):
    ours = certificate_number(slug, letter, place, KEY)
    theirs = certificate_number(slug, letter, place, b"a guess")
    assert ours[:-6] == theirs[:-6]
    assert ours != theirs


@given(numbers)
def test_letter_and_place_are_read_from_the_number(number):
    letter, place = place_of(number)
    assert short_number(number) == f"{letter}-{place:04}"


@pytest.mark.parametrize("place", [0, -1, 10_000])
def test_a_place_without_room_is_refused(place):
    with pytest.raises(ValueError, match="no room"):
        certificate_number("2026", "E", place, KEY)


@pytest.mark.parametrize(
    "text",
    [
        "2026",
        "E-0001-7K3QXW",
        "2026-X-0001-7K3QXW",
        "2026-E-000A-7K3QXW",
        "2026-E-0001-7K3QXU",
        "2026-E-0001-7K3QX",
        "2026-E-0001-7K3QX龘",
        "龘龘龘龘龘龘龘龘龘龘龘龘龘龘龘龘龘龘",
        "-",
        "---",
        "%00",
    ],
)
def test_anything_else_is_no_number(text):
    with pytest.raises(ValueError, match="not a number"):
        normalise(text)


@given(st.text())
def test_whatever_is_typed_is_a_number_or_is_refused(text):
    try:
        number = normalise(text)
    except ValueError:
        return
    assert normalise(number) == number

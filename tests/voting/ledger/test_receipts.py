"""A receipt survives being read aloud, typed and copied."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.ledger.receipts import parse_receipt, receipt_digest, receipt_text

secrets = st.text("0123456789abcdef", min_size=20, max_size=20)


def test_a_receipt_is_the_id_and_the_secret_in_groups():
    text = receipt_text(237_683, "1a2b3c4d5e6f708192a3")
    assert text == "783K-1A2B3-C4D5E-6F708-192A3"
    assert parse_receipt(text) == (237_683, "1a2b3c4d5e6f708192a3")
    assert receipt_digest(text) == hashlib.sha256(text.encode()).hexdigest()


@given(st.integers(0, 2**63 - 1), secrets)
def test_each_receipt_is_read_back(ballot_id, secret):
    assert parse_receipt(receipt_text(ballot_id, secret)) == (ballot_id, secret)


@given(st.integers(0, 2**63 - 1), secrets, st.randoms(use_true_random=False))
def test_typed_in_another_way_it_is_the_same(ballot_id, secret, rng):
    def mistyped(letter):
        letter = {"0": rng.choice("0Oo"), "1": rng.choice("1IiLl")}.get(letter, letter)
        return rng.choice([letter, letter.lower()]) + rng.choice(["", "", " ", "-", "—", "\u3000"])

    plain = receipt_text(ballot_id, secret).replace("-", "")
    assert parse_receipt("".join(map(mistyped, plain))) == (ballot_id, secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1A2B3-C4D5E-6F708-192A3",
        "7M3K-1A2B3-C4D5E-6F708-192AG",
        "UUUU-1A2B3-C4D5E-6F708-192A3",
        "7M3K-1A2B3-C4D5E-6F708-192A٣",
        "80000000000000-1A2B3-C4D5E-6F708-192A3",
        "7M3K-1A2B3-C4D5E-6F708-192A3" + "Z" * 100_000,
        "7M3K\x00-1A2B3-C4D5E-6F708-192A3",
    ],
)
def test_what_is_no_receipt_is_refused(text):
    with pytest.raises(ValueError, match="not a receipt"):
        parse_receipt(text)

"""Which papers are taken as a release."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.entries.papers import MIME_TYPES, paper_extension, sniff_paper

HEADS = {
    b"%PDF-1.4 ...": "pdf",
    b"\xff\xd8\xff\xe0": "jpeg",
    b"\x89PNG\r\n\x1a\n....": "png",
    b"RIFF\x00\x00\x00\x00WEBP": None,  # a picture, but no usual scan
    b"<html><script>": None,
    b"PK\x03\x04": None,
    b" %PDF-1.4": None,
    b"": None,
}


@pytest.mark.parametrize(("head", "found"), HEADS.items())
def test_a_paper_is_what_its_first_bytes_say(head, found):
    assert sniff_paper(head) == found


@given(st.binary(max_size=64))
def test_what_is_taken_has_a_fixed_type_and_ending(head):
    found = sniff_paper(head)
    assert found is None or (
        found in MIME_TYPES and paper_extension(found) in ["pdf", "jpg", "png"]
    )


@given(st.binary(max_size=64))
def test_only_three_beginnings_are_taken(head):
    begins = head.startswith((b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
    assert (sniff_paper(head) is not None) == begins

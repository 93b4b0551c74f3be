"""What tus headers say: read whole, or refused."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_processing import tus
from media_processing.tus import TusRefused


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


KEYS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1
)
VALUES = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(KEYS, VALUES))
def test_metadata_comes_back_as_it_was_sent(values):
    header = ",".join(f"{key} {encoded(value)}" for key, value in values.items())
    assert tus.read_metadata(header) == values


def test_a_key_may_stand_alone_and_spaces_may_follow_a_comma():
    assert tus.read_metadata(f"filename {encoded('晨光.jpg')}, is_draft") == {
        "filename": "晨光.jpg",
        "is_draft": "",
    }


@pytest.mark.parametrize(
    "header",
    ["filename !!", "filename a b", "filename /w==", "a YQ==,a YQ==", " YQ==", "a YQ==,,b YQ=="],
)
def test_metadata_that_is_none_is_refused(header):
    with pytest.raises(TusRefused) as caught:
        tus.read_metadata(header)
    assert caught.value.status == 400


@pytest.mark.parametrize("header", [None, "", "-1", "1.5", "1e3", " 1", "１", "9" * 19])
def test_what_is_no_number_of_bytes_is_refused(header):
    with pytest.raises(TusRefused) as caught:
        tus.read_count(header, "Upload-Offset")
    assert caught.value.status == 400
    assert tus.read_count("0", "Upload-Offset") == 0


@pytest.mark.parametrize("algorithm", tus.ALGORITHMS)
def test_a_checksum_tells_its_body_from_others(algorithm):
    digest = hashlib.new(algorithm, b"body").digest()
    checksum = tus.read_checksum(f"{algorithm} {base64.b64encode(digest).decode()}")
    hasher = checksum.hasher()
    hasher.update(b"body")
    assert checksum.matches(hasher.digest())
    assert not checksum.matches(b"")


@pytest.mark.parametrize("header", ["", "crc32 AAAA", "sha1", "sha1 !", "sha1 AAAA", "SHA1 AAAA"])
def test_a_checksum_that_cannot_be_read_is_refused(header):
    with pytest.raises(TusRefused) as caught:
        tus.read_checksum(header)
    assert caught.value.status == 400

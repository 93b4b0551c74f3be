"""Every refusal is a plain sentence in both languages, with what to do next."""

import re

import pytest
from django.utils import translation

from media_processing.reasons import SENTENCES, explain
from media_processing.rules import UploadRefused, check_frames, check_pixels, check_size
from media_processing.states import Reason
from tests.media_processing.makers import PHOTO_RULES


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_a_sentence(reason):
    with translation.override("en"):
        sentence = explain(reason, {})
    assert sentence.endswith(".")
    assert len(re.findall(r"[.;] ", sentence)) >= 1 or reason == Reason.NO_PICTURE


def test_no_reason_is_no_sentence():
    assert explain("", {}) == ""


def test_there_is_no_sentence_for_nothing():
    assert set(SENTENCES) == set(Reason)


def test_the_values_stand_in_the_sentence():
    with translation.override("en"):
        found = explain("too_small", {"long_side": 1200, "min_long_side": 3000})
    assert found == (
        "The long side has 1200 px; this section asks for at least 3000 px. "
        "Please upload the original."
    )


def test_unknown_content_is_called_unknown():
    with translation.override("en"):
        found = explain("name_and_content_differ", {"extension": "mp4", "found": ""})
    assert "“.mp4”" in found
    assert "(unknown)" in found


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_size(PHOTO_RULES, 10**9),
        lambda: check_pixels(PHOTO_RULES, 20000, 20000),
        lambda: check_frames(PHOTO_RULES, 4000, 3000, 99),
    ],
)
def test_what_the_rules_tell_is_all_the_sentence_needs(check):
    with pytest.raises(UploadRefused) as caught:
        check()
    assert "?" not in explain(caught.value.reason, caught.value.values)

"""One verdict for one file, whichever door it came through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_processing.rules import (
    MediaRules,
    UploadRefused,
    check_format,
    check_frames,
    check_pixels,
    check_seconds,
    check_size,
)
from media_processing.states import Reason
from tests.media_processing.makers import PHOTO_RULES, VIDEO_RULES


def refusal(check, *arguments):
    with pytest.raises(UploadRefused) as caught:
        check(*arguments)
    return caught.value.reason, caught.value.values


def test_an_empty_file_is_refused():
    assert refusal(check_size, PHOTO_RULES, 0) == (Reason.EMPTY, {})


def test_a_file_may_be_as_large_as_the_rule_and_not_a_byte_larger():
    rules = MediaRules(kind="photo", formats=("jpeg",), max_bytes=2 * 1024**2)
    check_size(rules, 2 * 1024**2)
    values = {"megabytes": 2.0, "max_megabytes": 2.0}
    assert refusal(check_size, rules, 2 * 1024**2 + 1) == (Reason.TOO_LARGE, values)


def test_no_limit_means_no_limit():
    check_size(MediaRules(kind="photo", formats=("jpeg",), max_bytes=0), 10**12)


@pytest.mark.parametrize(
    ("name", "found", "reason", "values"),
    [
        ("a.mp4", None, Reason.NAME_AND_CONTENT_DIFFER, {"extension": "mp4", "found": ""}),
        ("a.png", "jpeg", Reason.NAME_AND_CONTENT_DIFFER, {"extension": "png", "found": "JPEG"}),
        ("photo", "jpeg", Reason.NAME_AND_CONTENT_DIFFER, {"extension": "", "found": "JPEG"}),
        ("a.php", None, Reason.UNKNOWN_FORMAT, {"allowed": "JPEG, WebP"}),
        ("a.png", "png", Reason.FORMAT_NOT_ALLOWED, {"format": "PNG", "allowed": "JPEG, WebP"}),
    ],
)
def test_name_and_content_must_agree_and_be_allowed(name, found, reason, values):
    rules = MediaRules(kind="photo", formats=("jpeg", "webp"))
    assert refusal(check_format, rules, name, found) == (reason, values)


def test_what_agrees_is_taken_by_the_name_it_has():
    assert check_format(PHOTO_RULES, "IMG.JPG", "jpeg") == "jpeg"
    assert check_format(VIDEO_RULES, "clip.mov", "mp4") == "mov"


def test_a_video_is_no_photo():
    reason, _ = refusal(check_format, PHOTO_RULES, "a.mp4", "mp4")
    assert reason == Reason.FORMAT_NOT_ALLOWED


def test_the_long_side_is_measured_however_the_picture_lies():
    rules = MediaRules(kind="photo", formats=("jpeg",), min_long_side=3000)
    check_pixels(rules, 3000, 10)
    check_pixels(rules, 10, 3000)
    values = {"long_side": 2999, "min_long_side": 3000}
    assert refusal(check_pixels, rules, 2999, 2000) == (Reason.TOO_SMALL, values)


def test_too_many_pixels_are_refused_before_too_few_are_counted():
    values = {"megapixels": 144, "max_megapixels": 120}
    assert refusal(check_pixels, PHOTO_RULES, 12000, 12000) == (Reason.TOO_MANY_PIXELS, values)


def test_an_animation_has_no_more_pixels_than_a_picture_may():
    check_frames(PHOTO_RULES, 12000, 10000, 1)
    check_frames(PHOTO_RULES, 1000, 1000, 120)
    found = refusal(check_frames, PHOTO_RULES, 1000, 1000, 121)
    assert found == (Reason.TOO_MANY_FRAMES, {"frames": 121})


def test_seconds_have_half_a_second_of_grace():
    rules = MediaRules(kind="video", formats=("mp4",), min_seconds=10, max_seconds=60)
    check_seconds(rules, 9.6)
    check_seconds(rules, 60.4)
    assert refusal(check_seconds, rules, 9) == (
        Reason.TOO_SHORT,
        {"seconds": 9, "min_seconds": 10},
    )
    assert refusal(check_seconds, rules, 61.26) == (
        Reason.TOO_LONG,
        {"seconds": 61.3, "max_seconds": 60},
    )


@given(
    st.builds(
        MediaRules,
        kind=st.sampled_from(["photo", "video"]),
        formats=st.lists(st.sampled_from(["jpeg", "png", "mp4"])).map(tuple),
        min_long_side=st.integers(0, 10**5),
        max_bytes=st.integers(0, 10**12),
        min_seconds=st.floats(0, 1e4),
        max_seconds=st.floats(0, 1e4),
    )
)
def test_rules_survive_their_json(rules):
    assert MediaRules.from_json(rules.as_json()) == rules

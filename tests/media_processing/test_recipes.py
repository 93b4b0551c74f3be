"""Sizes: enough for every screen, never larger than the original."""

from hypothesis import given
from hypothesis import strategies as st

from media_processing.derive.recipes import JPEG, WEBP, clip_size, encodings, fit, rungs

sizes = st.tuples(st.integers(1, 30000), st.integers(1, 30000))


def test_a_large_photo_gets_all_sizes():
    assert rungs((6000, 4000)) == [2560, 1280, 640, 320]


def test_a_small_photo_gets_its_own_size_last():
    assert rungs((1000, 700)) == [1280, 640, 320]
    assert rungs((100, 70)) == [320]
    assert rungs((1280, 700)) == [1280, 640, 320]


def test_one_jpeg_of_middle_size_is_made_or_the_largest_there_is():
    assert [(side, encodings(side, 2560)) for side in (2560, 1280, 320)] == [
        (2560, [WEBP]),
        (1280, [WEBP, JPEG]),
        (320, [WEBP]),
    ]
    assert encodings(640, 640) == [WEBP, JPEG]


@given(sizes, st.integers(1, 5000))
def test_fitting_keeps_the_shape_and_never_enlarges(size, side):
    width, height = fit(size, side)
    assert 1 <= width <= size[0]
    assert 1 <= height <= size[1]
    assert max(width, height) == min(max(size), side)
    scale = max(width, height) / max(size)
    assert abs(width - size[0] * scale) <= 1
    assert abs(height - size[1] * scale) <= 1


@given(sizes)
def test_the_largest_rung_holds_the_original_or_is_the_last(size):
    made = rungs(size)
    assert made == sorted(made, reverse=True)
    assert made[0] >= min(max(size), 2560)


@given(st.tuples(st.integers(2, 9000), st.integers(2, 9000)))
def test_a_clip_is_even_and_measured_by_its_short_side(size):
    width, height = clip_size(size)
    assert width % 2 == height % 2 == 0
    assert 2 <= width <= size[0]
    assert 2 <= height <= size[1]
    assert min(width, height) <= 720
    if min(size) >= 720:
        assert min(width, height) == 720


def test_portrait_stays_as_sharp_as_landscape():
    assert clip_size((1080, 1920)) == (720, 1280)
    assert clip_size((1920, 1080)) == (1280, 720)
    assert clip_size((641, 361)) == (640, 360)

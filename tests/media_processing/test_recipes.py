"""Sizes: enough for every screen, never larger than the original."""

from hypothesis import given
from hypothesis import strategies as st

from media_processing.derive.recipes import (
    JPEG,
    WEBP,
    clip_short_sides,
    clip_size,
    encodings,
    fit,
    most_bits,
    rungs,
    strip_grid,
)

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


sides = st.tuples(st.integers(2, 9000), st.integers(2, 9000))


@given(sides)
def test_a_rung_is_even_and_measured_by_its_short_side(size):
    made = [clip_size(size, side) for side in clip_short_sides(size)]
    assert made == sorted(made, reverse=True)
    for (width, height), side in zip(made, clip_short_sides(size), strict=True):
        assert width % 2 == height % 2 == 0
        assert 2 <= width <= size[0]
        assert 2 <= height <= size[1]
        assert side - 1 <= min(width, height) <= side


def test_the_rungs_are_these_and_none_is_above_the_source():
    assert clip_short_sides((3840, 2160)) == [1080, 720, 480]
    assert clip_short_sides((1080, 1920)) == [1080, 720, 480]
    assert clip_short_sides((1920, 1040)) == [1040, 720, 480]
    assert clip_short_sides((1280, 730)) == [730, 480]
    assert clip_short_sides((854, 480)) == [480]
    assert clip_short_sides((320, 240)) == [240]


def test_portrait_stays_as_sharp_as_landscape():
    assert clip_size((1080, 1920), 720) == (720, 1280)
    assert clip_size((1920, 1080), 720) == (1280, 720)
    assert clip_size((641, 361), 720) == (640, 360)


@given(sides)
def test_a_rung_has_a_cap_for_its_bits(size):
    caps = [most_bits(side) for side in clip_short_sides(size)]
    assert caps == sorted(caps, reverse=True)


@given(st.floats(0.04, 7200))
def test_a_strip_covers_the_whole_clip_in_at_most_sixty_tiles(seconds):
    tiles, step = strip_grid(seconds)
    assert 1 <= tiles <= 60
    assert (tiles - 1) * step < seconds <= tiles * step

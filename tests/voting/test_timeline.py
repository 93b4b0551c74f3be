"""Votes over time are drawn to scale, and none that is shown is lost."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from voting.timeline import BARS, BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, timeline, window_around

TIMES = st.lists(st.floats(0, 4e9), min_size=1, max_size=50)


@given(TIMES, st.lists(st.floats(0, 4e9), max_size=50))
def test_every_time_is_in_a_bar_and_every_bar_is_inside_the_drawing(found, others):
    window = window_around(found)
    drawing = timeline(window, Counter(found), Counter(others))
    assert len(drawing.bars) == window.bars <= BARS
    assert sum(bar.found for bar in drawing.bars) == len(found)
    inside = [at for at in others if window.begins <= at < window.ends]
    assert sum(bar.others for bar in drawing.bars) == len(inside)
    for bar in drawing.bars:
        assert LEFT <= bar.x <= WIDTH - RIGHT
        assert bar.found_y >= TOP - 0.1
        assert abs(bar.others_y + bar.others_height - (HEIGHT - BOTTOM)) < 0.2


@given(TIMES)
def test_bars_begin_at_round_times(found):
    window = window_around(found)
    assert window.begins % window.step == 0
    assert window.begins <= min(found) <= max(found) < window.ends


def test_the_ballots_in_question_stand_on_the_others():
    window = window_around([36_000.0])
    drawing = timeline(window, {36_000.0: 1}, {36_001.0: 1, 36_059.0: 2})
    (bar,) = [one for one in drawing.bars if one.found]
    assert (bar.at, bar.found, bar.others) == (36_000, 1, 3)
    assert (bar.others_y, bar.others_height) == (51.0, 123.0)
    assert (bar.found_y, bar.found_height) == (10.0, 41.0)
    assert drawing.scale == [(174, 0), (10.0, 4)]


def test_a_burst_of_minutes_is_not_drawn_as_one_bar():
    window = window_around([float(at) for at in range(0, 600, 10)])
    assert window.step == 60

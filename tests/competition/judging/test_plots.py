"""Numbers with intervals, as coordinates."""

from competition.judging.plots import LABEL, RIGHT, WIDTH, forest
from competition.judging.scoring import Estimate


def test_the_scale_holds_every_interval_and_zero():
    drawn = forest(
        [("甲", Estimate(2, 1, 3, 9)), ("乙", None), ("丙", Estimate(-1, -1.6, -0.4, 9))]
    )
    assert [line.label for line in drawn.lines] == ["甲", "乙", "丙"]
    assert [text for _x, text in drawn.ticks] == ["−2", "−1", "0", "1", "2", "3"]
    assert (drawn.ticks[0][0], drawn.ticks[-1][0]) == (LABEL, WIDTH - RIGHT)
    first, none, last = drawn.lines
    assert none.estimate is None
    assert last.low < last.dot < last.high < drawn.zero < first.low < first.dot < first.high
    assert first.high == WIDTH - RIGHT


def test_without_a_number_there_is_no_drawing():
    assert forest([]) is None
    assert forest([("甲", None)]) is None


def test_one_number_that_is_zero_is_drawn():
    drawn = forest([("甲", Estimate(0, 0, 0, 3))])
    assert drawn.lines[0].dot == drawn.zero

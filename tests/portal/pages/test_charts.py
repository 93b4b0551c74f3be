"""Counts as drawings: every coordinate is inside, every number is to be read."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.pages import charts

COUNTS = st.lists(st.tuples(st.text(max_size=9), st.integers(0, 10**7)), max_size=30)
DAYS = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 10**6), max_size=40
)


def test_bars_are_on_one_scale_from_zero():
    chart = charts.bars([("甲", 40), ("乙", 10), ("丙", 0)])
    assert [row.length for row in chart.rows] == [480, 120, 0]
    assert chart.table == [("甲", 40), ("乙", 10), ("丙", 0)]


def test_nothing_counted_is_no_drawing():
    assert charts.bars([]) is None
    assert charts.bars([("甲", 0)]) is None
    assert charts.days({}) is None
    assert charts.days({date(2026, 5, 1): 0}) is None


@given(COUNTS)
def test_no_bar_is_longer_than_the_drawing_and_rows_do_not_overlap(counts):
    chart = charts.bars(counts)
    if chart is None:
        return
    assert all(0 <= row.length <= chart.width for row in chart.rows)
    ends = [row.y + chart.bar_height for row in chart.rows]
    assert all(end < row.label_y for end, row in zip(ends, chart.rows[1:], strict=False))
    assert ends[-1] <= chart.height


def test_a_day_without_any_keeps_its_place():
    chart = charts.days({date(2026, 5, 1): 3, date(2026, 5, 4): 8})
    assert [column.value for column in chart.columns] == [3, 0, 0, 8]
    assert [value for _y, value in chart.ticks] == [0, 2, 4, 6, 8]
    assert chart.table == [(date(2026, 5, 1), 3), (date(2026, 5, 4), 8)]
    assert [day for _x, day, _anchor in chart.dates] == [date(2026, 5, 1), date(2026, 5, 4)]
    assert chart.busiest.day == date(2026, 5, 4)


@given(DAYS)
def test_columns_stand_on_the_foot_inside_the_drawing(counts):
    chart = charts.days(counts)
    if chart is None:
        return
    assert sum(column.value for column in chart.columns) == sum(counts.values())
    for column in chart.columns:
        assert chart.left <= column.x
        assert column.x + column.width <= chart.width + 0.1
        assert abs(column.y + column.height - chart.foot) < 0.11
        assert column.y >= charts.DAYS_TOP - 0.1
    assert 2 <= len(chart.ticks) <= charts.TICKS + 1
    days = [column.day for column in chart.columns]
    assert days == [days[0] + timedelta(place) for place in range(len(days))]

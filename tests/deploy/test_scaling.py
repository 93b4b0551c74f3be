"""docs/scaling.md shows what the model says, and the model rests on docs/benchmarks.md."""

import re

from benchmarks import capacity
from portal.settings.env import BASE_DIR

SCALING = (BASE_DIR / "docs" / "scaling.md").read_text()
MEASURED = (BASE_DIR / "docs" / "benchmarks.md").read_text()


def row_of(words):
    """Return the numbers in the row of docs/benchmarks.md that begins with these words."""
    (row,) = re.findall(rf"^\| {re.escape(words)} \|(.*)\|$", MEASURED, re.MULTILINE)
    return [float(cell.replace(",", "")) for cell in row.split("|")]


def test_the_page_has_the_table_of_the_model():
    assert capacity.table([1, 10, 100, 1000]) in SCALING


def test_the_costs_of_a_vote_are_those_measured():
    _rate, *micros = row_of("our vote, 90% for one work")
    costs = [capacity.VOTE_WEB, capacity.VOTE_DATABASE, capacity.VOTE_CACHE]
    assert [round(cost * 1e6) for cost in costs] == micros


def test_the_costs_of_a_page_are_those_measured_on_two_cores():
    assert row_of("the gallery, as it was kept") == [2 / capacity.PAGE_KEPT]
    assert [round(2 / capacity.PAGE_ANEW)] == row_of("the gallery, made anew")


def test_the_costs_of_media_are_those_measured():
    assert row_of("JPEG, 24 MP")[1] == capacity.PHOTO
    (ours,) = re.findall(r"^\| ours \| ([\d.]+) \| [\d.]+ \| \d+ \|$", MEASURED, re.MULTILINE)
    assert float(ours) == capacity.FILM


def test_an_edition_ten_times_as_large_needs_ten_times_as_much():
    one, ten = capacity.need_of(capacity.Edition()), capacity.need_of(capacity.Edition().times(10))
    assert round(ten.web_cores / one.web_cores, 6) == 10
    assert round(ten.originals_gb / one.originals_gb, 6) == 10

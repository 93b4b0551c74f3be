"""The counting: pure, and the parts always add up to the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.entries.states import State
from competition.reports.participation import Count, Work, by_organisation, figures_of, total


def counted(state, pictures=4, was_forwarded=False):
    figures = figures_of(Work(1, state, pictures, was_forwarded))
    return [(count.works, count.pictures) for count in figures.in_order()]


YES, NO = (1, 4), (0, 0)


@pytest.mark.parametrize(
    ("state", "was_forwarded", "expected"),
    [
        ("draft", False, [NO, NO, NO, NO]),
        ("withdrawn", True, [NO, NO, NO, NO]),
        ("submitted", False, [YES, NO, NO, NO]),
        ("returned", False, [YES, YES, NO, NO]),
        ("forwarded", True, [YES, NO, YES, NO]),
        ("not_forwarded", False, [YES, NO, NO, NO]),
        ("rejected", True, [YES, NO, YES, NO]),
        ("admitted", True, [YES, NO, YES, YES]),
        ("admitted", False, [YES, NO, NO, YES]),  # straight to the organiser
        ("disqualified", True, [YES, NO, YES, NO]),
    ],
)
def test_what_each_state_counts_as(state, was_forwarded, expected):
    assert counted(state, was_forwarded=was_forwarded) == expected


WORKS = st.lists(
    st.builds(
        Work,
        organisation=st.integers(1, 4),
        state=st.sampled_from([state.value for state in State]),
        pictures=st.integers(0, 8),
        was_forwarded=st.booleans(),
    )
)


@given(WORKS)
def test_the_organisations_add_up_to_the_whole(works):
    parts = by_organisation(works)
    assert total(list(parts.values())) == total([figures_of(work) for work in works])
    assert all(part.submitted.works for part in parts.values())


@given(WORKS)
def test_nothing_is_more_than_what_was_submitted(works):
    for part in by_organisation(works).values():
        for count in part.in_order():
            assert count.works <= part.submitted.works
            assert count.pictures <= part.submitted.pictures


def test_nothing_adds_up_to_nothing():
    assert total([]).in_order() == [Count()] * 4

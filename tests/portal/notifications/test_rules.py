"""When it is time for a reminder, to the second."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notifications.rules import REMINDER_DAYS, reminder_due

CLOSES = datetime(2026, 5, 10, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (timedelta(days=3) + SECOND, None),
        (timedelta(days=3), 3),
        (timedelta(days=1) + SECOND, 3),
        (timedelta(days=1), 1),
        (SECOND, 1),
        (timedelta(0), None),
        (-SECOND, None),
    ],
)
def test_a_reminder_is_due_from_its_moment_until_the_next(left, due):
    assert reminder_due(CLOSES, CLOSES - left) == due


@given(st.timedeltas(timedelta(days=-9), timedelta(days=9)))
def test_what_is_due_is_not_too_early_and_the_latest(left):
    due = reminder_due(CLOSES, CLOSES - left)
    passed = [d for d in REMINDER_DAYS if timedelta(0) < left <= timedelta(days=d)]
    assert due == min(passed, default=None)

"""When somebody is reminded of a deadline. Plain values in, plain values out."""

from datetime import datetime, timedelta

REMINDER_DAYS = (3, 1)  # before the deadline
FIRST_REMINDER = timedelta(days=max(REMINDER_DAYS))


def reminder_due(closes_at: datetime, now: datetime) -> int | None:
    """Return of which reminder it is time: so many days before the deadline; None: of none.

    One that was missed for a day is not made up for when the next is due.
    """
    left = closes_at - now
    if left <= timedelta(0):
        return None
    return min((days for days in REMINDER_DAYS if left <= timedelta(days=days)), default=None)

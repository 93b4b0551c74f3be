"""The thresholds, as they are published. Each module says what its own are for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Counts are of ballots unless named otherwise; shares run from 0 to 1."""

    # Who counts as fleeting: first seen and gone again for ever within so many seconds.
    fleeting_seconds: float = 600

    # Purpose: how far above what is usual a group must be.
    times_usual: float = 3  # so, of ten ballots set aside, some three may be anyone's
    surprise: float = 15  # nats: one chance in three million, and a poll has thousands of groups

    # One hand: devices, waits, intervals, sleep.
    device_nats: float = 0.5  # for each ballot: likelier from a few devices than from everybody's
    wait_share: float = 0.5  # of waits that lie within a factor of two of each other
    unevenness: float = 0.8  # of intervals: 1 by chance, 0 like a clock
    quiet_share: float = 0.125  # of ballots in the quietest six hours: half of an even spread
    quiet_times_usual: float = 2
    # Standard deviations that a measure must lie beyond its threshold: thousands of groups are
    # looked at, again and again while the poll is open.
    deviations: float = 5

    # The smallest groups that are looked at.
    fewest_here: int = 12  # behind one address, in one network, on one device
    fewest_anywhere: int = 60  # of one work

    # Lockstep.
    fewest_in_step: int = 150  # voters; a club's list is the same in small, and is left alone
    fewest_in_step_a_day: int = 20  # voters
    step_days: int = 2
    step_share: float = 0.4  # of the day's ballots for either work
    step_times_usual: float = 5


PUBLISHED = Rules()

"""How long works take to judge: one measure for dealing them out and for telling what is left."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from competition.entries.models import Frame

PHOTO_MINUTES = 0.2  # some 12 seconds to look at a picture and score it


def minutes_of_frames(seconds: Iterable[float | None]) -> float:
    """Return the minutes of a work from the length of each of its frames; None is a picture.

    Each picture costs the same, each clip its length; a work without frames one picture.
    """
    return sum(max(PHOTO_MINUTES, (one or 0) / 60) for one in seconds) or PHOTO_MINUTES


def minutes_of(entries: QuerySet[Any]) -> dict[int, float]:
    """Return the minutes of each work that has frames, by its id; one query.

    `entries`: works, or ids of works as a query.
    """
    lengths: dict[int, list[float | None]] = defaultdict(list)
    frames = Frame.objects.filter(entry__in=entries).order_by()
    for entry_id, seconds in frames.values_list("entry", "asset__seconds"):
        lengths[entry_id].append(seconds)
    return {entry_id: minutes_of_frames(seconds) for entry_id, seconds in lengths.items()}


def minutes_to_do(assignments: QuerySet[Any]) -> dict[tuple[int, int], float]:
    """Return the minutes of these assignments not scored, by (round id, judge id); two queries."""
    to_do = assignments.order_by().filter(scorecard=None)
    of_works = minutes_of(to_do.values("entry"))
    minutes: dict[tuple[int, int], float] = defaultdict(float)
    for round_id, judge_id, entry_id in to_do.values_list("round_id", "judge_id", "entry_id"):
        minutes[round_id, judge_id] += of_works.get(entry_id, PHOTO_MINUTES)
    return minutes

"""Votes that arrive together share one transaction, and so one wait for the disk.

Whoever finds nobody writing writes all that are waiting, his own among them. While he does,
others queue up; the next one of them writes them all. Nobody waits for company: a vote that
comes alone is written at once.
"""

import threading
from collections import deque

from django.db import DataError, IntegrityError, connection

from voting.ballots import Answer, Asked, insert


class _Waiting:
    """A request that waits for its answer."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | None = None
        self.error: Exception | None = None


_queue: deque[_Waiting] = deque()
_writing = threading.Lock()


def insert_together(asked: Asked) -> Answer:
    """Write the ballot in this process's next group and return its answer after the commit.

    In a transaction of the caller's, and where the database has one writer only, at once.
    Raises DatabaseError.
    """
    if connection.in_atomic_block or connection.vendor != "postgresql":
        return insert([asked])[0]
    mine = _Waiting(asked)
    _queue.append(mine)
    with _writing:
        if mine.answer is None and mine.error is None:
            _write([_queue.popleft() for _ in range(len(_queue))])
    if mine.error is not None:
        raise mine.error
    assert mine.answer is not None
    return mine.answer


def _write(group: list[_Waiting]) -> None:
    """Answer everybody. What one's ballot is guilty of, the others do not pay for."""
    try:
        for one, answer in zip(group, insert([one.asked for one in group]), strict=True):
            one.answer = answer
    except (IntegrityError, DataError) as error:
        if len(group) == 1:
            group[0].error = error
        else:
            for one in group:
                _write([one])
    except Exception as error:
        for one in group:
            one.error = error

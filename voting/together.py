"""Requests that arrive together share one round trip: to Redis, or to the disk with one commit.

Whoever finds nobody at work does the work of all that are waiting, his own among it. While he
does, others queue up; the next one of them does it for them all. Nobody waits for company:
what comes alone is done at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DataError, IntegrityError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Waiting(Generic[Asked, Answer]):
    """A request that waits for its answer: a list of one, once it is there."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: list[Answer] = []
        self.error: Exception | None = None


class Together(Generic[Asked, Answer]):
    """Does one kind of work for all threads of this process, several at a time.

    `work` takes what several ask for and returns their answers in the same order.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer]]) -> None:
        self.work = work
        self._queue: deque[_Waiting[Asked, Answer]] = deque()
        self._working = threading.Lock()

    def ask(self, asked: Asked) -> Answer:
        """Return the answer, once the work is done. Raises what the work raises."""
        mine: _Waiting[Asked, Answer] = _Waiting(asked)
        self._queue.append(mine)
        with self._working:
            if not mine.answer and mine.error is None:
                self._do([self._queue.popleft() for _ in range(len(self._queue))])
        if mine.error is not None:
            raise mine.error
        return mine.answer[0]

    def _do(self, group: list[_Waiting[Asked, Answer]]) -> None:
        """Answer everybody. What one's data are guilty of, the others do not pay for."""
        try:
            answers = self.work([one.asked for one in group])
            for one, answer in zip(group, answers, strict=True):
                one.answer.append(answer)
        except (IntegrityError, DataError) as error:
            if len(group) == 1:
                group[0].error = error
            else:
                for one in group:
                    self._do([one])
        except Exception as error:
            for one in group:
                one.error = error

"""Requests that arrive together share one round trip: to Redis, or to the disk with one commit.

Whoever finds nobody at work does the work of all that are waiting, its own among it. While it
does, others queue up; the first of them then does it for them all. Nobody waits for company:
what comes alone is done at once.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DataError, IntegrityError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Waiting(Generic[Asked, Answer]):
    """A request in the queue. It sleeps until it is answered, or first among those who are not."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: list[Answer] = []  # of one, once it is there
        self.error: BaseException | None = None
        self._sleep = threading.Lock()
        self._sleep.acquire()

    @property
    def is_done(self) -> bool:
        return bool(self.answer) or self.error is not None

    def wait(self) -> None:
        self._sleep.acquire()

    def wake(self) -> None:
        self._sleep.release()


class Together(Generic[Asked, Answer]):
    """Does one kind of work for all threads of this process, several at a time.

    `work` takes what several ask for and returns their answers in the same order.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer]]) -> None:
        self.work = work
        self._guard = threading.Lock()  # of the two below; never held during the work
        self._queue: list[_Waiting[Asked, Answer]] = []
        self._is_busy = False

    def ask(self, asked: Asked) -> Answer:
        """Return the answer, once the work is done. Raises what the work raises."""
        mine: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._guard:
            self._queue.append(mine)
            must_wait, self._is_busy = self._is_busy, True
        if must_wait:
            mine.wait()
        if not mine.is_done:
            self._work_for_all(mine)
        if mine.error is not None:
            raise mine.error
        return mine.answer[0]

    def _work_for_all(self, mine: _Waiting[Asked, Answer]) -> None:
        with self._guard:
            group, self._queue = self._queue, []
        self._answer(group)
        with self._guard:
            self._is_busy = bool(self._queue)
            if self._queue:
                self._queue[0].wake()  # first, for the next work need not wait for these to go
        for one in group:
            if one is not mine:
                one.wake()

    def _answer(self, group: list[_Waiting[Asked, Answer]]) -> None:
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
                    self._answer([one])
        except BaseException as error:
            for one in group:
                one.error = error

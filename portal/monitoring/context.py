"""On whose behalf this thread works: a request or a task, by the id that its log lines bear."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django_tasks import TaskResult

_labels: ContextVar[Mapping[str, str]] = ContextVar("labels", default={})  # noqa: B039 (never changed)


def labels() -> Mapping[str, str]:
    """Return the ids of what is done now; nothing outside of requests and tasks."""
    return _labels.get()


@contextmanager
def labelled(**ids: str) -> Iterator[None]:
    """Label what is done in the block."""
    before = _labels.set({**_labels.get(), **ids})
    try:
        yield
    finally:
        _labels.reset(before)


def label_task(task_result: TaskResult, **kwargs: Any) -> None:
    """A worker begins a task. Those of the default backend run inside of something labelled."""
    if task_result.backend != "default":
        _labels.set({"task_id": str(task_result.id)})


def forget_task(task_result: TaskResult, **kwargs: Any) -> None:
    """The worker has ended it, well or not."""
    if task_result.backend != "default":
        _labels.set({})

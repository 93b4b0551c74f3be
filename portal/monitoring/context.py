"""On whose behalf this thread works: a request or a task, by the id that its log lines bear."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django_tasks import TaskResult

_labels: ContextVar[Mapping[str, str]] = ContextVar("labels", default={})  # noqa: B039 (never changed)


def labels() -> Mapping[str, str]:
    """Return the ids of what is done now; nothing outside of requests and tasks."""
    return _labels.get()


def label(**ids: str) -> None:
    """Label what this thread does from now on, until `forget`."""
    _labels.set(ids)


def forget(**kwargs: Any) -> None:
    """The request is answered to the last byte, and what Django logs of it is logged."""
    _labels.set({})


def label_task(task_result: TaskResult, **kwargs: Any) -> None:
    """A worker begins a task. Those of the default backend run inside of something labelled."""
    if task_result.backend != "default":
        label(task_id=str(task_result.id))


def forget_task(task_result: TaskResult, **kwargs: Any) -> None:
    """The worker has ended it, well or not."""
    if task_result.backend != "default":
        forget()

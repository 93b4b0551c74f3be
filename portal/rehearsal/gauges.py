"""What is measured beside the rehearsal: memory of it and its children, and its queries."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection

EVERY_SECONDS = 1.0
SHAPES = 2000  # kept at once: of all others the time is added up together
SLOWEST = 15
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

_VALUES = re.compile(r"\(?%s(?:, ?%s)+\)?(?:, ?\((?:%s(?:, ?)?)+\))*")
_SAVEPOINT = re.compile(r'"s\d+_x\d+"')


class Memory:
    """Looks every second how much this process and its children hold; keeps the most."""

    def __init__(self) -> None:
        self.own = self.children = 0
        self._ends = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look until the block ends."""
        thread = threading.Thread(target=self._look, name="memory", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ends.set()
            thread.join()

    def taken(self) -> dict[str, int]:
        """Return the peaks since the last time, in MB."""
        peaks = {"own_mb": self.own >> 20, "children_mb": self.children >> 20}
        self.own = self.children = 0
        return peaks

    def _look(self) -> None:
        while not self._ends.is_set():
            sizes = _family(os.getpid())
            self.own = max(self.own, sizes.pop(os.getpid(), 0))
            self.children = max(self.children, sum(sizes.values()))
            self._ends.wait(EVERY_SECONDS)


def _family(root: int) -> dict[int, int]:
    """Return process -> resident bytes, of this process and all below it."""
    parents, sizes = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents[int(folder.name)], sizes[int(folder.name)] = int(fields[1]), int(fields[21])
    family = {root}
    for pid in sorted(parents):  # a child is seldom older than its parent; one more look is enough
        if parents[pid] in family:
            family.add(pid)
    return {pid: sizes[pid] * PAGE_BYTES for pid in family if pid in sizes}


@dataclass
class Shape:
    """All queries of one text, values aside."""

    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def add(self, seconds: float) -> None:
        self.count += 1
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)


class Queries:
    """Keeps, of all queries of a step, those that took longest in all and at once."""

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Time every query until the block ends."""
        with connection.execute_wrapper(self._time):
            yield

    def taken(self) -> list[dict[str, Any]]:
        """Return the slowest since the last time: by all their time, and by one alone."""
        by_total = sorted(self.shapes.items(), key=lambda item: -item[1].seconds)[:SLOWEST]
        by_one = sorted(self.shapes.items(), key=lambda item: -item[1].slowest)[:SLOWEST]
        self.shapes = {}
        return [
            {"sql": sql[:400], "count": one.count, "seconds": one.seconds, "slowest": one.slowest}
            for sql, one in dict(by_total + by_one).items()
        ]

    def _time(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            shape = _shape(str(sql))
            if shape not in self.shapes and len(self.shapes) >= SHAPES:
                shape = "(others)"
            self.shapes.setdefault(shape, Shape()).add(perf_counter() - begun)


@lru_cache(maxsize=SHAPES)
def _shape(sql: str) -> str:
    """Return the text of a query as its like have it, however many values each has."""
    return _SAVEPOINT.sub("savepoint", _VALUES.sub("(%s, ...)", sql))

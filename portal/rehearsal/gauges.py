"""What is measured beside the rehearsal: memory of it and its children, and its queries."""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from django.db import connection

EVERY_SECONDS = 1.0
SHAPES = 2000  # kept at once: of all others the time is added up together
SLOWEST = 15
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

_VALUES = re.compile(r"\(?%s(?:, ?%s)+\)?(?:, ?\((?:%s(?:, ?)?)+\))*")
_SAVEPOINT = re.compile(r'"s\d+_x\d+"')


class Gauges:
    """Looks every second how much this process and its children hold, and what time it is.

    What it sees of a step is kept in a file, so that a step that is stopped and goes on has the
    time and the memory of all its tries.
    """

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.step, self.spent, self.begun = "", 0.0, monotonic()
        self.own = self.children = 0
        self._ends = threading.Event()

    def begin(self, step: str, *, again: bool) -> None:
        """Measure this step from now on; `again`: and from what is kept of an earlier try."""
        earlier = json.loads(self.kept.read_text()) if again and self.kept.exists() else {}
        mine = earlier if earlier.get("step") == step else {}
        self.own, self.children = mine.get("own", 0), mine.get("children", 0)
        self.spent, self.begun, self.step = mine.get("seconds", 0.0), monotonic(), step

    def measured(self) -> dict[str, float]:
        """Return the step's seconds and its peaks in MB."""
        return {
            "seconds": self.spent + monotonic() - self.begun,
            "own_mb": self.own >> 20,
            "children_mb": self.children >> 20,
        }

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look until the block ends."""
        thread = threading.Thread(target=self._look, name="gauges", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ends.set()
            thread.join()

    def _look(self) -> None:
        while not self._ends.is_set():
            sizes = _family(os.getpid())
            self.own = max(self.own, sizes.pop(os.getpid(), 0))
            self.children = max(self.children, sum(sizes.values()))
            if self.step:
                self._keep()
            self._ends.wait(EVERY_SECONDS)

    def _keep(self) -> None:
        seconds = self.spent + monotonic() - self.begun
        facts = {"step": self.step, "seconds": seconds, "own": self.own, "children": self.children}
        draft = self.kept.with_suffix(".part")
        draft.write_text(json.dumps(facts))
        draft.replace(self.kept)


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

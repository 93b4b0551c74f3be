"""Who took part with how much. Plain values in, plain values out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields

from competition.entries.states import State


@dataclass(frozen=True)
class Work:
    """What is counted of one work that was handed in."""

    organisation: int
    state: str
    pictures: int
    was_forwarded: bool


@dataclass
class Count:
    """So many works, and so many pictures or videos in them."""

    works: int = 0
    pictures: int = 0

    def add(self, other: "Count") -> None:
        self.works += other.works
        self.pictures += other.pictures


@dataclass
class Figures:
    """What was handed in and not taken back, and what became of it."""

    submitted: Count = field(default_factory=Count)
    returned: Count = field(default_factory=Count)  # and not submitted again yet
    forwarded: Count = field(default_factory=Count)  # whatever came after
    admitted: Count = field(default_factory=Count)

    def in_order(self) -> list[Count]:
        return [getattr(self, one.name) for one in fields(self)]

    def add(self, other: "Figures") -> None:
        for mine, more in zip(self.in_order(), other.in_order(), strict=True):
            mine.add(more)


def figures_of(work: Work) -> Figures:
    """Return the figures of one work; all zero for a draft or what was withdrawn."""
    figures = Figures()
    if work.state in (State.DRAFT, State.WITHDRAWN):
        return figures
    one = Count(1, work.pictures)
    figures.submitted = one
    if work.state == State.RETURNED:
        figures.returned = Count(1, work.pictures)
    if work.was_forwarded:
        figures.forwarded = Count(1, work.pictures)
    if work.state == State.ADMITTED:
        figures.admitted = Count(1, work.pictures)
    return figures


def by_organisation(works: Iterable[Work]) -> dict[int, Figures]:
    """Return each organisation's figures; who handed in nothing is not there."""
    found: dict[int, Figures] = {}
    for work in works:
        figures = figures_of(work)
        if figures.submitted.works:
            found.setdefault(work.organisation, Figures()).add(figures)
    return found


def total(parts: Collection[Figures]) -> Figures:
    """Return the sum."""
    summed = Figures()
    for part in parts:
        summed.add(part)
    return summed

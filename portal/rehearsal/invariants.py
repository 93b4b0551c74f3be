"""What must be true of an edition from its first draft to its published awards. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from competition.entries.states import MOVES, State

LEGAL = {(move.source.value, move.target.value) for move in MOVES}
PROBLEMS_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """One invariant: what was found is what is wanted."""

    name: str
    wanted: Any
    found: Any

    @property
    def is_kept(self) -> bool:
        return bool(self.wanted == self.found)

    def __str__(self) -> str:
        if self.is_kept:
            return f"OK      {self.name}: {self.found}"
        return f"FAILED  {self.name}: {self.found}, not {self.wanted}"


def life_problem(state: str, moves: Sequence[tuple[str, str]]) -> str:
    """Return what is wrong with a work that is in `state` after these logged moves; "" if nothing.

    Each move must be one that the table of states has, begin where the last one ended, and the
    last must end in the state that the work is in: so no change of state is without its line.
    """
    at = State.DRAFT.value
    for source, target in moves:
        if (source, target) not in LEGAL:
            return f"{source} to {target} is no legal move"
        if source != at:
            return f"it was {at}, and left {source}"
        at = target
    return "" if at == state else f"it is {state}, and its log ends in {at}"


def first_problems(problems: Iterable[str]) -> list[str]:
    """Return some of them; a report needs no thousands."""
    shown = []
    for problem in problems:
        if problem:
            shown.append(problem)
        if len(shown) == PROBLEMS_SHOWN:
            break
    return shown

"""The life of an entry, as a table that can be read aloud. Plain values, no Django models."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    FORWARDED = "forwarded"
    NOT_FORWARDED = "not_forwarded"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DISQUALIFIED = "disqualified"


class Role(StrEnum):
    """In which capacity somebody moves an entry."""

    ENTRANT = "entrant"
    SCREENER = "screener"
    ORGANISER = "organiser"


@dataclass(frozen=True)
class Move:
    """One allowed change of state. `needs_reason`: the person must say why."""

    verb: str
    source: State
    target: State
    roles: frozenset[Role]
    needs_reason: bool = False


def _move(verb: str, source: State, target: State, *roles: Role, why: bool = False) -> Move:
    return Move(verb, source, target, frozenset(roles), why)


MOVES: tuple[Move, ...] = (
    _move("submit", State.DRAFT, State.SUBMITTED, Role.ENTRANT),
    _move("submit", State.RETURNED, State.SUBMITTED, Role.ENTRANT),
    _move("withdraw", State.SUBMITTED, State.WITHDRAWN, Role.ENTRANT),
    _move("withdraw", State.RETURNED, State.WITHDRAWN, Role.ENTRANT),
    _move("withdraw", State.FORWARDED, State.WITHDRAWN, Role.ENTRANT),
    _move("return", State.SUBMITTED, State.RETURNED, Role.SCREENER, Role.ORGANISER, why=True),
    _move("forward", State.SUBMITTED, State.FORWARDED, Role.SCREENER),
    _move("forward", State.NOT_FORWARDED, State.FORWARDED, Role.SCREENER),
    _move("decline", State.SUBMITTED, State.NOT_FORWARDED, Role.SCREENER, why=True),
    # From submitted: a company that belongs to no association goes straight to the organiser.
    _move("admit", State.SUBMITTED, State.ADMITTED, Role.ORGANISER),
    _move("admit", State.FORWARDED, State.ADMITTED, Role.ORGANISER),
    _move("admit", State.REJECTED, State.ADMITTED, Role.ORGANISER, why=True),
    _move("reject", State.SUBMITTED, State.REJECTED, Role.ORGANISER, why=True),
    _move("reject", State.FORWARDED, State.REJECTED, Role.ORGANISER, why=True),
    _move("disqualify", State.ADMITTED, State.DISQUALIFIED, Role.ORGANISER, why=True),
    _move("reinstate", State.DISQUALIFIED, State.ADMITTED, Role.ORGANISER, why=True),
)


class MoveRefused(Exception):
    """No such move, or not by this role."""


def find_move(source: str, target: str, role: str) -> Move:
    """Return the move from `source` to `target` that `role` may make.

    Raises MoveRefused when the table has none.
    """
    for move in MOVES:
        if move.source == source and move.target == target and role in move.roles:
            return move
    raise MoveRefused(f"{role} may not move an entry from {source} to {target}")


def find_verb(verb: str, source: str, role: str) -> Move | None:
    """Return what `verb` does to an entry in state `source`; None when `role` can't do it."""
    for move in MOVES:
        if move.verb == verb and move.source == source and role in move.roles:
            return move
    return None


def verbs(source: str, role: str) -> list[str]:
    """Return what `role` may do with an entry in state `source`, in the table's order."""
    return [move.verb for move in MOVES if move.source == source and role in move.roles]

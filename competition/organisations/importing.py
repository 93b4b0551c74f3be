"""A table of organisations, row by row: what it says, and what it would do. Pure rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from competition.organisations.names import one_line

ASSOCIATION, COMPANY = "association", "company"
COLUMNS = {
    "kind": ("类型", "kind"),
    "name": ("名称", "name"),
    "association": ("所属协会", "association"),
    "province": ("省份", "province"),
    "contact_phone": ("联系电话", "contact phone"),
    "manager_email": ("负责人邮箱", "manager e-mail"),
}
NEEDED = ("kind", "name")
KINDS = {
    **dict.fromkeys(("association", "local association", "地方协会", "协会"), ASSOCIATION),
    **dict.fromkeys(("company", "企业", "公司"), COMPANY),
}
LONGEST = {"name": 120, "province": 40, "contact_phone": 40, "manager_email": 254}
MOST_ROWS = 5000


class Trouble(StrEnum):
    """What can be wrong with a row."""

    KIND = "kind"
    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    TWICE = "twice"
    ASSOCIATION_ABOVE = "association_above"
    NO_SUCH_ASSOCIATION = "no_such_association"
    OTHER_KIND = "other_kind"
    EMAIL = "email"


class Outcome(StrEnum):
    """What would come of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PROBLEM = "problem"


class HeaderMissing(Exception):
    """The table does not begin with the names of its columns; `columns` are the missing ones."""

    def __init__(self, *columns: str) -> None:
        super().__init__(", ".join(columns))
        self.columns = columns


@dataclass(frozen=True)
class Row:
    """One organisation as the table tells it; `number` is the row's in the table, from 1."""

    number: int
    kind: str
    name: str
    association: str = ""
    province: str = ""
    contact_phone: str = ""
    manager_email: str = ""


@dataclass(frozen=True)
class Known:
    """An organisation that is here already; `emails`: its managers' and those invited as such."""

    kind: str
    association: str = ""
    province: str = ""
    contact_phone: str = ""
    emails: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """What would come of one row. `changes`: field -> (before, after)."""

    row: Row
    outcome: Outcome
    troubles: tuple[tuple[Trouble, str], ...] = ()
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    invites: bool = False


def read_rows(table: Sequence[Sequence[str]]) -> list[Row]:
    """Return the table's rows by its header; empty rows are passed over.

    Raises HeaderMissing without the columns that are needed.
    """
    header = [one_line(cell).casefold() for cell in table[0]] if table else []
    places = {
        name: header.index(word)
        for name, words in COLUMNS.items()
        for word in words
        if word in header
    }
    if missing := [name for name in NEEDED if name not in places]:
        raise HeaderMissing(*missing)
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        texts = {
            name: one_line(cells[place]) if place < len(cells) else ""
            for name, place in places.items()
        }
        if any(texts.values()):
            kind = texts.pop("kind")
            rows.append(Row(number=number, kind=KINDS.get(kind.casefold(), kind), **texts))
    return rows


def plan(rows: Sequence[Row], known: Mapping[str, Known]) -> list[Line]:
    """Return what would come of each row, given the organisations that are here, by name.

    An empty cell changes nothing. An association may stand below its companies in the table.
    """
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.name, row.number)
    troubles = {row.number: _own_troubles(row, known, first[row.name]) for row in rows}
    associations = {name for name, one in known.items() if one.kind == ASSOCIATION}
    associations |= {
        row.name for row in rows if row.kind == ASSOCIATION and not troubles[row.number]
    }
    return [_line(row, known.get(row.name), troubles[row.number], associations) for row in rows]


def _own_troubles(row: Row, known: Mapping[str, Known], first: int) -> list[tuple[Trouble, str]]:
    """Return what is wrong with the row whatever the other rows' associations are."""
    found = []
    if row.kind not in (ASSOCIATION, COMPANY):
        found.append((Trouble.KIND, row.kind))
    if not row.name:
        found.append((Trouble.NO_NAME, ""))
    elif first != row.number:
        found.append((Trouble.TWICE, str(first)))
    elif row.name in known and row.kind != known[row.name].kind:
        found.append((Trouble.OTHER_KIND, row.name))
    if row.kind == ASSOCIATION and row.association:
        found.append((Trouble.ASSOCIATION_ABOVE, row.association))
    if row.manager_email and not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@.]+", row.manager_email):
        found.append((Trouble.EMAIL, row.manager_email))
    found += [
        (Trouble.TOO_LONG, name) for name, most in LONGEST.items() if len(getattr(row, name)) > most
    ]
    return found


def _line(
    row: Row, now: Known | None, troubles: list[tuple[Trouble, str]], associations: set[str]
) -> Line:
    if row.kind == COMPANY and row.association and row.association not in associations:
        troubles = [*troubles, (Trouble.NO_SUCH_ASSOCIATION, row.association)]
    if troubles:
        return Line(row, Outcome.PROBLEM, tuple(troubles))
    email = row.manager_email.lower()
    if now is None:
        return Line(row, Outcome.NEW, invites=bool(email))
    changes = {
        name: (getattr(now, name), getattr(row, name))
        for name in ("association", "province", "contact_phone")
        if getattr(row, name) and getattr(row, name) != getattr(now, name)
    }
    invites = bool(email) and email not in now.emails
    outcome = Outcome.CHANGED if changes or invites else Outcome.SAME
    return Line(row, outcome, changes=changes, invites=invites)

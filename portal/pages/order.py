"""In which order works are shown while the public votes: fair to all, the same for one voter.

There are so many fixed orders, and each visitor keeps one, so that pages can be made once and
shown to many. The orders form a design in which no work is better off than another:

- The works lie by lot in as many groups as there are orders. Over all orders each group stands
  once in each place, and comes once right after each other group (the Latin square of Williams,
  Aust. J. Sci. Res. A 2 (1949) 149: a row is a zigzag, the others are that row moved on).
- Row n + ORDERS / 2 of that square is row n read backwards. The works inside a group are turned
  round with it, so each order has its mirror image among the others, and the mean of a work's
  places over all orders is the very middle.
- Inside a group the lot is drawn anew each day: of a large group others come first tomorrow.
"""

from collections.abc import Hashable, Iterable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import TypeVar

ORDERS = 64  # even

Key = TypeVar("Key", bound=Hashable)

# 0, 63, 1, 62, ...: each step between neighbours occurs once.
_ZIGZAG = [place // 2 if place % 2 == 0 else ORDERS - 1 - place // 2 for place in range(ORDERS)]


def order_number(token: str) -> int:
    """Return which of the orders, 0 to ORDERS - 1, the holder of this token is shown."""
    return _lot(token) % ORDERS


def fair_order(keys: Iterable[Key], number: int, *, seed: str, day: str) -> list[Key]:
    """Return the keys in the order of that number, 0 to ORDERS - 1.

    `seed` names the poll and decides the groups; `day` (ISO) the lot inside them. A key that
    comes or goes hardly moves the others.
    """
    mirrored = number >= ORDERS // 2
    row = number % (ORDERS // 2)
    groups = _groups(keys, seed)
    places = [groups[(row + step) % ORDERS] for step in _ZIGZAG]
    lots = f"{seed} {day} {row}"
    found = list(chain.from_iterable(_by_lot(group, lots) for group in places))
    return found[::-1] if mirrored else found


def _groups(keys: Iterable[Key], seed: str) -> list[Sequence[Key]]:
    """Deal the keys by lot into ORDERS groups, as equal in size as can be."""
    drawn = _by_lot(keys, seed)
    edges = [len(drawn) * place // ORDERS for place in range(ORDERS + 1)]
    return [drawn[edges[place] : edges[place + 1]] for place in range(ORDERS)]


def _by_lot(keys: Iterable[Key], seed: str) -> list[Key]:
    return sorted(keys, key=lambda key: _lot(f"{seed} {key}"))


def _lot(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())

"""Rows in parts: memory stays flat, and each part may be changed while others wait."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

ROWS = 200

Row = TypeVar("Row", bound=Model)


def in_batches(rows: QuerySet[Row], size: int = ROWS) -> Iterator[list[Row]]:
    """Yield lists of rows by their keys; one that falls out of `rows` meanwhile is left out."""
    ordered, part = rows.order_by("pk"), list(rows.order_by("pk")[:size])
    while part:
        yield part
        part = list(ordered.filter(pk__gt=part[-1].pk)[:size])

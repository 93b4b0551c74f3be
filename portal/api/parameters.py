"""What may be asked, and what is said when a value can't be read."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from ninja import Path, Query
from pydantic import AfterValidator

LARGEST_PAGE = 100
LONGEST_TEXT = 80  # as in the gallery's own search


def _readable(text: str) -> str:
    # PostgreSQL keeps no such character, so no work has it.
    if "\x00" in text:
        raise ValueError("a NUL character")
    return text


EditionPath = Annotated[str, Path(..., description=gettext_noop("The edition's short name."))]
NumberPath = Annotated[str, Path(..., description=gettext_noop("The work number."))]
SectionQuery = Annotated[
    int | None,
    Query(None, ge=1, le=2**31, description=gettext_noop("Only works of the section of this id.")),
]
AwardQuery = Annotated[
    str,
    Query(
        "",
        max_length=12,
        pattern=r"^[a-z-]*$",
        description=gettext_noop("Only works that hold an award of the category of this code."),
    ),
]
TextQuery = Annotated[
    str,
    AfterValidator(_readable),
    Query(
        "",
        max_length=LONGEST_TEXT,
        description=gettext_noop(
            "Only works with this in title, story, place or number. Names are not searched."
        ),
    ),
]
PageQuery = Annotated[
    int, Query(1, ge=1, le=10**6, description=gettext_noop("Which page, from 1."))
]
LimitQuery = Annotated[
    int, Query(24, ge=1, le=LARGEST_PAGE, description=gettext_noop("Works on a page."))
]

PROBLEMS: dict[str, Any] = {
    "int_parsing": _("“{name}” must be a whole number."),
    "greater_than_equal": _("“{name}” must be at least {ge}."),
    "less_than_equal": _("“{name}” must be at most {le}."),
    "string_too_long": _("“{name}” may have at most {max_length} characters."),
}
UNREADABLE = _("“{name}” has a value that can't be read here.")


def in_words(problem: str, name: str, limits: Mapping[str, Any]) -> Promise:
    """Return what is wrong with the value of that name; `problem` is pydantic's code for it."""
    return format_lazy(PROBLEMS.get(problem, UNREADABLE), name=name, **limits)

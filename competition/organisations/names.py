"""Names of organisations, compared as people do. Plain values, no Django."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

# The longest first: what is left of a name must not depend on the order they are tried in.
LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "公司")


def one_line(text: str) -> str:
    """Take out the spaces that would make one name two."""
    return " ".join(text.split())


def name_key(name: str) -> str:
    """Return what names of probably one organisation have in common.

    Width, case, spaces, brackets and other marks don't count, nor the legal form at the end.

    >>> name_key("江城电力（集团） 有限公司") == name_key("江城电力集团公司")
    True
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    letters = re.sub(r"[\W_]+", "", plain)
    for form in LEGAL_FORMS:
        if letters.endswith(form) and letters != form:
            return letters.removesuffix(form)
    return letters


def probable_duplicates(names: Iterable[tuple[int, str]]) -> list[list[int]]:
    """Return the groups of ids, each of two or more, whose names have one key."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for pk, name in names:
        groups[name_key(name)].append(pk)
    return [group for group in groups.values() if len(group) > 1]

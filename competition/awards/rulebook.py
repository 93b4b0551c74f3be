"""An edition's rule of awards as one plain value, and as JSON, which keeps it with its list."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

JURY, PUBLIC, EXPERT, INDUSTRY = "jury", "public", "expert", "industry"  # frozen standings
COMBINED, WEIGHTED = "combined", "weighted"  # what a category may make of several of them

Weight = int | Fraction


@dataclass(frozen=True)
class Category:
    """What can be given.

    `source`: JURY, PUBLIC, COMBINED (jury and public) or WEIGHTED (expert panel, industry panel
    and public). Weights are percentages, read for these two only; the public has the rest.
    `jury_floor`: a work must stand in the best so many percent of the jury's standing of its
    section; 100 asks only that it stands there, 0 asks nothing.
    """

    code: str
    source: str
    places: Mapping[int, int]  # section -> number of places
    jury_weight: Weight = 100
    expert_weight: Weight = 0
    industry_weight: Weight = 0
    jury_floor: int = 0

    def weights(self) -> dict[str, Weight]:
        """Return source of standings -> weight in percent; they add up to 100.

        Both parts of COMBINED are always asked for; a panel without weight in WEIGHTED is not.
        Raises ValueError for an unknown source.
        """
        if self.source in (JURY, PUBLIC):
            return {self.source: 100}
        if self.source == COMBINED:
            return {JURY: self.jury_weight, PUBLIC: 100 - self.jury_weight}
        if self.source != WEIGHTED:
            raise ValueError(f"Unknown source: {self.source}")
        parts = {EXPERT: self.expert_weight, INDUSTRY: self.industry_weight}
        parts[PUBLIC] = 100 - sum(parts.values())
        return {source: weight for source, weight in parts.items() if weight}

    def needs(self) -> set[str]:
        """Return the sources of standings without which this category cannot choose."""
        return set(self.weights()) | ({JURY} if self.jury_floor else set())


@dataclass(frozen=True)
class Caps:
    """At most so many awards each, over all categories and sections; 0: as many as it wins."""

    organisation: int = 0
    association: int = 0
    author: int = 0

    def __bool__(self) -> bool:
        return any((self.organisation, self.association, self.author))


@dataclass(frozen=True)
class Rule:
    """All of an edition's rule. Categories choose in this order, and in each the sections in
    theirs; sections that are not named come after, by id.
    """

    categories: tuple[Category, ...]
    may_hold_two: bool = False
    caps: Caps = field(default_factory=Caps)
    sections: tuple[int, ...] = ()

    def places_in_order(self, category: Category) -> list[tuple[int, int]]:
        """Return (section, places) of the category in the order in which they are filled."""
        order = {section: place for place, section in enumerate(self.sections)}
        last = len(order)
        return sorted(category.places.items(), key=lambda item: (order.get(item[0], last), item[0]))


def as_json(rule: Rule) -> dict[str, Any]:
    """Return the rule as JSON has it: whole percentages, section ids as text keys."""
    data = asdict(rule)
    for category in data["categories"]:
        category["places"] = {str(key): n for key, n in sorted(category["places"].items())}
    return data | {"categories": list(data["categories"]), "sections": list(rule.sections)}


def from_json(data: Mapping[str, Any]) -> Rule:
    """Return the rule that `as_json` wrote. Raises KeyError or TypeError for anything else."""
    return Rule(
        categories=tuple(
            Category(**{**one, "places": {int(key): n for key, n in one["places"].items()}})
            for one in data["categories"]
        ),
        may_hold_two=data["may_hold_two"],
        caps=Caps(**data["caps"]),
        sections=tuple(data["sections"]),
    )

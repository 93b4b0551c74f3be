"""How large a rehearsal is, and what follows from it. Pure: plain values in and out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random

SPARE = 0.95  # of the works that an association has on average, it may forward so many


class Fate(StrEnum):
    """What becomes of a work between its submission and the judging."""

    ADMITTED = "admitted"
    REVISED = "revised"  # returned, mended, admitted
    DECLINED = "declined"
    REJECTED = "rejected"
    DISQUALIFIED = "disqualified"


# The first that divides a work's number after its remainder is taken; all others are admitted.
FATES = [
    (29, 7, Fate.REVISED),
    (23, 11, Fate.DECLINED),
    (47, 21, Fate.REJECTED),
    (211, 16, Fate.DISQUALIFIED),
]


@dataclass(frozen=True)
class Size:
    """What is asked for. Works are numbered from 0: first the photos, then the videos."""

    associations: int
    organisations: int
    photos: int
    videos: int
    judges: int
    votes: int
    awards: int
    seed: int

    @property
    def works(self) -> int:
        return self.photos + self.videos

    def problems(self) -> list[str]:
        """Return a sentence for each number that makes no edition."""
        least = {"organisations": 1, "photos": 8, "judges": 4, "awards": 6}
        problems = [
            f"--{name} must be at least {number}."
            for name, number in least.items()
            if getattr(self, name) < number
        ]
        problems += [f"--{name} is below 0." for name, n in asdict(self).items() if n < 0]
        if self.awards * 2 > self.works:
            problems.append("--awards must be at most half of all works.")
        return problems

    def kind(self, number: int) -> str:
        """Return the kind of the section that the work is in."""
        return "single_photo" if number < self.photos else "micro_video"

    def sections(self) -> dict[str, int]:
        """Return kind of section -> its works; without those that have none."""
        works = {"single_photo": self.photos, "micro_video": self.videos}
        return {kind: number for kind, number in works.items() if number}

    def rules(self) -> dict[str, dict[str, int]]:
        """Return kind of section -> its limits."""
        rules = {
            "single_photo": {"min_long_side": 1000, "max_mb": 30},
            "micro_video": {"min_seconds": 1, "max_seconds": 180, "max_mb": 200},
        }
        for kind, works in self.sections().items():
            rules[kind]["entries_per_organisation"] = -(-works // self.organisations)
            if self.associations:
                mean = works / self.associations
                rules[kind]["forwarded_per_association"] = max(1, round(SPARE * mean))
        return {kind: rules[kind] for kind in self.sections()}

    def places(self) -> Mapping[str, Mapping[str, int]]:
        """Return category -> kind of section -> places, `awards` of them in all."""
        some = self.awards // 6
        shares = {"expert": some, "popular": some, "shortlisted": self.awards - 2 * some}
        places = {}
        for category, number in shares.items():
            videos = min(round(number * self.videos / self.works), self.videos // 3)
            places[category] = {"single_photo": number - videos, "micro_video": videos}
        return places

    def fate(self, number: int) -> Fate:
        """Return what becomes of the work."""
        return next((fate for of, rest, fate in FATES if number % of == rest), Fate.ADMITTED)

    def chance(self, *what: object) -> Random:
        """Return a source of numbers of its own for this, the same each time."""
        return Random(f"{self.seed} {what}")  # noqa: S311 - the same rehearsal each time

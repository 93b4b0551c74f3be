"""From an original to the files that people see. Imports no Django: it also runs by itself."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from media_processing.limits import Limits
from media_processing.rules import MediaRules


@dataclass(frozen=True)
class Made:
    """One file made, still in the working folder. Measures in pixels."""

    role: str  # one of Derivative.Role
    name: str  # the recipe's name for it
    path: str
    mime_type: str
    width: int
    height: int
    details: dict[str, Any] = field(default_factory=dict)  # as Derivative.details


@dataclass(frozen=True)
class Print:
    """A perceptual hash: 64 hexadecimal digits, and how much there was to see, 0 to 100."""

    moment: float  # seconds into a video; 0 for a photo
    bits: str
    quality: int
    view: int = 0  # which of recipes.VIEWS; 0 is the whole picture


@dataclass(frozen=True)
class Derived:
    """Everything made from one original, and the facts read from it."""

    files: list[Made]
    facts: dict[str, Any] = field(default_factory=dict)
    prints: list[Print] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Derived":
        files = [Made(**one) for one in values["files"]]
        return cls(files, values["facts"], [Print(**one) for one in values["prints"]])


@dataclass(frozen=True)
class Job:
    """One original to work on: a copy of our own, checked by its first bytes only."""

    source: Path
    format: str
    rules: MediaRules
    folder: Path  # where to put what is made
    photo_limits: Limits
    video_limits: Limits
    report: Callable[[str, int], None]  # tells step and percent, and that we are alive
    beat: Callable[[], None]  # tells that we are alive; both raise when the work must stop

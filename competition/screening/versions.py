"""A work's revisions to look at: texts, pictures, the cards given to each, and what changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.dateparse import parse_date

from competition.entries.models import Entry, EntryRevision
from competition.screening.changes import Change, Mark, compare_frames, compare_texts
from competition.screening.models import ScreeningCard
from competition.screening.queries import card_value, panel_mean, with_cards
from media_processing.models import MediaAsset
from media_processing.queries import prefetch_derivatives
from portal.accounts.models import User

TEXTS = ("title", "author_names", "story", "place", "taken_on", "credit_line")


@dataclass
class VersionFrame:
    """One picture or clip of a revision; `change`: against the next revision."""

    asset: MediaAsset
    caption: str
    change: Change = Change.SAME


@dataclass
class Version:
    """One revision with its cards; the marks say what changed from it to the next one."""

    revision: EntryRevision
    frames: list[VersionFrame]
    cards: list[tuple[ScreeningCard, float | None]]
    mean: float | None
    texts: dict[str, str]
    marks: list[tuple[str, list[Mark]]] = field(default_factory=list)
    next_frames: list[VersionFrame] = field(default_factory=list)


def versions_of(entry: Entry, weights: dict[str, int]) -> list[Version]:
    """Return the work's revisions, newest first; a constant number of queries."""
    revisions = list(with_cards(entry.revisions.order_by("-number")))
    assets = _assets(revisions)
    versions = [_version(revision, assets, weights) for revision in revisions]
    for newer, older in pairwise(versions):
        _compare(entry, older, newer)
    return versions


def as_submitted(entry: Entry, version: Version | None) -> Entry:
    """Let the object, which nobody saves, say what the revision says.

    While a work is returned its row says what its entrant is typing; a panel sees what came in.
    """
    for name, text in version.texts.items() if version else ():
        setattr(entry, name, (parse_date(text) if text else None) if name == "taken_on" else text)
    return entry


def card_of(version: Version | None, user: User) -> ScreeningCard | None:
    """Return the person's own card of a version, or None."""
    cards = version.cards if version else []
    return next((card for card, _value in cards if card.screener_id == user.pk), None)


def _assets(revisions: Iterable[EntryRevision]) -> dict[str, MediaAsset]:
    ids = {frame["asset"] for one in revisions for frame in one.content["frames"]}
    rows = MediaAsset.objects.filter(pk__in=ids).prefetch_related(prefetch_derivatives())
    return {str(asset.pk): asset for asset in rows}


def _version(
    revision: EntryRevision, assets: dict[str, MediaAsset], weights: dict[str, int]
) -> Version:
    content: dict[str, Any] = revision.content
    cards = list(revision.screening_cards.all())
    return Version(
        revision=revision,
        frames=[
            VersionFrame(assets[frame["asset"]], frame["caption"])
            for frame in content["frames"]
            if frame["asset"] in assets
        ],
        cards=[(card, _shown(card_value(card, weights))) for card in cards],
        mean=_shown(panel_mean(cards, weights)),
        texts={name: content.get(name) or "" for name in TEXTS},
    )


def _shown(value: Fraction | None) -> float | None:
    """Return the value as a template can print it."""
    return None if value is None else float(value)


def _compare(entry: Entry, older: Version, newer: Version) -> None:
    """Mark in the older version what the newer one changed."""
    for name in TEXTS:
        if older.texts[name] != newer.texts[name]:
            label = str(entry._meta.get_field(name).verbose_name)
            older.marks.append((label, compare_texts(older.texts[name], newer.texts[name])))
    gone, come = compare_frames(
        [str(frame.asset.pk) for frame in older.frames],
        [str(frame.asset.pk) for frame in newer.frames],
    )
    for frame, change in zip(older.frames, gone, strict=True):
        frame.change = change
    older.next_frames = [
        VersionFrame(frame.asset, frame.caption, change)
        for frame, change in zip(newer.frames, come, strict=True)
    ]

"""Works as cards. A card is the same on every page and for everyone who may do the same with it, so
it is made once and kept a while; a list of works is then a row of cards that are there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import NamedTuple

from django.core.cache import caches
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from competition.entries.models import Entry
from portal.pages.caching import seconds_to_keep
from voting.queries import BallotBox

# Of many who miss the same cards, one makes them and the others wait.
_making = Lock()


class OnShow(NamedTuple):
    """All that has to be known of a work whose card is kept."""

    pk: int
    section_id: int


Fetch = Callable[[Iterable[int]], Mapping[int, Entry]]


@dataclass(frozen=True)
class Look:
    """What the cards of a page have in common."""

    gallery_url: str
    names_are_public: bool
    ballot_box: BallotBox | None

    def key(self, work: OnShow) -> str:
        """Return the name under which the work's card is kept: all that the card depends on."""
        box = self.ballot_box
        vote = f"{box.state_of(work)}-{box.total_of(work)}" if box else ""
        return f"{work.pk}-{vote}-{self.kind}"

    @cached_property
    def kind(self) -> str:
        """Tell these cards from others of the same works, in a few letters."""
        parts = (get_language() or "", self.gallery_url, str(self.names_are_public))
        return sha256("\n".join(parts).encode()).hexdigest()[:16]


def row_of_cards(works: Sequence[OnShow], look: Look, fetch: Fetch) -> SafeString:
    """Return the works' cards in this order; `fetch` brings the works whose cards are not kept.

    A work that is no longer there has no card.
    """
    keys = {look.key(work): work.pk for work in works}
    known = caches["cards"].get_many(keys)
    if len(known) < len(keys):
        with _making:
            known = caches["cards"].get_many(keys)
            missing = {key: pk for key, pk in keys.items() if key not in known}
            began = timezone.now()
            made = _make(missing, look, fetch)
            if made:
                caches["cards"].set_many(made, seconds_to_keep(began))
            known |= made
    return mark_safe("".join(known[key] for key in keys if key in known))  # noqa: S308 - our own


def _make(missing: Mapping[str, int], look: Look, fetch: Fetch) -> dict[str, str]:
    """Return key -> card for those of the works that are there."""
    works = fetch(missing.values()) if missing else {}
    template = get_template("components/work_card.html")
    context = {
        "gallery_url": look.gallery_url,
        "names_are_public": look.names_are_public,
        "ballot_box": look.ballot_box,
        "level": "h2",
        "votes": True,
        "plays": True,
    }
    # str: a SafeString costs twice as much to be kept.
    return {
        key: str(template.render(context | {"work": works[pk]}))
        for key, pk in missing.items()
        if pk in works
    }

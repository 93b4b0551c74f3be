"""What the API reads: what the pages show, by the same rules, at a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from wagtail.models import Page

from competition.awards.models import Award, AwardCategory, AwardList
from competition.awards.queries import noticed_list, published_awards, published_list
from competition.editions.models import Edition
from competition.entries.models import Entry
from portal.pages import exhibition
from portal.pages.models import (
    CallPage,
    EditionPage,
    GalleryPage,
    HomePage,
    NoticePage,
    ResultsPage,
)
from voting.models import Poll
from voting.queries import visible_totals

PAGES: list[type[EditionPage]] = [HomePage, CallPage, GalleryPage, NoticePage, ResultsPage]


def public_editions() -> QuerySet[Edition]:
    """Return the editions that have a page for everybody, newest first.

    An edition without one is still being prepared: nobody is told that it exists.
    """
    pages, shown = Page.objects.live().public(), Q()
    for kind in PAGES:
        shown |= Q(pk__in=kind.objects.filter(page_ptr__in=pages).values("edition"))
    return Edition.objects.filter(shown)


def with_rules(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """Bring phases, sections, criteria and categories with their places along."""
    categories = AwardCategory.objects.prefetch_related("quotas")
    return editions.prefetch_related(
        "phases", "sections", "criteria", Prefetch("award_categories", categories)
    )


def next_change(edition: Edition) -> datetime | None:
    """Return when the edition's calendar next changes what may be said of it, or None.

    The beginning and the end of each phase: everybody knows them. The hours of awards are not
    looked at, for who is told of them learns that the awards are decided.
    """
    now = timezone.now()
    edges = chain.from_iterable((one.opens_at, one.closes_at) for one in edition.phases.all())
    return min((hour for hour in edges if hour is not None and hour > now), default=None)


@dataclass(frozen=True)
class Exhibition:
    """What is known of an edition at this moment, for all of its works."""

    edition: Edition
    published: AwardList | None
    galleries: Mapping[str, str]  # language -> the gallery's full address
    is_open: bool
    is_named: bool

    @classmethod
    def of(cls, edition: Edition) -> "Exhibition":
        """Look at the clock once. Works are on show only where a gallery page is."""
        galleries = {
            page.locale.language_code: page.get_full_url()
            for page in GalleryPage.objects.live()
            .public()
            .filter(edition=edition)
            .select_related("locale")
        }
        return cls(
            edition=edition,
            published=published_list(edition),
            galleries=galleries,
            is_open=bool(galleries) and exhibition.is_gallery_open(edition),
            is_named=exhibition.names_are_public(edition),
        )

    @property
    def published_at(self) -> datetime | None:
        return self.published.published_at if self.published else None

    def keys(self, section: int | None = None, text: str = "", award: str = "") -> list[int]:
        """Return the works on show that are asked for, by section and number.

        `award`: code of a category; nobody holds one before publication.
        """
        if not self.is_open:
            return []
        chosen = next((one for one in self.edition.sections.all() if one.pk == section), None)
        keys = [one.pk for one in exhibition.on_show(self.edition, chosen, text)]
        if not award:
            return keys
        given = published_awards(self.edition).filter(category__code=award)
        holders = set(given.prefetch_related(None).values_list("entry", flat=True))
        return [key for key in keys if key in holders]

    def works(self, keys: Collection[int]) -> list[Entry]:
        """Return those works that are still on show, in this order, with files and subtitles."""
        found = exhibition.works_by_key(self.edition, keys) if self.is_open else {}
        works = [found[key] for key in keys if key in found]
        prefetch_related_objects(works, "frames__asset__captions")
        return works

    def find(self, number: str) -> int | None:
        """Return the key of the work on show that has this number."""
        works = exhibition.gallery_works(self.edition).filter(number=number)
        return works.values_list("pk", flat=True).first() if self.is_open else None


def awards_of_works(edition: Edition, works: Collection[Entry]) -> dict[int, list[Award]]:
    """Return work -> its published awards; nothing before their hour. One query."""
    found: dict[int, list[Award]] = defaultdict(list)
    given = published_awards(edition).filter(entry__in=[one.pk for one in works])
    for award in given.prefetch_related(None):
        found[award.entry_id].append(award)
    return found


def awards_with_works(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Bring category and work along, without pictures: two joins, no more queries."""
    plain = awards.prefetch_related(None)
    return plain.select_related("category", "entry__section", "entry__organisation")


@dataclass(frozen=True)
class Votes:
    """The votes that anybody may see now. `totals`: work -> votes, None where they are hidden."""

    totals: Mapping[int, int] | None
    sections: frozenset[int]

    @classmethod
    def of(cls, edition: Edition) -> "Votes":
        poll = Poll.objects.filter(edition=edition).first()
        if poll is None:
            return cls(None, frozenset())
        poll.edition = edition
        sections = frozenset(poll.sections.values_list("pk", flat=True))
        return cls(visible_totals(poll), sections)

    def on(self, work: Entry) -> int | None:
        """Return the work's votes, or None where they are not shown."""
        if self.totals is None or work.section_id not in self.sections:
            return None
        return self.totals.get(work.pk, 0)

    @property
    def sum(self) -> int | None:
        return None if self.totals is None else sum(self.totals.values())


@dataclass(frozen=True)
class Notice:
    """What is on notice: the list, its awards, and the numbers of works that moved up."""

    award_list: AwardList
    awards: QuerySet[Award]
    numbers: Mapping[int, str]  # work -> its number


def public_notice(edition: Edition) -> Notice | None:
    """Return the proposed awards once their hour has come, else None. Constant queries."""
    award_list = noticed_list(edition)
    if award_list is None:
        return None
    prefetch_related_objects([award_list], "replacements__entry")
    gained = [row["entry"] for one in award_list.replacements.all() for row in one.gained]
    works = Entry.objects.filter(pk__in=gained).values_list("pk", "number")
    numbers = {key: number or "" for key, number in works}
    return Notice(award_list, awards_with_works(award_list.awards.all()), numbers)

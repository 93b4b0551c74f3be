"""The results of an edition as its pages show them: the yearbook (获奖作品集)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, prefetch_related_objects

from competition.awards.models import Award
from competition.awards.queries import published_awards, published_lists
from competition.editions.models import Edition
from competition.entries.models import Entry
from media_processing.queries import prefetch_derivatives
from portal.pages.exhibition import AwardGroup, award_order

# With more works than this, the first page shows a row of each section; the rest has its own.
ON_ONE_PAGE = 60
A_ROW = 4


def bring_pictures(works: Iterable[Entry]) -> list[Entry]:
    """Fetch the works' pictures. Three queries, however many works."""
    found = list(works)
    prefetch_related_objects(found, "frames__asset", prefetch_derivatives("frames__asset"))
    return found


def on_first_page(groups: list[AwardGroup]) -> list[AwardGroup]:
    """Return what the first page shows: everything, or a row of each section."""
    if sum(group.count for group in groups) <= ON_ONE_PAGE:
        return groups
    return [group.first(A_ROW) for group in groups]


def awards_of_work(work: Entry) -> list[Award]:
    """Return the work's published awards, with their categories. One query."""
    return list(published_awards(work.edition).filter(entry=work).prefetch_related(None))


@dataclass(frozen=True)
class PastEdition:
    """An edition in the archive."""

    edition: Edition
    published_at: datetime | None
    works: int
    awards: int
    cover: Entry | None


def archive(editions: Iterable[int]) -> dict[int, PastEdition]:
    """Return edition -> what the archive says of it, for those whose results are published.

    Constant queries.
    """
    lists = published_lists().filter(edition__in=list(editions)).select_related("edition")
    found = list(lists.annotate(number=Count("awards")))
    works = dict(
        public_works(one.edition_id for one in found).values_list("edition").annotate(Count("pk"))
    )
    covers = _covers([one.pk for one in found])
    return {
        one.edition_id: PastEdition(
            one.edition,
            one.published_at,
            works.get(one.edition_id, 0),
            one.number,
            covers.get(one.pk),
        )
        for one in found
    }


def public_works(editions: Iterable[int]) -> QuerySet[Entry]:
    """Return the admitted works of the editions, in no order."""
    return Entry.objects.filter(edition__in=list(editions), state="admitted").order_by()


def _covers(lists: list[int]) -> dict[int, Entry]:
    """Return list -> the first work of its first category, with pictures."""
    firsts = Award.objects.filter(award_list__in=lists, rank=1).select_related(
        "category", "entry__section"
    )
    covers: dict[int, Entry] = {}
    for award in sorted(firsts, key=award_order):
        covers.setdefault(award.award_list_id, award.entry)
    bring_pictures(covers.values())
    return covers

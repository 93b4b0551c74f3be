"""What was awarded, as the public may see it, and what people have yet to decide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competition.awards.models import Award, AwardCategory, AwardList, Replacement
from competition.editions.models import Edition, Phase, Section
from competition.editions.queries import is_phase_open
from competition.entries.models import Entry
from competition.entries.queries import with_pictures
from competition.entries.states import State

WHY = {
    "organisation": _("Its organisation has all the awards it may have."),
    "association": _("Its association has all the awards it may have."),
    "author": _("Its author has all the awards they may have."),
    "jury_floor": _("It stands below the jury's floor of its section."),
    "no_votes": _("Nobody voted for it."),
}


def published_list(edition: Edition) -> AwardList | None:
    """Return the edition's list of awards once its hour has come, else None. One query.

    The public is shown nothing that does not come through here or `noticed_list`.
    """
    return _first(published_lists(), edition)


def published_lists() -> QuerySet[AwardList]:
    """Return the lists of all editions whose hour has come."""
    return AwardList.objects.filter(
        state=AwardList.State.PUBLISHED, published_at__lte=timezone.now()
    )


def noticed_list(edition: Edition) -> AwardList | None:
    """Return the list that is or was on public notice, once its hour has come. One query."""
    return _first(noticed_lists(), edition)


def noticed_lists() -> QuerySet[AwardList]:
    """Return the lists of all editions that are or were on notice, whose hour has come."""
    states = [AwardList.State.NOTICED, AwardList.State.PUBLISHED]
    return AwardList.objects.filter(state__in=states, noticed_at__lte=timezone.now())


def takes_objections(award_list: AwardList) -> bool:
    """Tell whether anyone may object to this list, which is in public, at this moment."""
    is_on_notice = award_list.state == AwardList.State.NOTICED
    return is_on_notice and is_phase_open(award_list.edition, Phase.Kind.NOTICE)


def find_objectionable(award_list: AwardList, number: str) -> Entry | None:
    """Return the work of that number if anyone can see it: on show, or on the list; else None."""
    if "\x00" in number:  # PostgreSQL refuses to look for it
        return None
    works = award_list.edition.entries.filter(number=number)
    shown = Q(state=State.ADMITTED) | Q(awards__award_list=award_list)
    return works.filter(shown).distinct().first()


def final_list(edition: Edition) -> AwardList | None:
    """Return the final list, though its hour may not have come: for the organiser only."""
    return _first(AwardList.objects.filter(state=AwardList.State.PUBLISHED), edition)


def _first(lists: QuerySet[AwardList], edition: Edition) -> AwardList | None:
    of_edition = lists.filter(edition=edition)
    return of_edition.select_related("public_standings", "jury_standings").first()


def next_hour_of_any(after: datetime) -> datetime | None:
    """Return the first hour after this moment at which any edition's awards appear. One query.

    What is kept of a page must not outlive it; and nobody is told of it.
    """
    states = [AwardList.State.NOTICED, AwardList.State.PUBLISHED]
    final = AwardList.objects.filter(state__in=states)
    coming = final.filter(Q(noticed_at__gt=after) | Q(published_at__gt=after)).order_by()
    hours = [hour for row in coming.values_list("noticed_at", "published_at") for hour in row]
    return min((hour for hour in hours if hour and hour > after), default=None)


def current_list(edition: Edition) -> AwardList | None:
    """Return the edition's newest list of awards, or None before the first proposal."""
    lists = AwardList.objects.filter(edition=edition).select_related(
        "jury_standings", "public_standings", "expert_standings", "industry_standings"
    )
    return lists.order_by("-version").first()


def published_awards(edition: Edition) -> QuerySet[Award]:
    """Return the published awards with category, work and pictures; none before their hour.

    In the order of categories, sections and ranks.
    """
    return awards_of(Award.objects.filter(award_list__in=published_lists().filter(edition=edition)))


def awards_of(awards: QuerySet[Award]) -> QuerySet[Award]:
    """Bring category, work and pictures along: constant queries for a list."""
    entries = Prefetch("entry", with_pictures(Entry.objects.all()))
    return awards.select_related("category").prefetch_related(entries)


def works_no_longer_admitted(award_list: AwardList) -> QuerySet[Entry]:
    """Return the awarded works that have left the competition since they were proposed."""
    awarded = Entry.objects.filter(pk__in=award_list.awards.values("entry"))
    return awarded.exclude(state=State.ADMITTED)


@dataclass(frozen=True)
class OpenTie:
    """Works that tie across the last places of a category in a section."""

    category: AwardCategory
    section: Section
    places_left: int
    entries: list[Entry]


def open_ties(award_list: AwardList) -> list[OpenTie]:
    """Return the ties that people have yet to decide, with the works' pictures.

    Constant queries, however many ties there are.
    """
    categories = AwardCategory.objects.in_bulk([tie["category"] for tie in award_list.ties])
    sections = Section.objects.in_bulk([tie["section"] for tie in award_list.ties])
    named = [pk for tie in award_list.ties for pk in tie["entries"]]
    works = {work.pk: work for work in with_pictures(Entry.objects.filter(pk__in=named))}
    return [
        OpenTie(
            categories[tie["category"]],
            sections[tie["section"]],
            tie["places_left"],
            [works[pk] for pk in tie["entries"]],
        )
        for tie in award_list.ties
        if tie["category"] in categories
    ]


@dataclass(frozen=True)
class NamedAward:
    """An award as a replacement keeps it, with its names."""

    category: AwardCategory
    section: Section
    entry: Entry


Row = Mapping[str, Any]  # {"category": code, "section": key, "entry": key, "rank": n}


def name_awards(edition: Edition, lists: Iterable[Iterable[Row]]) -> list[list[NamedAward]]:
    """Return each of the lists of rows with its names; three queries for all of them."""
    rows = [list(one) for one in lists]
    categories = {category.code: category for category in edition.award_categories.all()}
    sections = {section.pk: section for section in edition.sections.all()}
    works = Entry.objects.select_related("organisation").in_bulk(
        {row["entry"] for one in rows for row in one}
    )
    return [
        [
            NamedAward(categories[row["category"]], sections[row["section"]], works[row["entry"]])
            for row in one
            if row["category"] in categories and row["section"] in sections
        ]
        for one in rows
    ]


@dataclass(frozen=True)
class NamedReplacement:
    """A replacement with the names of who lost awards and who moved up."""

    replacement: Replacement
    lost: list[NamedAward]
    gained: list[NamedAward]


def name_replacements(award_list: AwardList) -> list[NamedReplacement]:
    """Return the list's replacements, first to last; constant queries."""
    replacements = list(award_list.replacements.select_related("entry", "objection"))
    named = name_awards(
        award_list.edition, [rows for one in replacements for rows in (one.lost, one.gained)]
    )
    return [
        NamedReplacement(one, lost, gained)
        for one, lost, gained in zip(replacements, named[::2], named[1::2], strict=True)
    ]


@dataclass(frozen=True)
class PassedOver:
    """A work that its rank would have brought a place, and why it has none."""

    category: AwardCategory
    entry: Entry
    why: str


def passed_over(award_list: AwardList) -> list[PassedOver]:
    """Return the works that the list's rule passed over, in the order in which it did."""
    categories = AwardCategory.objects.in_bulk([one["category"] for one in award_list.passed])
    works = Entry.objects.select_related("organisation").in_bulk(
        [one["entry"] for one in award_list.passed]
    )
    return [
        PassedOver(categories[one["category"]], works[one["entry"]], str(WHY[one["why"]]))
        for one in award_list.passed
        if one["category"] in categories
    ]

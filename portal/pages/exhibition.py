"""What the public is shown of an edition, and when: read-only, asked by the pages."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from competition.awards.models import Award, AwardCategory
from competition.awards.queries import published_awards, published_list
from competition.editions.models import Edition, Phase, Section
from competition.editions.queries import find_phase, has_phase_closed
from competition.entries.models import Entry, Frame
from competition.entries.queries import UNCOUNTED, public_entries
from competition.entries.states import State
from media_processing.models import MediaAsset
from portal.pages.cards import OnShow
from portal.pages.order import fair_order

# The first of these that opens shows the works; see docs/decisions/what-the-public-sees.md.
SHOWING = [Phase.Kind.VOTING, Phase.Kind.NOTICE, Phase.Kind.PUBLISHED]

# A work of these states has come in and was not taken back.
NOT_TAKING_PART = [*UNCOUNTED, State.DISQUALIFIED.value]


# --- when ---------------------------------------------------------------------------------


def gallery_opens_at(edition: Edition) -> datetime | None:
    """Return when the works can first be seen, or None while nobody has set it."""
    phases = [find_phase(edition, kind) for kind in SHOWING]
    return min((phase.opens_at for phase in phases if phase is not None), default=None)


def is_gallery_open(edition: Edition) -> bool:
    """Tell whether the works can be seen: since voting opened, or once awards are published."""
    opens_at = gallery_opens_at(edition)
    if opens_at is not None and opens_at <= timezone.now():
        return True
    return published_list(edition) is not None


def names_are_public(edition: Edition) -> bool:
    """Tell whether authors and organisations may be named.

    Not while judges read the works blind: a glance at the gallery would tell them everything.
    """
    if find_phase(edition, Phase.Kind.JUDGING) is None:
        return True
    if has_phase_closed(edition, Phase.Kind.JUDGING):
        return True
    return published_list(edition) is not None


@dataclass(frozen=True)
class TimelineStep:
    """A phase as the clock sees it: `state` is "done", "open" or "coming"."""

    phase: Phase
    state: str


def timeline(edition: Edition) -> list[TimelineStep]:
    """Return the edition's phases in order, each done, open or coming."""
    now = timezone.now()
    return [
        TimelineStep(
            phase,
            "open" if phase.is_open(now) else "done" if phase.has_closed(now) else "coming",
        )
        for phase in edition.phases.all()
    ]


# --- which works --------------------------------------------------------------------------


def gallery_works(edition: Edition) -> QuerySet[Entry]:
    """Return the works on show with their pictures, by section and number."""
    return public_entries(edition).order_by("section__position", "number")


def works_by_key(edition: Edition, keys: Iterable[int]) -> dict[int, Entry]:
    """Return key -> work for those of the keys that are on show."""
    return public_entries(edition).in_bulk(list(keys))


def on_show(
    edition: Edition, section: Section | None = None, text: str = "", order: int | None = None
) -> list[OnShow]:
    """Return what is on show, by section and number, or in that fair order of today.

    One query. `text` is looked for in what is shown. Names are never searched: a search must not
    tell what the page keeps to itself.
    """
    if "\x00" in text:  # nothing has one, and PostgreSQL refuses to look for it
        return []
    works = edition.entries.filter(state=State.ADMITTED)
    if section is not None:
        works = works.filter(section=section)
    if text:
        works = works.filter(
            Q(title__icontains=text)
            | Q(story__icontains=text)
            | Q(place__icontains=text)
            | Q(number__icontains=text)
        )
    by_number = [] if order is not None else ["section__position", "number"]
    sections = dict(works.order_by(*by_number).values_list("pk", "section"))
    keys: Iterable[int] = sections
    if order is not None:
        day = timezone.localdate().isoformat()
        keys = fair_order(sections, order, seed=f"edition {edition.pk}", day=day)
    return [OnShow(key, sections[key]) for key in keys]


def selected_works(edition: Edition, count: int) -> list[Entry]:
    """Return some of the works on show: others each day, so that no work owns the front page."""
    admitted = edition.entries.filter(state=State.ADMITTED).order_by("pk")
    keys = list(admitted.values_list("pk", flat=True))
    today = random.Random(timezone.localdate().toordinal())  # noqa: S311 - a choice, no secret
    chosen = today.sample(keys, min(count, len(keys)))
    works = public_entries(edition).in_bulk(chosen)
    return [works[key] for key in chosen]


def first_asset(work: Entry) -> MediaAsset | None:
    """Return the work's cover or film, or None when it has none."""
    return work.cover.asset if work.cover else None


def take_landscape(works: list[Entry]) -> Entry:
    """Take out of the list the first work that lies wide, which a wide space suits; else the first.

    Raises IndexError when the list is empty.
    """
    for index, work in enumerate(works):
        asset = first_asset(work)
        if asset is not None and (asset.width or 0) > (asset.height or 0):
            return works.pop(index)
    return works.pop(0)


def neighbours(work: Entry) -> tuple[Entry | None, Entry | None]:
    """Return the works before and after this one in its section."""
    others = work.section.entries.filter(state=State.ADMITTED).select_related(None)
    before = others.filter(number__lt=work.number).order_by("-number").first()
    after = others.filter(number__gt=work.number).order_by("number").first()
    return before, after


def credit_lines(edition: Edition) -> list[str]:
    """Return every credit of the works on show, sorted, without saying which work is whose."""
    admitted = edition.entries.filter(state=State.ADMITTED).exclude(credit_line="")
    return sorted(set(admitted.order_by().values_list("credit_line", flat=True)))


# --- awards and figures -------------------------------------------------------------------


@dataclass(frozen=True)
class AwardGroup:
    """The awards of a category, by section in order."""

    category: AwardCategory
    sections: list[tuple[Section, list[Award]]]

    @property
    def works(self) -> list[Entry]:
        return [award.entry for _section, awards in self.sections for award in awards]

    @property
    def count(self) -> int:
        return len(self.works)

    def first(self, number: int) -> "AwardGroup":
        """Return the same with at most so many works of each section."""
        return AwardGroup(
            self.category, [(section, awards[:number]) for section, awards in self.sections]
        )


def award_groups(edition: Edition) -> list[AwardGroup]:
    """Return the published awards by category and section; empty before they are published.

    One query. The works have section and organisation; yearbook.bring_pictures brings the rest.
    """
    awards = published_awards(edition).prefetch_related(None)
    return group_awards(awards.select_related("category", "entry__section", "entry__organisation"))


def group_awards(awards: Iterable[Award]) -> list[AwardGroup]:
    """Return awards by category and section, each in order."""
    ordered = sorted(awards, key=award_order)
    return [
        AwardGroup(
            category,
            [
                (section, list(given))
                for section, given in groupby(of_category, lambda award: award.entry.section)
            ],
        )
        for category, of_category in groupby(ordered, lambda award: award.category)
    ]


def award_order(award: Award) -> tuple[int, int, int, int, int, str]:
    """Return a key that puts awards in order of category, section, rank and number."""
    category, section = award.category, award.entry.section
    number = award.entry.number or ""
    return (
        category.position, category.pk, section.position, section.pk, award.rank, number,
    )  # fmt: skip


def edition_figures(edition: Edition) -> dict[str, int]:
    """Return how many works, pictures and organisations took part."""
    works = edition.entries.exclude(state__in=NOT_TAKING_PART)
    figures = works.aggregate(works=Count("pk"), organisations=Count("organisation", distinct=True))
    return figures | {"frames": Frame.objects.filter(entry__in=works).count()}


@dataclass(frozen=True)
class QuotaRow:
    """A category's places in each section, in the order of the sections; 0 for none."""

    category: AwardCategory
    places: list[int]

    @property
    def total(self) -> int:
        return sum(self.places)


def quota_table(edition: Edition, sections: Sequence[Section]) -> list[QuotaRow]:
    """Return the places to be given, a row for each category."""
    rows = []
    for category in edition.award_categories.prefetch_related("quotas"):
        places = {quota.section_id: quota.places for quota in category.quotas.all()}
        rows.append(QuotaRow(category, [places.get(section.pk, 0) for section in sections]))
    return rows

"""An edition with one section, frozen standings and categories."""

from decimal import Decimal

import pytest

from competition.awards.models import AwardCategory
from competition.editions.models import Section
from competition.judging.scoring import StandingLine
from competition.judging.services import freeze_standings
from tests.factories import CategoryFactory, EntryFactory, QuotaFactory, RoundFactory


class World:
    """Short verbs for tests: works by letter, standings by value."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.edition = section.edition
        self.works = {}

    def work(self, name, **fields):
        """Return the work of that name, made when it is first asked for."""
        if name not in self.works:
            fields = {"section": self.section, "state": "admitted", "title": name} | fields
            self.works[name] = EntryFactory(**fields)
        return self.works[name]

    def freeze(self, source, **values):
        """Freeze standings: freeze("jury", a=9, b=8).

        A jury's are of a new round, one panel's of the last.
        """
        lines = [
            StandingLine(self.work(name).pk, self.work(name).section_id, Decimal(value), 3)
            for name, value in values.items()
        ]
        last = self.edition.rounds.last() if source != "jury" else None
        round_ = None if source == "public" else last or RoundFactory(edition=self.edition)
        return freeze_standings(
            edition=self.edition, source=source, round=round_, lines=lines, actor=None
        )

    def category(self, code, source, places, position=0, **fields) -> AwardCategory:
        category = CategoryFactory(
            edition=self.edition, code=code, source=source, position=position, **fields
        )
        QuotaFactory(category=category, section=self.section, places=places)
        return category


def awards_by_code(award_list):
    """Return category code -> titles of the works, in order."""
    awards = {}
    for award in award_list.awards.select_related("category", "entry"):
        awards.setdefault(award.category.code, []).append(award.entry.title)
    return awards


@pytest.fixture
def world(db):
    from tests.factories import SectionFactory

    return World(SectionFactory())

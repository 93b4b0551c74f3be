"""Final results of an edition, with certificates still to be issued."""

import pytest

from portal.results.certificates import issue_certificates
from tests.factories import (
    AssociationFactory,
    AwardFactory,
    CategoryFactory,
    CompanyFactory,
    EditionFactory,
    EntryFactory,
    HonourFactory,
    SectionFactory,
    published,
)


class Results:
    """A final list of one edition with a single section, and short verbs to fill it."""

    def __init__(self):
        self.edition = EditionFactory(
            slug="2026",
            title="第七届摄影大赛",
            title_en="The 7th Photo Competition",
            organiser="江城行业协会",
        )
        self.section = SectionFactory(edition=self.edition)
        self.award_list = published(self.edition.award_lists.create(version=1))
        self.categories = {}

    def category(self, code):
        names = {"expert": "专家推荐作品", "popular": "大众喜爱作品", "shortlisted": "入围作品"}
        if code not in self.categories:
            self.categories[code] = CategoryFactory(
                edition=self.edition,
                code=code,
                title=names[code],
                title_en=f"{code.capitalize()} work",
                position=list(names).index(code),
            )
        return self.categories[code]

    def award(self, code="expert", rank=1, **fields):
        organisation = fields.pop("organisation", None) or CompanyFactory()
        state = fields.pop("state", "admitted")
        entry = EntryFactory(section=self.section, organisation=organisation, state=state, **fields)
        return AwardFactory(
            award_list=self.award_list, category=self.category(code), entry=entry, rank=rank
        )

    def honour(self, name="江城市行业协会"):
        organisation = AssociationFactory(name=name)
        return HonourFactory(edition=self.edition, organisation=organisation)

    def certificate(self, **fields):
        """Return the certificate of a new award."""
        award = self.award(**fields)
        self.issue()
        return award.certificate

    def issue(self):
        return issue_certificates(award_list=self.award_list, actor=None)


@pytest.fixture
def results(db):
    return Results()

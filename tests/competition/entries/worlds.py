"""Small worlds that the tests of this room begin in."""

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from competition.entries.services import submit_entry
from competition.organisations.models import Organisation
from portal.accounts.groups import ORGANISERS, add_to_group
from portal.accounts.models import User
from tests.factories import (
    AssociationFactory,
    CompanyFactory,
    EntryFactory,
    MembershipFactory,
    SectionFactory,
    UserFactory,
    open_phase,
)


def photo(name: str = "a.jpg", content: bytes = b"\xff\xd8 not looked at in the request") -> Any:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


@dataclass
class World:
    """One section whose call and screening are open, one company, its association."""

    section: Section = field(default_factory=SectionFactory)
    association: Organisation = field(default_factory=AssociationFactory)
    company: Organisation = None
    entrant: User = None
    manager: User = None
    organiser: User = field(default_factory=UserFactory)
    stranger: User = None

    def __post_init__(self) -> None:
        self.company = CompanyFactory(association=self.association)
        self.entrant = MembershipFactory(organisation=self.company).user
        self.manager = MembershipFactory(organisation=self.association).user
        self.stranger = MembershipFactory().user
        add_to_group(self.organiser, ORGANISERS)
        for kind in ("call", "screening"):
            open_phase(self.edition, kind)

    @property
    def edition(self) -> Edition:
        return self.section.edition

    def draft(self, **fields: Any) -> Entry:
        fields = {"section": self.section, "organisation": self.company} | fields
        return EntryFactory(created_by=self.entrant, **fields)

    def submitted(self, **fields: Any) -> Entry:
        return submit_entry(entry=self.draft(**fields), user=self.entrant, accepts_rights=True)

    def entry(self, state: str, **fields: Any) -> Entry:
        """An entry put into a state without going there."""
        return self.draft(state=state, **fields)

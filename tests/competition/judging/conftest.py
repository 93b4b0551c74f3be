"""A jury: an edition whose judging is open, a panel, a round, and works."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from competition.judging.models import Assignment, Judge, Panel, Round
from competition.judging.services import add_judge
from tests.factories import (
    AssignmentFactory,
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    PanelFactory,
    RoundFactory,
    SectionFactory,
    UserFactory,
    open_phase,
)

SHEET = {"theme": 8, "artistry": 9, "story": 5}


@dataclass
class Jury:
    """What the tests of this room begin with; weights of the criteria are 2, 2 and 1."""

    edition: Any
    section: Any
    panel: Panel
    round: Round
    judges: list[Judge] = field(default_factory=list)

    def judge(self, **fields: Any) -> Judge:
        judge = add_judge(panel=self.panel, user=UserFactory(**fields))
        self.judges.append(judge)
        return judge

    def entry(self, **fields: Any) -> Any:
        return EntryFactory(**{"section": self.section, "state": "admitted", **fields})

    def assignment(self, judge: Judge, entry: Any = None) -> Assignment:
        entry = entry or self.entry()
        position = judge.assignments.count() + 1
        return AssignmentFactory(round=self.round, judge=judge, entry=entry, position=position)


@pytest.fixture
def jury(db) -> Jury:
    edition = EditionFactory()
    for position, (code, title, weight) in enumerate(
        [("theme", "主题性", 2), ("artistry", "艺术性", 2), ("story", "故事性", 1)]
    ):
        CriterionFactory(edition=edition, code=code, title=title, weight=weight, position=position)
    open_phase(edition, "judging")
    section = SectionFactory(edition=edition)
    panel = PanelFactory(edition=edition)
    round = RoundFactory(edition=edition)
    round.sections.add(section)
    round.panels.add(panel)
    return Jury(edition, section, panel, round)

"""What the public is shown of the proposed awards: on notice, what was objected, who moved up."""

from dataclasses import dataclass

from competition.awards.models import Award, AwardList, Objection
from competition.awards.queries import (
    NamedReplacement,
    awards_of,
    name_replacements,
    noticed_list,
    takes_objections,
)
from competition.editions.models import Edition, Phase
from competition.editions.queries import is_phase_open
from competition.reports.models import Honour
from portal.pages.exhibition import AwardGroup, group_awards


@dataclass(frozen=True)
class Proposal:
    """The awards on notice as everybody sees them. `settled`: objections with their answers."""

    award_list: AwardList
    takes_objections: bool
    groups: list[AwardGroup]
    honours: list[Honour]
    objections: int
    settled: list[Objection]
    replacements: list[NamedReplacement]

    @property
    def upheld(self) -> int:
        return sum(one.state == Objection.State.UPHELD for one in self.settled)

    @property
    def rejected(self) -> int:
        return len(self.settled) - self.upheld

    @property
    def waiting(self) -> int:
        return self.objections - len(self.settled)


def is_on_notice(edition: Edition) -> bool:
    """Tell whether the public may look at proposed awards and object to them now."""
    if not is_phase_open(edition, Phase.Kind.NOTICE):
        return False
    award_list = noticed_list(edition)
    return award_list is not None and award_list.state == AwardList.State.NOTICED


def proposal_of(edition: Edition) -> Proposal | None:
    """Return what is or was on notice; None before its hour. Constant queries."""
    award_list = noticed_list(edition)
    if award_list is None:
        return None
    award_list.edition = edition  # with its phases, which were read already
    objections = list(edition.objections.select_related("entry").defer("text", "name", "email"))
    return Proposal(
        award_list=award_list,
        takes_objections=takes_objections(award_list),
        groups=group_awards(awards_of(Award.objects.filter(award_list=award_list))),
        honours=list(edition.honours.select_related("organisation")),
        objections=len(objections),
        settled=[one for one in objections if one.state != Objection.State.RECEIVED],
        replacements=name_replacements(award_list),
    )

"""Django looks for an app's models here; each room keeps its own."""

from competition.awards.models import Award, AwardCategory, AwardList, AwardQuota
from competition.editions.models import Criterion, Edition, Phase, Section
from competition.entries.models import Entry, EntryRevision, Frame, SheetRow
from competition.judging.models import (
    Assignment,
    Judge,
    Panel,
    Round,
    Score,
    Scorecard,
    Standing,
    StandingList,
)
from competition.organisations.models import Membership, Organisation

__all__ = [
    "Assignment",
    "Award",
    "AwardCategory",
    "AwardList",
    "AwardQuota",
    "Criterion",
    "Edition",
    "Entry",
    "EntryRevision",
    "Frame",
    "Judge",
    "Membership",
    "Organisation",
    "Panel",
    "Phase",
    "Round",
    "Score",
    "Scorecard",
    "Section",
    "SheetRow",
    "Standing",
    "StandingList",
]

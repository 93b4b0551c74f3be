"""Django looks for an app's models here; each room keeps its own."""

from competition.awards.models import (
    Award,
    AwardCategory,
    AwardList,
    AwardQuota,
    AwardRule,
    Objection,
    Replacement,
)
from competition.editions.models import Criterion, Declaration, Edition, Phase, Section
from competition.entries.models import (
    Appeal,
    Entry,
    EntryRevision,
    Frame,
    NearCopy,
    Release,
    SheetRow,
)
from competition.judging.flags import Flag
from competition.judging.models import (
    Assignment,
    Judge,
    Panel,
    Recusal,
    Round,
    RoundPlaces,
    Score,
    Scorecard,
    Standing,
    StandingList,
)
from competition.organisations.models import Invitation, Membership, Organisation
from competition.reports.models import Honour
from competition.screening.models import (
    Forwarding,
    ForwardingQuota,
    Meeting,
    ScreeningCard,
    ScreeningCriterion,
    ScreeningScore,
)

__all__ = [
    "Appeal",
    "Assignment",
    "Award",
    "AwardCategory",
    "AwardList",
    "AwardQuota",
    "AwardRule",
    "Criterion",
    "Declaration",
    "Edition",
    "Entry",
    "EntryRevision",
    "Flag",
    "Forwarding",
    "ForwardingQuota",
    "Frame",
    "Honour",
    "Invitation",
    "Judge",
    "Meeting",
    "Membership",
    "NearCopy",
    "Objection",
    "Organisation",
    "Panel",
    "Phase",
    "Recusal",
    "Release",
    "Replacement",
    "Round",
    "RoundPlaces",
    "Score",
    "Scorecard",
    "ScreeningCard",
    "ScreeningCriterion",
    "ScreeningScore",
    "Section",
    "SheetRow",
    "Standing",
    "StandingList",
]

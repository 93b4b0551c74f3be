"""What an association's panel sees: its works, their cards and means, and the places left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from competition.editions.models import Criterion, Edition, Section
from competition.editions.weighing import mean, weighted_mean
from competition.entries.models import Entry, EntryRevision
from competition.entries.queries import works_under
from competition.entries.states import State
from competition.organisations.models import Organisation
from competition.organisations.queries import scored_associations
from competition.screening.models import (
    Forwarding,
    ForwardingQuota,
    Meeting,
    ScreeningCard,
    ScreeningCriterion,
    ScreeningScore,
)
from portal.accounts.models import User

# While a work is in the association's hands, its panel scores it.
SCORED_STATES = (State.SUBMITTED.value, State.NOT_FORWARDED.value, State.FORWARDED.value)


def works_to_score(user: Any) -> QuerySet[Entry]:
    """Return the works of every association on whose panel the person sits."""
    return works_under(scored_associations(user))


def panel_of(association: Organisation) -> QuerySet[User]:
    """Return the association's members: its screening panel."""
    return User.objects.filter(memberships__organisation=association).order_by("pk")


# --- Criteria, cards and means ----------------------------------------------------------------


def criteria_of(
    association: Organisation, edition: Edition
) -> list[Criterion | ScreeningCriterion]:
    """Return what the association scores by: its own criteria when it has any."""
    own = list(association.screening_criteria.filter(edition=edition))
    return own or list(edition.criteria.all())


def weights_of(criteria: Iterable[Criterion | ScreeningCriterion]) -> dict[str, int]:
    return {criterion.code: criterion.weight for criterion in criteria}


def latest_revision(entry: Entry) -> EntryRevision | None:
    """Return what the work said when it was last submitted: this is what is scored."""
    return entry.revisions.order_by("-number").first()


def scores_on(card: ScreeningCard | None) -> dict[str, int]:
    """Return the card's scores by the criterion's code."""
    return {score.criterion: score.value for score in card.scores.all()} if card else {}


def card_value(card: ScreeningCard, weights: dict[str, int]) -> Fraction | None:
    """Return the card's weighted mean; None while a score is missing."""
    return weighted_mean(scores_on(card), weights)


def panel_mean(cards: Iterable[ScreeningCard], weights: dict[str, int]) -> Fraction | None:
    """Return the mean of the complete cards; None while there is none."""
    return mean(card_value(card, weights) for card in cards)


def with_cards(revisions: QuerySet[EntryRevision]) -> QuerySet[EntryRevision]:
    """Bring along each revision's cards, with their scores and screeners."""
    cards = ScreeningCard.objects.select_related("screener").prefetch_related("scores")
    return revisions.prefetch_related(Prefetch("screening_cards", queryset=cards))


def with_means(works: QuerySet[Entry], weights: dict[str, int]) -> QuerySet[Entry]:
    """Annotate `cards` and `mean` of each work's latest revision, to list and sort by.

    The same as `panel_mean`, said in SQL: a list of thousands is sorted by the database.
    """
    latest = EntryRevision.objects.filter(entry=OuterRef("pk")).order_by("-number")
    cards = ScreeningCard.objects.filter(revision=OuterRef("latest"))
    counted = cards.order_by().values("revision").annotate(n=Count("pk")).values("n")
    return works.annotate(latest=Subquery(latest.values("pk")[:1])).annotate(
        cards=Subquery(counted), mean=Subquery(_means(weights))
    )


def _means(weights: dict[str, int]) -> QuerySet[ScreeningScore]:
    """Return the mean of the complete cards of the outer row's `latest` revision, as one value."""
    total = sum(weights.values())
    counts = Count("scores", filter=Q(scores__criterion__in=weights))
    complete = ScreeningCard.objects.annotate(given=counts).filter(given=len(weights))
    whens = [When(criterion=code, then=Value(weight)) for code, weight in weights.items()]
    weighted = Sum(F("value") * Case(*whens, default=Value(0)), output_field=FloatField())
    cards = Count("card", distinct=True)
    return (
        ScreeningScore.objects.filter(
            card__revision=OuterRef("latest"), card__in=complete.values("pk")
        )
        .order_by()
        .values("card__revision")
        .annotate(mean=weighted / (cards * float(total or 1)))
        .values("mean")
    )


def unscored_by(works: QuerySet[Entry], user: Any) -> QuerySet[Entry]:
    """Return those whose latest revision has no card of this person; needs `with_means`."""
    mine = ScreeningCard.objects.filter(revision=OuterRef("latest"), screener=user)
    return works.filter(~Exists(mine))


# --- Places -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """How many works of a section an association may forward, and has forwarded."""

    section: Section
    limit: int  # 0: no limit
    taken: int

    @property
    def left(self) -> int | None:
        """Return how many more; None: no limit."""
        return max(0, self.limit - self.taken) if self.limit else None


def places_of(association: Organisation, edition: Edition) -> list[Places]:
    """Return the association's places in each section of the edition; three queries."""
    sections = list(edition.sections.all())
    taken = dict(
        Forwarding.objects.filter(association=association, section__in=sections)
        .values_list("section")
        .annotate(n=Count("pk"))
    )
    exceptions = dict(
        ForwardingQuota.objects.filter(association=association, section__in=sections).values_list(
            "section", "places"
        )
    )
    return [
        Places(
            section=section,
            limit=exceptions.get(section.pk, section.forwarded_per_association),
            taken=taken.get(section.pk, 0),
        )
        for section in sections
    ]


def places_in(association: Organisation, section: Section) -> Places:
    """Return the association's places in one section."""
    return next(one for one in places_of(association, section.edition) if one.section == section)


def first_free_place(association: Organisation, section: Section) -> int:
    """Return the lowest number that no forwarded work of the section holds.

    The caller holds the association's row, or two works would get the same.
    """
    held = Forwarding.objects.filter(association=association, section=section)
    return first_gap(sorted(held.values_list("place", flat=True)))


def first_gap(numbers: Sequence[int]) -> int:
    """Return the first of 1, 2, 3... that is missing in the sorted numbers."""
    for expected, number in enumerate(numbers, start=1):
        if number != expected:
            return expected
    return len(numbers) + 1


# --- Meeting ----------------------------------------------------------------------------------


def meeting_version(meeting: Meeting) -> str:
    """Return what changes whenever the projector shows something else; one query."""
    cards = ScreeningCard.objects.filter(revision__entry=meeting.entry_id)
    last = cards.aggregate(last=Max("updated_at"), n=Count("pk"))
    moment = last["last"].timestamp() if last["last"] else 0
    return f"{meeting.changed_at.timestamp()}-{last['n']}-{moment}"

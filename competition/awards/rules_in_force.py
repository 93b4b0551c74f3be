"""From rows to the plain values that selection takes: an edition's rule, and the facts it meets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from django.db.models import QuerySet

from competition.awards import selection
from competition.awards.caps import Holder
from competition.awards.merits import Line, Standings
from competition.awards.models import AwardList, AwardRule, Replacement
from competition.awards.rulebook import Caps, Category, Rule, from_json
from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.entries.states import State
from competition.judging.models import StandingList
from competition.judging.queries import latest_standings
from competition.organisations.models import Organisation

SOURCES = [source.value for source in StandingList.Source]


@dataclass(frozen=True)
class Facts:
    """What a rule is applied to. Holders are there only for a rule with caps."""

    standings: Standings
    holders: Mapping[int, Holder]
    excluded: frozenset[int]


def rule_in_force(edition: Edition) -> Rule:
    """Return the edition's rule as it is set now; places of nought are left out. Four queries."""
    kept = AwardRule.objects.filter(edition=edition).first() or AwardRule(edition=edition)
    categories = edition.award_categories.prefetch_related("quotas")
    return Rule(
        categories=tuple(
            Category(
                code=category.code,
                source=category.source,
                places={
                    quota.section_id: quota.places
                    for quota in category.quotas.all()
                    if quota.places
                },
                jury_weight=category.jury_weight,
                expert_weight=category.expert_weight,
                industry_weight=category.industry_weight,
                jury_floor=category.jury_floor,
            )
            for category in categories
        ),
        may_hold_two=kept.may_hold_two,
        caps=Caps(kept.per_organisation, kept.per_association, kept.per_author),
        sections=tuple(edition.sections.values_list("pk", flat=True)),
    )


def rule_of_list(award_list: AwardList) -> Rule:
    """Return the rule that the list was proposed by.

    Of lists from before rules were kept with them: the edition's rule now.
    """
    return from_json(award_list.rule) if award_list.rule else rule_in_force(award_list.edition)


def lists_of(award_list: AwardList) -> dict[str, StandingList | None]:
    """Return source -> the frozen list that the award list rests on, or None."""
    return {source: getattr(award_list, f"{source}_standings") for source in SOURCES}


def latest_lists(edition: Edition) -> dict[str, StandingList | None]:
    """Return source -> the edition's newest frozen list, or None."""
    return {source: latest_standings(edition, source) for source in SOURCES}


def facts_of(
    edition: Edition, lists: Mapping[str, StandingList | None], *, with_holders: bool
) -> Facts:
    """Return what selection needs to know of the edition's works by these lists.

    One query a list, one for the works that have left, one for the holders.
    """
    standings = {
        source: [
            Line(*row)
            for row in frozen.standings.values_list("entry", "entry__section", "rank", "readings")
        ]
        for source, frozen in lists.items()
        if frozen is not None
    }
    gone = edition.entries.exclude(state=State.ADMITTED).values_list("pk", flat=True)
    holders = holders_in(edition) if with_holders else {}
    return Facts(Standings(standings), holders, frozenset(gone))


def holders_in(edition: Edition) -> dict[int, Holder]:
    """Return whose each admitted work of the edition is; one query."""
    return _holders(edition.entries.filter(state=State.ADMITTED))


def owners_of_works(edition: Edition) -> dict[int, Holder]:
    """Return the same of every work, whatever became of it; one query."""
    return _holders(edition.entries.all())


def _holders(works: QuerySet[Entry]) -> dict[int, Holder]:
    """An author is a line of names in one organisation: people of one name are many."""
    rows = works.order_by().values_list(
        "pk",
        "organisation",
        "organisation__kind",
        "organisation__association",
        "author_names",
    )
    return {
        entry: Holder(
            organisation=organisation,
            association=organisation if kind == Organisation.Kind.ASSOCIATION else association,
            author=(organisation, "".join(normalize("NFKC", names).casefold().split())),
        )
        for entry, organisation, kind, association, names in rows
    }


def select_for(
    award_list: AwardList, *, without: Collection[int] = frozenset()
) -> selection.Selection:
    """Run the list's own rule on its own standings with all its decisions, from its own row.

    `without`: as if the awards of these works had been taken away too.
    """
    rule = rule_of_list(award_list)
    facts = facts_of(award_list.edition, lists_of(award_list), with_holders=bool(rule.caps))
    found = selection.select(
        rule,
        facts.standings,
        holders=facts.holders,
        excluded=facts.excluded | taken_away(award_list.edition) | {*without},
        decisions=decisions_of(award_list),
    )
    if broken := selection.breaches(rule, found.awards, facts.holders):
        raise RuntimeError(f"Selection broke its rule: {broken}")
    return found


def taken_away(edition: Edition) -> frozenset[int]:
    """Return the works whose awards were taken away on notice, of this list or an earlier one."""
    rows = Replacement.objects.filter(award_list__edition=edition)
    return frozenset(rows.values_list("entry", flat=True))


def decisions_of(award_list: AwardList) -> list[selection.Decision]:
    """Return how people decided ties, as selection takes it."""
    codes = dict(award_list.edition.award_categories.values_list("pk", "code"))
    return [
        selection.Decision(codes[row["category"]], row["section"], frozenset(row["entries"]))
        for row in award_list.decisions
        if row["category"] in codes
    ]

"""What keeps an award list true: its lock, what must hold before a verb, and its awards as rows."""

from typing import Any

from django.utils.translation import gettext as _

from competition.awards import selection
from competition.awards.models import Award, AwardList
from competition.awards.queries import final_list, works_no_longer_admitted
from competition.awards.replacement import Place, renumbered
from competition.awards.rulebook import as_json
from competition.awards.rules_in_force import lists_of, rule_in_force, select_for
from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.judging.queries import latest_standings


class AwardsRefused(Exception):
    """Something that cannot be done with the awards. `messages` say what to do next."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


# --- what must be true before -----------------------------------------------------------------


def lock(award_list: AwardList) -> None:
    """Lock the edition's lists against a second pair of hands; read this one anew."""
    Edition.objects.select_for_update().get(pk=award_list.edition_id)
    award_list.refresh_from_db()


def require_state(award_list: AwardList, *states: AwardList.State) -> None:
    """Raise AwardsRefused, saying what is next, unless the list is in one of these states."""
    if award_list.state in states:
        return
    refusals = {
        AwardList.State.PROPOSED: _("This list is not confirmed yet. Confirm it, then publish."),
        AwardList.State.CONFIRMED: _("This list is confirmed already. Publish it next."),
        AwardList.State.NOTICED: _("This list is on notice already. Settle objections to it."),
        AwardList.State.PUBLISHED: _("This list is published already; it stays as it is."),
        AwardList.State.REPLACED: _("A newer proposal has replaced this list. Use the newest."),
    }
    raise AwardsRefused(refusals[AwardList.State(award_list.state)])


def require_not_final(edition: Edition) -> None:
    """Raise AwardsRefused when the edition's awards are final, though their hour is to come."""
    if final_list(edition) is not None:
        raise AwardsRefused(
            _("The awards of this edition are published already; they stay as they are.")
        )


def require_current(award_list: AwardList) -> None:
    """Refuse a list that no longer follows from the facts, while nobody can change them."""
    awarded = Entry.objects.filter(pk__in=award_list.awards.values("entry"))
    list(awarded.select_for_update().order_by("pk").values_list("pk"))
    gone = works_no_longer_admitted(award_list)
    problems = [
        _("Work %(number)s is no longer in the competition.") % {"number": entry.number}
        for entry in gone
    ]
    require_rule(award_list)
    for source, used in lists_of(award_list).items():
        if used is not None and latest_standings(award_list.edition, source) != used:
            problems.append(_("The standings have a newer version than this list rests on."))
    if problems and gone and award_list.state == AwardList.State.NOTICED:
        problems.append(_("Take its awards away first, so that the next in rank moves up."))
    elif problems:
        problems.append(_("Propose the awards again; this list is kept as it is."))
    if problems:
        raise AwardsRefused(*problems)


def require_rule(award_list: AwardList) -> None:
    """Refuse a list whose rule is not the edition's any more."""
    if award_list.rule and award_list.rule != as_json(rule_in_force(award_list.edition)):
        raise AwardsRefused(
            _("The rule of the awards has changed since this list was proposed."),
            _("Propose the awards again; this list is kept as it is."),
        )


# --- keeping what was selected -----------------------------------------------------------------


def select_and_keep(award_list: AwardList) -> selection.Selection:
    """Select, and write it: the list's awards, ties, and works passed over.

    A proposal never loses an award: facts by which it would need a new one. On notice awards
    follow what was taken away, once no tie is open. Raises AwardsRefused.
    """
    result = select_for(award_list)
    if award_list.state == AwardList.State.NOTICED:
        if not result.ties:
            _replace_awards(award_list, result)
    else:
        _add_awards(award_list, result)
    ids = category_ids(award_list)
    award_list.ties = [
        {
            "category": ids[tie.category],
            "section": tie.section,
            "places_left": tie.places_left,
            "entries": list(tie.entries),
        }
        for tie in result.ties
    ]
    award_list.passed = [
        {"category": ids[one.category], "section": one.section, "entry": one.entry, "why": one.why}
        for one in result.passed
    ]
    award_list.save(update_fields=["ties", "passed", "decisions"])
    return result


def _add_awards(award_list: AwardList, result: selection.Selection) -> None:
    ids = category_ids(award_list)
    chosen = {(ids[a.category], a.entry, a.rank) for a in result.awards}
    kept = set(award_list.awards.order_by().values_list("category", "entry", "rank"))
    if not kept <= chosen:
        raise AwardsRefused(
            _("Works, places or categories have changed since this list was proposed."),
            _("Propose the awards again; this list is kept as it is."),
        )
    Award.objects.bulk_create(
        Award(award_list=award_list, category_id=category, entry_id=entry, rank=rank)
        for category, entry, rank in sorted(chosen - kept)
    )


def _replace_awards(award_list: AwardList, result: selection.Selection) -> None:
    """Write the awards selected anew; the last replacement tells who lost and gained by it."""
    ids = category_ids(award_list)
    lost, gained = what_changes(award_list, result)
    for category, _section, entry in lost:
        award_list.awards.filter(category=ids[category], entry=entry).delete()
    Award.objects.bulk_create(
        Award(award_list=award_list, category_id=ids[category], entry_id=entry, rank=rank)
        for (category, _section, entry), rank in sorted(gained.items())
    )
    replacement = award_list.replacements.latest("number")
    replacement.lost += as_rows(lost)
    replacement.gained += as_rows(gained)
    replacement.save(update_fields=["lost", "gained"])


def what_changes(
    award_list: AwardList, result: selection.Selection
) -> tuple[dict[Place, int], dict[Place, int]]:
    """Return which awards would go and which would come if the list became this selection."""
    now = given(award_list)
    after = renumbered(ever_given(award_list), result.awards)
    wanted = {(one.category, one.section, one.entry): one.rank for one in after}
    lost = {place: rank for place, rank in now.items() if place not in wanted}
    gained = {place: rank for place, rank in wanted.items() if place not in now}
    return lost, gained


def given(award_list: AwardList) -> dict[Place, int]:
    """Return the list's awards as (category, section, work) -> rank; one query."""
    rows = award_list.awards.order_by().values_list(
        "category__code", "entry__section", "entry", "rank"
    )
    return {(category, section, entry): rank for category, section, entry, rank in rows}


def given_to(award_list: AwardList, entry: Entry) -> dict[Place, int]:
    """Return those of the list's awards that this work has."""
    return {place: rank for place, rank in given(award_list).items() if place[2] == entry.pk}


def ever_given(award_list: AwardList) -> dict[Place, int]:
    """Return the same with the awards that were taken away or left since the notice began."""
    known = {
        (row["category"], row["section"], row["entry"]): row["rank"]
        for replacement in award_list.replacements.all()
        for row in replacement.lost
    }
    return known | given(award_list)


def as_rows(places: dict[Place, int]) -> list[dict[str, Any]]:
    """Return awards as a replacement keeps them, in order."""
    return [
        {"category": category, "section": section, "entry": entry, "rank": rank}
        for (category, section, entry), rank in sorted(places.items())
    ]


def category_ids(award_list: AwardList) -> dict[str, int]:
    """Return code -> key of the edition's categories; one query."""
    return dict(award_list.edition.award_categories.values_list("code", "pk"))


def action(verb: str) -> str:
    """Return the audit log's name for something done to a list."""
    return f"competition.award_list.{verb}"

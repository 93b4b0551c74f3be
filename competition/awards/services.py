"""The verbs of an award list: propose, decide ties, confirm, publish. Each happens once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.awards import selection
from competition.awards.models import Award, AwardCategory, AwardList
from competition.awards.queries import published_list, works_no_longer_admitted
from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from competition.entries.states import State
from competition.judging.models import Standing, StandingList
from competition.judging.queries import latest_standings
from portal.accounts.models import User

JURY, PUBLIC = StandingList.Source.JURY, StandingList.Source.PUBLIC
NEEDS = {
    AwardCategory.Source.JURY: (JURY,),
    AwardCategory.Source.PUBLIC: (PUBLIC,),
    AwardCategory.Source.COMBINED: (JURY, PUBLIC),
}


class AwardsRefused(Exception):
    """Something that cannot be done with the awards. `messages` say what to do next."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


def propose_awards(*, edition: Edition, actor: User | None) -> AwardList:
    """Select the awards from the latest frozen standings and keep them as the next version.

    Earlier proposals of the edition become replaced. Works that have left the competition
    since the standings were frozen are passed over. Raises AwardsRefused.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        if published_list(edition) is not None:
            raise AwardsRefused(
                _("The awards of this edition are published already; they stay as they are.")
            )
        categories = list(edition.award_categories.prefetch_related("quotas"))
        lists = _standings_needed(edition, categories)
        earlier = AwardList.objects.filter(edition=edition)
        version = (earlier.aggregate(Max("version"))["version__max"] or 0) + 1
        earlier.update(state=AwardList.State.REPLACED)
        award_list = AwardList.objects.create(
            edition=edition,
            version=version,
            jury_standings=lists[JURY],
            public_standings=lists[PUBLIC],
            proposed_by=actor,
        )
        result = _select(award_list, categories)
        _keep(award_list, result, categories)
        given = Counter(award.category for award in result.awards)
        data = {"version": version, "awards": given, "ties": len(result.ties)}
        log(instance=award_list, action=_action("propose"), user=actor, data=data)
    return award_list


def decide_tie(
    *,
    award_list: AwardList,
    category: AwardCategory,
    section: Section,
    entries: Iterable[Entry],
    reason: str,
    actor: User | None,
) -> AwardList:
    """Give the places left to these of the tied works, and select on from there.

    The decision is kept with its reason; it only adds awards, also of later categories that
    waited for it. Raises AwardsRefused.
    """
    with transaction.atomic():
        _lock(award_list)
        _require_state(award_list, AwardList.State.PROPOSED)
        tie = _find_tie(award_list, category, section)
        chosen = sorted({entry.pk for entry in entries})
        _check_decision(tie, chosen, reason)
        award_list.decisions.append(
            {
                "category": category.pk,
                "section": section.pk,
                "tied": tie["entries"],
                "entries": chosen,
                "reason": reason.strip(),
                "decided_at": timezone.now().isoformat(),
                "decided_by": actor.pk if actor else None,
            }
        )
        categories = list(award_list.edition.award_categories.prefetch_related("quotas"))
        _keep(award_list, _select(award_list, categories), categories)
        log(
            instance=award_list,
            action=_action("decide_tie"),
            user=actor,
            data={"version": award_list.version, **award_list.decisions[-1]},
        )
    return award_list


def confirm_awards(*, award_list: AwardList, actor: User | None) -> AwardList:
    """Say that this proposal is what shall be published. Raises AwardsRefused."""
    with transaction.atomic():
        _lock(award_list)
        _require_state(award_list, AwardList.State.PROPOSED)
        if award_list.ties:
            raise AwardsRefused(_("Some ties are undecided. Decide them first, then confirm."))
        if not award_list.awards.exists():
            raise AwardsRefused(
                _("This list has no awards. Set the places by section, then propose again.")
            )
        _require_current(award_list)
        award_list.state = AwardList.State.CONFIRMED
        award_list.save(update_fields=["state"])
        data = {"version": award_list.version}
        log(instance=award_list, action=_action("confirm"), user=actor, data=data)
    return award_list


def publish_awards(*, award_list: AwardList, actor: User | None) -> AwardList:
    """Make the confirmed awards public, from this moment on. Raises AwardsRefused."""
    with transaction.atomic():
        _lock(award_list)
        _require_state(award_list, AwardList.State.CONFIRMED)
        _require_current(award_list)
        award_list.state = AwardList.State.PUBLISHED
        award_list.published_at = timezone.now()
        award_list.save(update_fields=["state", "published_at"])
        data = {"version": award_list.version}
        log(instance=award_list, action=_action("publish"), user=actor, data=data)
    return award_list


# --- what must be true before -----------------------------------------------------------------


def _lock(award_list: AwardList) -> None:
    """Lock the edition's lists against a second pair of hands; read this one anew."""
    Edition.objects.select_for_update().get(pk=award_list.edition_id)
    award_list.refresh_from_db()


def _require_state(award_list: AwardList, state: AwardList.State) -> None:
    if award_list.state == state:
        return
    refusals = {
        AwardList.State.PROPOSED: _("This list is not confirmed yet. Confirm it, then publish."),
        AwardList.State.CONFIRMED: _("This list is confirmed already. Publish it next."),
        AwardList.State.PUBLISHED: _("This list is published already; it stays as it is."),
        AwardList.State.REPLACED: _("A newer proposal has replaced this list. Use the newest."),
    }
    raise AwardsRefused(refusals[AwardList.State(award_list.state)])


def _require_current(award_list: AwardList) -> None:
    """Refuse a list that no longer follows from the facts, while nobody can change them."""
    awarded = Entry.objects.filter(pk__in=award_list.awards.values("entry"))
    list(awarded.select_for_update().order_by("pk").values_list("pk"))
    gone = works_no_longer_admitted(award_list)
    problems = [
        _("Work %(number)s is no longer in the competition.") % {"number": entry.number}
        for entry in gone
    ]
    for source, used in [(JURY, award_list.jury_standings), (PUBLIC, award_list.public_standings)]:
        if used is not None and latest_standings(award_list.edition, source) != used:
            problems.append(_("The standings have a newer version than this list rests on."))
    if problems:
        raise AwardsRefused(*problems, _("Propose the awards again; this list is kept as it is."))


def _standings_needed(
    edition: Edition, categories: Sequence[AwardCategory]
) -> dict[str, StandingList | None]:
    """Return source -> the latest list, None where no category asks for it.

    Raises AwardsRefused when a list is missing, or lacks a section that has places and works.
    """
    asked = {
        (source, quota.section_id)
        for category in categories
        for quota in category.quotas.all()
        if quota.places
        for source in NEEDS[AwardCategory.Source(category.source)]
    }
    if not asked:
        raise AwardsRefused(
            _("No award category has any places. Add categories and places by section first.")
        )
    sources = {source for source, _section in asked}
    lists: dict[str, StandingList | None] = {
        source: latest_standings(edition, source) if source in sources else None
        for source in (JURY, PUBLIC)
    }
    missing = {
        JURY: _("The jury's standings are missing. Close the judging round first."),
        PUBLIC: _("The public's standings are missing. Close the poll first."),
    }
    if absent := [missing[source] for source in sorted(sources) if lists[source] is None]:
        raise AwardsRefused(*absent)
    if uncovered := _sections_not_covered(edition, lists, asked):
        raise AwardsRefused(*uncovered)
    return lists


def _sections_not_covered(
    edition: Edition,
    lists: dict[str, StandingList | None],
    asked: set[tuple[StandingList.Source, int]],
) -> list[str]:
    """Return a message for each section with works and places, but without standings."""
    admitted = edition.entries.filter(state=State.ADMITTED)
    with_works = set(admitted.order_by().values_list("section", flat=True).distinct())
    ranked = set(
        Standing.objects.filter(standing_list__in=[row for row in lists.values() if row])
        .order_by()
        .values_list("standing_list__source", "entry__section")
        .distinct()
    )
    titles = {section.pk: str(section) for section in edition.sections.all()}
    return [
        _("“%(section)s” has places but no standings by: %(source)s. Add it there, or remove them.")
        % {"section": titles[section], "source": source.label}
        for source, section in sorted(asked - ranked)
        if section in with_works
    ]


def _find_tie(award_list: AwardList, category: AwardCategory, section: Section) -> dict[str, Any]:
    for tie in award_list.ties:
        if (tie["category"], tie["section"]) == (category.pk, section.pk):
            return dict(tie)
    raise AwardsRefused(_("There is no such tie, or it is decided already. Reload the page."))


def _check_decision(tie: dict[str, Any], chosen: list[int], reason: str) -> None:
    if not set(chosen) <= set(tie["entries"]):
        raise AwardsRefused(_("Only works that tie can be chosen. Reload the page."))
    if len(chosen) != tie["places_left"]:
        raise AwardsRefused(
            _("Choose exactly as many works as there are places left: %(places)s.")
            % {"places": tie["places_left"]}
        )
    if not reason.strip():
        raise AwardsRefused(_("Say why these works were chosen; the reason is kept."))


# --- from rows to plain values and back --------------------------------------------------------


def _select(award_list: AwardList, categories: Sequence[AwardCategory]) -> selection.Selection:
    """Run the rule on the list's own standings with all its decisions."""
    codes = {category.pk: category.code for category in categories}
    lists = {JURY: award_list.jury_standings, PUBLIC: award_list.public_standings}
    standings = {
        str(source): [
            selection.Line(*row)
            for row in frozen.standings.values_list("entry", "entry__section", "rank")
        ]
        for source, frozen in lists.items()
        if frozen is not None
    }
    ranked = Entry.objects.filter(pk__in=[e.entry for rows in standings.values() for e in rows])
    gone = set(ranked.exclude(state=State.ADMITTED).values_list("pk", flat=True))
    return selection.select(
        [
            selection.Category(
                code=category.code,
                source=category.source,
                places={quota.section_id: quota.places for quota in category.quotas.all()},
                jury_weight=category.jury_weight,
            )
            for category in categories
        ],
        standings,
        excluded=gone,
        decisions=[
            selection.Decision(codes[row["category"]], row["section"], frozenset(row["entries"]))
            for row in award_list.decisions
            if row["category"] in codes
        ],
    )


def _keep(
    award_list: AwardList, result: selection.Selection, categories: Sequence[AwardCategory]
) -> None:
    """Write what was selected. A version never loses an award; facts that would, need a new one.

    Raises AwardsRefused.
    """
    ids = {category.code: category.pk for category in categories}
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
    award_list.ties = [
        {
            "category": ids[tie.category],
            "section": tie.section,
            "places_left": tie.places_left,
            "entries": list(tie.entries),
        }
        for tie in result.ties
    ]
    award_list.save(update_fields=["ties", "decisions"])


def _action(verb: str) -> str:
    return f"competition.award_list.{verb}"

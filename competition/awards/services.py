"""The verbs of an award list: propose, decide ties, confirm, publish. Each happens once."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.awards import selection
from competition.awards.models import Award, AwardCategory, AwardList, AwardRule
from competition.awards.queries import published_list, works_no_longer_admitted
from competition.awards.rulebook import Category, Rule, as_json
from competition.awards.rules_in_force import SOURCES, lists_of, rule_in_force, select_for
from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from competition.entries.states import State
from competition.judging.models import Standing, StandingList
from competition.judging.queries import latest_standings
from portal.accounts.models import User


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
        rule = rule_in_force(edition)
        lists = _standings_needed(edition, rule)
        earlier = AwardList.objects.filter(edition=edition)
        version = (earlier.aggregate(Max("version"))["version__max"] or 0) + 1
        earlier.update(state=AwardList.State.REPLACED)
        award_list = AwardList.objects.create(
            edition=edition,
            version=version,
            **{f"{source}_standings": lists[source] for source in SOURCES},
            rule=as_json(rule),
            proposed_by=actor,
        )
        result = _select_and_keep(award_list)
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
        _require_rule(award_list)
        result = _select_and_keep(award_list)
        if any(
            (one.category, one.section, one.entries)
            == (category.code, section.pk, tuple(tie["entries"]))
            for one in result.ties
        ):
            raise _not_filled(tie)
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


def use_rule(*, edition: Edition, rule: Rule, actor: User | None) -> bool:
    """Make this the edition's rule: weights, floors and places of its categories, and its caps.

    What a category is decided by and the order of selection stay as they are. Returns whether
    anything changed; the log keeps the rule before and after. Proposed lists keep the rule they
    were made by, and ask for a new proposal. Raises AwardsRefused after publication.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        if published_list(edition) is not None:
            raise AwardsRefused(
                _("The awards of this edition are published already; they stay as they are.")
            )
        before = as_json(rule_in_force(edition))
        wanted = {category.code: category for category in rule.categories}
        for row in edition.award_categories.filter(code__in=wanted):
            _write_category(row, wanted[row.code])
        caps = rule.caps
        AwardRule.objects.update_or_create(
            edition=edition,
            defaults={
                "may_hold_two": rule.may_hold_two,
                "per_organisation": caps.organisation,
                "per_association": caps.association,
                "per_author": caps.author,
            },
        )
        after = as_json(rule_in_force(edition))
        if after == before:
            return False
        data = {"before": before, "after": after}
        log(instance=edition, action="competition.award_rule.change", user=actor, data=data)
    return True


def _write_category(row: AwardCategory, category: Category) -> None:
    for name in ("jury_weight", "expert_weight", "industry_weight", "jury_floor"):
        setattr(row, name, getattr(category, name))
    row.save()
    row.quotas.exclude(section__in=category.places).update(places=0)
    for section, places in category.places.items():
        row.quotas.update_or_create(section_id=section, defaults={"places": places})


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
    _require_rule(award_list)
    for source, used in lists_of(award_list).items():
        if used is not None and latest_standings(award_list.edition, source) != used:
            problems.append(_("The standings have a newer version than this list rests on."))
    if problems:
        raise AwardsRefused(*problems, _("Propose the awards again; this list is kept as it is."))


def _require_rule(award_list: AwardList) -> None:
    """Refuse a list whose rule is not the edition's any more."""
    if award_list.rule and award_list.rule != as_json(rule_in_force(award_list.edition)):
        raise AwardsRefused(
            _("The rule of the awards has changed since this list was proposed."),
            _("Propose the awards again; this list is kept as it is."),
        )


def _standings_needed(edition: Edition, rule: Rule) -> dict[str, StandingList | None]:
    """Return source -> the latest list, None where no category asks for it.

    Raises AwardsRefused when a list is missing, or lacks a section that has places and works.
    """
    asked = {
        (source, section)
        for category in rule.categories
        for section in category.places
        for source in category.needs()
    }
    if not asked:
        raise AwardsRefused(
            _("No award category has any places. Add categories and places by section first.")
        )
    sources = {source for source, _section in asked}
    lists: dict[str, StandingList | None] = {
        source: latest_standings(edition, source) if source in sources else None
        for source in SOURCES
    }
    if absent := missing_standings({source for source in sources if lists[source] is None}):
        raise AwardsRefused(*absent)
    if uncovered := _sections_not_covered(edition, lists, asked):
        raise AwardsRefused(*uncovered)
    return lists


def missing_standings(sources: Collection[str]) -> list[str]:
    """Return a sentence for each of these sources of standings that are not frozen yet."""
    words = {
        "jury": _("The jury's standings are missing. Close the judging round first."),
        "public": _("The public's standings are missing. Close the poll first."),
        "expert": _(
            "The expert panel has no standings of its own. They are frozen when a round that "
            "expert and industry panels have both scored is closed."
        ),
        "industry": _(
            "The industry panel has no standings of its own. They are frozen when a round that "
            "expert and industry panels have both scored is closed."
        ),
    }
    return [words[source] for source in sorted(sources)]


def _sections_not_covered(
    edition: Edition,
    lists: dict[str, StandingList | None],
    asked: set[tuple[str, int]],
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
        % {"section": titles[section], "source": StandingList.Source(source).label}
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
    if not 0 < len(chosen) <= tie["places_left"]:
        raise _not_filled(tie)
    if not reason.strip():
        raise AwardsRefused(_("Say why these works were chosen; the reason is kept."))


def _not_filled(tie: dict[str, Any]) -> AwardsRefused:
    return AwardsRefused(
        _(
            "Nothing was kept. Choose exactly as many works as there are places left: %(places)s; "
            "where the caps allow fewer, as many as they allow."
        )
        % {"places": tie["places_left"]}
    )


# --- keeping what was selected -----------------------------------------------------------------


def _select_and_keep(award_list: AwardList) -> selection.Selection:
    """Select, and write it. A version never loses an award; facts that would, need a new one.

    Raises AwardsRefused.
    """
    result = select_for(award_list)
    ids = dict(award_list.edition.award_categories.values_list("code", "pk"))
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
    award_list.passed = [
        {"category": ids[one.category], "section": one.section, "entry": one.entry, "why": one.why}
        for one in result.passed
    ]
    award_list.save(update_fields=["ties", "passed", "decisions"])
    return result


def _action(verb: str) -> str:
    return f"competition.award_list.{verb}"

"""The verbs of an award list: propose, decide ties, confirm, publish. Each happens once.

Between the last two comes the notice period (`notice`), where the edition has one.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.awards.keeping import (
    AwardsRefused,
    action,
    lock,
    require_current,
    require_not_final,
    require_rule,
    require_state,
    select_and_keep,
)
from competition.awards.models import AwardCategory, AwardList, AwardRule, Objection, Replacement
from competition.awards.rulebook import Category, Rule, as_json
from competition.awards.rules_in_force import SOURCES, rule_in_force
from competition.awards.signals import award_replaced, awards_published
from competition.editions.models import Edition, Phase, Section
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.entries.states import State
from competition.judging.models import Standing, StandingList
from competition.judging.queries import latest_standings
from portal.accounts.models import User


def propose_awards(*, edition: Edition, actor: User | None) -> AwardList:
    """Select the awards from the latest frozen standings and keep them as the next version.

    Earlier proposals of the edition become replaced. Works that have left the competition
    since the standings were frozen are passed over. Raises AwardsRefused.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        require_not_final(edition)
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
        result = select_and_keep(award_list)
        given = Counter(award.category for award in result.awards)
        data = {"version": version, "awards": given, "ties": len(result.ties)}
        log(instance=award_list, action=action("propose"), user=actor, data=data)
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
        lock(award_list)
        require_state(award_list, AwardList.State.PROPOSED, AwardList.State.NOTICED)
        tie = _find_tie(award_list, category, section)
        chosen = sorted({entry.pk for entry in entries})
        _check_decision(tie, chosen, reason)
        _check_nobody_loses(award_list, category, tie, chosen)
        award_list.decisions.append(
            {
                "category": category.pk,
                "section": section.pk,
                "tied": tie["entries"],
                "entries": chosen,
                "reason": reason.strip(),
                "decided_at": timezone.now().isoformat(),
                "decided_by": actor.pk if actor else None,
                # How many awards had been taken away by then: who runs it again needs to know.
                "after": award_list.replacements.count(),
            }
        )
        require_rule(award_list)
        result = select_and_keep(award_list)
        if any(
            (one.category, one.section, one.entries)
            == (category.code, section.pk, tuple(tie["entries"]))
            for one in result.ties
        ):
            raise _not_filled(tie)
        log(
            instance=award_list,
            action=action("decide_tie"),
            user=actor,
            data={"version": award_list.version, **award_list.decisions[-1]},
        )
        if award_list.state == AwardList.State.NOTICED:
            replacement = award_list.replacements.latest("number")
            award_replaced.send(Replacement, replacement=replacement)
    return award_list


def confirm_awards(*, award_list: AwardList, actor: User | None) -> AwardList:
    """Say that this proposal is what shall be published. Raises AwardsRefused."""
    with transaction.atomic():
        lock(award_list)
        require_state(award_list, AwardList.State.PROPOSED)
        if award_list.ties:
            raise AwardsRefused(_("Some ties are undecided. Decide them first, then confirm."))
        if not award_list.awards.exists():
            raise AwardsRefused(
                _("This list has no awards. Set the places by section, then propose again.")
            )
        require_current(award_list)
        award_list.state = AwardList.State.CONFIRMED
        award_list.save(update_fields=["state"])
        data = {"version": award_list.version}
        log(instance=award_list, action=action("confirm"), user=actor, data=data)
    return award_list


def publish_awards(*, award_list: AwardList, actor: User | None) -> AwardList:
    """Make the awards final. They appear when the edition's last phase opens, else at once.

    Where the edition has a notice period, after it and when every objection is settled. Nothing
    is public before that hour, and nobody has to be there when it comes. Raises AwardsRefused.
    """
    with transaction.atomic():
        lock(award_list)
        _require_publishable(award_list)
        require_current(award_list)
        award_list.state = AwardList.State.PUBLISHED
        award_list.published_at = _hour_of_publication(award_list.edition)
        award_list.save(update_fields=["state", "published_at"])
        data = {"version": award_list.version, "at": award_list.published_at.isoformat()}
        log(instance=award_list, action=action("publish"), user=actor, data=data)
        awards_published.send(AwardList, award_list=award_list, actor=actor)
    return award_list


def _hour_of_publication(edition: Edition) -> datetime:
    phase, now = find_phase(edition, Phase.Kind.PUBLISHED), timezone.now()
    return max(phase.opens_at, now) if phase else now


def _require_publishable(award_list: AwardList) -> None:
    notice = find_phase(award_list.edition, Phase.Kind.NOTICE)
    if notice is None:
        require_state(award_list, AwardList.State.CONFIRMED)
        return
    if award_list.state == AwardList.State.CONFIRMED:
        raise AwardsRefused(_("This edition has a notice period. Begin the notice first."))
    require_state(award_list, AwardList.State.NOTICED)
    if not notice.has_closed():
        raise AwardsRefused(
            _("The notice period is not over: anyone may object until %(until)s. Publish then.")
            % {"until": date_format(localtime(notice.closes_at), "DATETIME_FORMAT")}
        )
    if award_list.edition.objections.filter(state=Objection.State.RECEIVED).exists():
        raise AwardsRefused(_("Some objections are not settled. Uphold or reject them first."))
    if award_list.ties:
        raise AwardsRefused(_("Some ties are undecided. Decide them first, then publish."))


def use_rule(*, edition: Edition, rule: Rule, actor: User | None) -> bool:
    """Make this the edition's rule: weights, floors and places of its categories, and its caps.

    What a category is decided by and the order of selection stay as they are. Returns whether
    anything changed; the log keeps the rule before and after. Proposed lists keep the rule they
    were made by, and ask for a new proposal. Raises AwardsRefused after publication.
    """
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        require_not_final(edition)
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


def _check_nobody_loses(
    award_list: AwardList, category: AwardCategory, tie: dict[str, Any], chosen: list[int]
) -> None:
    """On notice, a tied work that has a place of the category already must keep it."""
    awards = award_list.awards.filter(category=category, entry__in=tie["entries"])
    kept = awards.exclude(entry__in=chosen).select_related("entry")
    if kept:
        raise AwardsRefused(
            _("Nothing was kept. These works have a place in public already; choose them too: %s.")
            % "、".join(str(award.entry.number) for award in kept)
        )


def _not_filled(tie: dict[str, Any]) -> AwardsRefused:
    return AwardsRefused(
        _(
            "Nothing was kept. Choose exactly as many works as there are places left: %(places)s; "
            "where the caps allow fewer, as many as they allow."
        )
        % {"places": tie["places_left"]}
    )

"""Tell the awarded and the honoured, once the hour of the results has come (获奖通知).

The clock asks, not who published: the hour may be days later, with nobody there. The outbox
tells who has been written to, so a killed round, or another worker's, doubles nothing.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from competition.awards.feedback import works_with_feedback
from competition.awards.models import Award, AwardList
from competition.awards.queries import published_lists
from competition.reports.models import Honour
from competition.reports.queries import honours_of
from portal.accounts.models import User
from portal.notifications.models import Notice
from portal.notifications.queries import awards_to_tell_of, managers_of, people_with_awards

# Nobody is written to about what has long been known: an import, or a list dated back.
NEWS_FOR = timedelta(days=7)
PEOPLE_A_ROUND = 50


def congratulate(now: datetime) -> None:
    """Write to everybody with an award in results that became public in these days."""
    lately = published_lists().filter(published_at__gt=now - NEWS_FOR)
    for award_list in lately.select_related("edition"):
        congratulate_awarded(award_list)
        congratulate_honoured(award_list)


def congratulate_awarded(award_list: AwardList) -> None:
    """Put one mail a person into the outbox, with all of their awards; some people a call."""
    written = {"notices__key": _key("awarded", award_list)}
    unwritten = people_with_awards(award_list).exclude(**written)
    people = list(unwritten[:PEOPLE_A_ROUND])
    if not people:
        return
    theirs: dict[int | None, list[Award]] = defaultdict(list)
    awards = list(awards_to_tell_of(award_list, people))
    for award in awards:
        for person in {award.entry.created_by_id, award.entry.rights_accepted_by_id}:
            theirs[person].append(award)
    told = works_with_feedback(award_list.edition, [award.entry_id for award in awards])
    _write(
        award_list,
        "awarded",
        [
            (one, {"awards": [_award(award, told, one) for award in theirs[one.pk]]})
            for one in people
        ],
    )


def congratulate_honoured(award_list: AwardList) -> None:
    """Put one mail into the outbox for each manager of an honoured organisation."""
    honours = honours_of(award_list.edition).select_related("organisation", "certificate")
    managers = managers_of(honours).exclude(user__notices__key=_key("honoured", award_list))
    theirs: dict[User, set[int]] = defaultdict(set)
    for membership in managers:
        theirs[membership.user].add(membership.organisation_id)
    if not theirs:
        return
    given = list(honours)
    _write(
        award_list,
        "honoured",
        [
            (
                one,
                {"honours": [_honour(honour) for honour in given if honour.organisation_id in of]},
            )
            for one, of in theirs.items()
        ],
    )


def _write(award_list: AwardList, kind: str, letters: list[tuple[User, dict[str, Any]]]) -> None:
    """Keep the letters as rows only; the worker takes them up, some at a time."""
    assert award_list.published_at is not None
    rows = []
    for person, said in letters:
        with translation.override(person.language):
            title = str(award_list.edition.local_title)
        rows.append(
            Notice(
                recipient=person,
                kind=kind,
                key=_key(kind, award_list),
                context={"edition_id": award_list.edition_id, "edition": title, **said},
                due_at=award_list.published_at,
            )
        )
    Notice.objects.bulk_create(rows, ignore_conflicts=True)  # two workers at once: one mail


def _key(kind: str, award_list: AwardList) -> str:
    return f"{kind}-{award_list.pk}"


def _award(award: Award, told: set[int], person: User) -> dict[str, Any]:
    entry, certificate = award.entry, getattr(award, "certificate", None)
    with translation.override(person.language):
        return {
            "category": str(award.category.local_title),
            "entry_id": entry.pk,
            "number": entry.number,
            "title": entry.title,
            "section": str(entry.section.local_title),
            "organisation": entry.organisation.name,
            "certificate": certificate.number if certificate else "",
            "has_feedback": entry.pk in told,
        }


def _honour(honour: Honour) -> dict[str, Any]:
    certificate = getattr(honour, "certificate", None)
    return {
        "organisation": honour.organisation.name,
        "reason": honour.reason,
        "certificate": certificate.number if certificate else "",
    }

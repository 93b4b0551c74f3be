"""The tables of the organiser's pack: awards, scores, standings, honours, replaced works.

Constant queries, however many works there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Avg, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from competition.awards.models import Award, AwardList
from competition.awards.rules_in_force import lists_of
from competition.entries.models import Entry
from competition.judging.models import Score, Standing, StandingList
from competition.reports.models import Honour
from portal.results.models import Certificate
from portal.sheets import Sheet

SOURCES = ("jury", "expert", "industry", "public")


def awards_in_order(award_list: AwardList) -> list[Award]:
    """Return the list's awards in the order of categories, sections and ranks, with their works."""
    awards = award_list.awards.select_related(
        "category", "entry__section", "entry__organisation__association", "entry__edition"
    )
    return list(awards.prefetch_related("entry__frames__asset"))


def all_sheets(award_list: AwardList, awards: list[Award]) -> list[Sheet]:
    """Return the sheets of awards.xlsx."""
    return [
        awards_sheet(award_list, awards),
        scores_sheet(award_list, awards),
        standings_sheet(award_list),
        honours_sheet(award_list),
        replaced_sheet(award_list),
    ]


def awards_sheet(award_list: AwardList, awards: list[Award]) -> Sheet:
    """Return a row for each award, with all that is printed of it."""
    header = [
        _("Award category"),
        _("Section"),
        _("Rank"),
        _("Work number"),
        pgettext("of a work", "Title"),
        _("Authors"),
        _("Organisation"),
        _("Local association"),
        _("Province"),
        _("Story"),
        _("Place taken"),
        _("Date taken"),
        _("Credit and licence"),
        _("Certificate number"),
    ]
    given = Certificate.objects.filter(award__award_list=award_list)
    numbers = dict(given.values_list("award", "number"))
    rows = [
        [
            award.category,
            award.entry.section,
            award.rank,
            *_work(award.entry),
            *_organisation(award.entry.organisation),
            award.entry.story,
            award.entry.place,
            award.entry.taken_on,
            award.entry.credit_line,
            numbers.get(award.pk),
        ]
        for award in awards
    ]
    widths = [18, 14, 6, 13, 28, 20, 30, 26, 12, 60, 20, 12, 30, 20]
    return Sheet(_("Awards"), header, rows, widths)


def scores_sheet(award_list: AwardList, awards: list[Award]) -> Sheet:
    """Return a row for each awarded work: its standings, and the jury's mean by criterion."""
    criteria = list(award_list.edition.criteria.all())
    works = list({award.entry_id: award.entry for award in awards}.values())
    found = {source: _standings(kept, works) for source, kept in lists_of(award_list).items()}
    means = _means(award_list, works)
    header = [_("Work number"), pgettext("of a work", "Title"), _("Section")]
    header += [_("Jury: rank"), _("Jury: value"), _("Jury: mean"), _("Jury: scorecards")]
    header += [_("Mean: %(criterion)s") % {"criterion": one} for one in criteria]
    header += [_("Expert panel: rank"), _("Expert panel: value")]
    header += [_("Industry panel: rank"), _("Industry panel: value")]
    header += [_("Public vote: rank"), _("Public vote: votes")]
    rows = [
        [
            work.number,
            work.title,
            work.section,
            *_facts(found["jury"].get(work.pk), "rank", "value", "raw", "readings"),
            *(means.get((work.pk, one.pk)) for one in criteria),
            *_facts(found["expert"].get(work.pk), "rank", "value"),
            *_facts(found["industry"].get(work.pk), "rank", "value"),
            *_facts(found["public"].get(work.pk), "rank", "readings"),
        ]
        for work in works
    ]
    return Sheet(_("Scores"), header, rows, [13, 28, 14])


def standings_sheet(award_list: AwardList) -> Sheet:
    """Return a row for each line of every standing that the awards were selected from."""
    header = [
        _("Standings"),
        _("Section"),
        _("Rank"),
        _("Work number"),
        pgettext("of a work", "Title"),
        _("Authors"),
        _("Organisation"),
        _("Value"),
        _("Readings or ballots"),
    ]
    return Sheet(
        _("All standings"), header, _standing_rows(award_list), [16, 14, 6, 13, 28, 20, 30, 12, 12]
    )


def honours_sheet(award_list: AwardList) -> Sheet:
    """Return a row for each organisation honoured for how it took part."""
    header = [_("Organisation"), _("Province"), _("Reason"), _("Certificate number")]
    honours = Honour.objects.filter(edition=award_list.edition).select_related("organisation")
    numbers = dict(Certificate.objects.filter(honour__in=honours).values_list("honour", "number"))
    rows = [
        [one.organisation, one.organisation.province, one.reason, numbers.get(one.pk)]
        for one in honours
    ]
    return Sheet(_("Awards for organising"), header, rows, [32, 12, 60, 20])


def replaced_sheet(award_list: AwardList) -> Sheet:
    """Return a row for each work whose awards were taken away on notice, and who moved up."""
    header = [
        _("No."),
        _("Work number"),
        pgettext("of a work", "Title"),
        _("Authors"),
        _("Organisation"),
        _("Reason"),
        _("Objection"),
        _("Awards taken away"),
        _("Moved up"),
        _("Decided at"),
    ]
    replaced = list(award_list.replacements.select_related("entry__organisation", "objection"))
    named = [row["entry"] for one in replaced for row in [*one.lost, *one.gained]]
    numbers = dict(Entry.objects.filter(pk__in=named).values_list("pk", "number"))
    categories = {one.code: str(one) for one in award_list.edition.award_categories.all()}

    def in_words(rows: Iterable[dict[str, Any]]) -> str:
        words = [(categories.get(one["category"], one["category"]), one) for one in rows]
        return "\n".join(f"{title} {one['rank']} {numbers[one['entry']]}" for title, one in words)

    rows = [
        [
            one.number,
            *_work(one.entry),
            one.entry.organisation,
            one.reason,
            one.objection.number if one.objection else None,
            in_words(one.lost),
            in_words(one.gained),
            one.decided_at,
        ]
        for one in replaced
    ]
    return Sheet(_("Replaced works"), header, rows, [6, 13, 28, 20, 30, 50, 9, 30, 30, 18])


def _work(entry: Entry) -> list[Any]:
    return [entry.number, entry.title, entry.author_names]


def _organisation(organisation: Any) -> list[Any]:
    above = organisation.association
    return [organisation, above, organisation.province or (above.province if above else "")]


def _standings(kept: StandingList | None, works: list[Entry]) -> dict[int, Standing]:
    lines = Standing.objects.filter(standing_list=kept, entry__in=works)
    return {line.entry_id: line for line in lines}


def _facts(line: Standing | None, *names: str) -> list[Any]:
    """Return numbers of a standing; a decimal as the number that a spreadsheet can count with."""
    values = [getattr(line, name) if line else None for name in names]
    return [one if one is None or isinstance(one, int) else float(one) for one in values]


def _means(award_list: AwardList, works: list[Entry]) -> dict[tuple[int, int], float]:
    """Return (work, criterion) -> the mean of all scorecards of the round that decided."""
    if award_list.jury_standings is None:
        return {}
    scores = Score.objects.filter(
        scorecard__assignment__round=award_list.jury_standings.round_id,
        scorecard__assignment__entry__in=works,
    )
    rows = scores.order_by().values_list("scorecard__assignment__entry", "criterion")
    return {(work, one): round(mean, 4) for work, one, mean in rows.annotate(mean=Avg("value"))}


def _standing_rows(award_list: AwardList) -> Iterator[list[Any]]:
    lists = lists_of(award_list)
    for source in SOURCES:
        kept = lists[source]
        if kept is None:
            continue
        lines: QuerySet[Standing] = kept.standings.select_related(
            "entry__section", "entry__organisation"
        ).order_by("entry__section__position", "entry__section", "rank", "entry__number")
        for line in lines.iterator(chunk_size=1000):
            entry = line.entry
            facts = _facts(line, "value", "readings")
            head = [str(kept), entry.section, line.rank]
            yield [*head, *_work(entry), entry.organisation, *facts]


def awarded_works(awards: list[Award]) -> dict[Entry, list[Award]]:
    """Return each awarded work once, with its awards, in the order of the list."""
    found: dict[Entry, list[Award]] = defaultdict(list)
    for award in awards:
        found[award.entry].append(award)
    return dict(found)

"""A round as a workbook: every scorecard, every work, every judge."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from competition.editions.weighing import weighted_mean
from competition.entries.models import STATE_LABELS, Entry
from competition.judging.analysis import Analysis, JudgeLine
from competition.judging.measures import measures_of
from competition.judging.models import Judge, Round, Scorecard
from competition.judging.queries import scores_by_card
from competition.judging.scoring import Estimate, rank_in_sections
from portal.sheets import Sheet, csv_response, xlsx_response


def round_workbook(analysis: Analysis) -> FileResponse:
    """Answer with all three sheets."""
    round = analysis.evaluation.round
    return xlsx_response(
        f"{round.edition.slug}-{round.number}.xlsx",
        scorecards_sheet(round),
        works_sheet(analysis),
        judges_sheet(analysis.judges),
    )


def scorecards_csv(round: Round) -> StreamingHttpResponse:
    """Answer with every scorecard as CSV."""
    return csv_response(f"{round.edition.slug}-{round.number}.csv", scorecards_sheet(round))


def scorecards_sheet(round: Round) -> Sheet:
    """Return a row for each scorecard, those of works that left the competition too."""
    criteria = measures_of(round)
    header = [
        _("Work number"),
        pgettext("of a work", "Title"),
        _("Section"),
        _("Judge"),
        _("Panel"),
    ]
    header += [str(one) for one in criteria]
    header += [_("Weighted score"), _("Note"), _("Scored at"), _("Changed at"), _("State")]
    return Sheet(_("Scorecards"), header, _scorecard_rows(round, criteria), [12, 28, 16, 14, 20])


def _scorecard_rows(round: Round, criteria: list[Any]) -> Iterator[list[Any]]:
    """Yield plain values: of 20,000 rows, objects would cost ten times as much."""
    weights = {one.code: one.weight for one in criteria}
    sections = {one.pk: str(one) for one in round.edition.sections.all()}
    states = {value: str(label) for value, label in STATE_LABELS}
    judges = Judge.objects.filter(assignments__round=round).distinct()
    names = {one.pk: (str(one), str(one.panel)) for one in judges.select_related("user", "panel")}
    given = scores_by_card(round)
    cards = Scorecard.objects.filter(assignment__round=round).order_by(
        "assignment__entry__number", "assignment__judge"
    )
    rows = cards.values_list(
        "assignment__entry__number",
        "assignment__entry__title",
        "assignment__entry__section",
        "assignment__entry__state",
        "assignment__judge",
        "pk",
        "note",
        "created_at",
        "updated_at",
    )
    for number, title, section, state, judge, pk, *note_and_times in rows.iterator():
        scores = given.get(pk, {})
        value = weighted_mean(scores, weights)
        yield [
            number,
            title,
            sections[section],
            *names[judge],
            *(_points(scores.get(one.code)) for one in criteria),
            round_to(value),
            *note_and_times,
            states[state],
        ]


def works_sheet(analysis: Analysis) -> Sheet:
    """Return a row for each work that has a standing, the best of each section first."""
    header = [
        _("Section"),
        _("Rank"),
        _("Work number"),
        pgettext("of a work", "Title"),
        _("Readings"),
    ]
    header += [_("Mean"), _("Trimmed mean"), _("Adjusted mean")]
    header += [_("Standard error"), _("Chance of being inside the cut")]
    lines = analysis.evaluation.lines()
    ranks = rank_in_sections(lines)
    works = Entry.objects.filter(pk__in=ranks).select_related("section").in_bulk()
    ordered = sorted(lines, key=lambda one: (one.section_id, ranks[one.entry_id], one.entry_id))
    rows = [
        [
            works[one.entry_id].section,
            ranks[one.entry_id],
            works[one.entry_id].number,
            works[one.entry_id].title,
            one.readings,
            *(round_to(value) for value in (one.raw, one.trimmed, one.adjusted)),
            round_to(one.standard_error),
            round_to(one.chance),
        ]
        for one in ordered
    ]
    return Sheet(_("Works"), header, rows, [16, 8, 12, 28])


def judges_sheet(judges: Iterable[JudgeLine]) -> Sheet:
    """Return a row for each judge; each number with its 95% interval."""
    header = [_("Judge"), _("Panel"), _("Scored"), _("Assigned")]
    for name in (_("Severity"), _("Spread"), _("Halo"), _("Home association"), _("Drift")):
        header += [name, _("from"), _("to")]
    rows = [
        [one.judge, one.judge.panel, one.done, one.total]
        + [
            number
            for estimate in (one.severity, one.spread, one.halo, one.home, one.drift)
            for number in _numbers(estimate)
        ]
        for one in judges
    ]
    return Sheet(_("Judges"), header, rows, [14, 20])


def _numbers(estimate: Estimate | None) -> list[float | None]:
    if estimate is None:
        return [None, None, None]
    return [round_to(value) for value in (estimate.value, estimate.low, estimate.high)]


def _points(value: Any) -> int | float | None:
    """Return a score as the judge gave it; of a verdict, what it counts."""
    return value if isinstance(value, int) else round_to(value)


def round_to(value: Any, places: int = 4) -> float | None:
    """Return the number as a spreadsheet shows it."""
    return None if value is None else round(float(value), places)

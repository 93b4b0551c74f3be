"""The reports as workbooks: who took part, and every work with what was decided."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry

from competition.editions.models import Edition
from competition.entries.models import STATE_LABELS, Entry
from competition.reports.queries import awards_by_work, decisions, participation
from portal.sheets import Sheet, xlsx_response

ROWS_A_QUERY = 500


def report_response(edition: Edition, works: QuerySet[Entry]) -> FileResponse:
    """Answer with the workbook of these works of the edition."""
    return xlsx_response(
        f"{edition.slug}.xlsx", participation_sheet(works), works_sheet(edition, works)
    )


def participation_sheet(works: QuerySet[Entry]) -> Sheet:
    """Return a row for each organisation: works and pictures, side by side."""
    header = [_("Local association"), _("Organisation")]
    for name in (_("Submitted"), _("Returned for revision"), _("Forwarded"), _("Admitted")):
        header += [
            _("%(state)s: works") % {"state": name},
            _("%(state)s: pictures") % {"state": name},
        ]
    rows = [
        [group.association, line.organisation]
        + [n for count in line.figures.in_order() for n in (count.works, count.pictures)]
        for group in participation(works)
        for line in group.lines
    ]
    return Sheet(_("Participation"), header, rows, widths=[28, 32])


def works_sheet(edition: Edition, works: QuerySet[Entry]) -> Sheet:
    """Return a row for each work, in the order of numbers, with its comments and decisions."""
    header = [
        _("Order"),
        _("Work number"),
        pgettext("of a work", "Title"),
        _("Authors"),
        _("Organisation"),
        _("Local association"),
        _("Section"),
        _("Pictures"),
        _("State"),
        _("Submitted at"),
        _("Advice or reason"),
        _("Decisions"),
        _("Award"),
    ]
    widths = [7, 13, 30, 20, 30, 28, 14, 9, 14, 18, 40, 60, 24]
    return Sheet(_("Works"), header, _work_rows(edition, works), widths)


def _work_rows(edition: Edition, works: QuerySet[Entry]) -> Iterator[list[Any]]:
    deeds, awards = decisions(works), awards_by_work(edition)
    states = {code: str(label) for code, label in STATE_LABELS}
    listed = works.select_related("section", "organisation__association")
    listed = listed.annotate(pictures=Count("frames")).order_by("number", "pk")
    for order, work in enumerate(listed.iterator(chunk_size=ROWS_A_QUERY), start=1):
        yield [
            order,
            work.number,
            work.title,
            work.author_names,
            work.organisation,
            work.organisation.association,
            work.section,
            work.pictures,
            states[work.state],
            work.submitted_at,
            work.advice,
            "\n".join(_in_words(deed) for deed in deeds.get(work.pk, [])),
            awards.get(work.pk),
        ]


def _in_words(deed: ModelLogEntry) -> str:
    moment = timezone.localtime(deed.timestamp)
    formatter = registry.get_formatter(deed)
    what = formatter.label if formatter else deed.action  # a line outlives the code that wrote it
    why = f": {deed.data['why']}" if deed.data.get("why") else ""
    return f"{moment:%Y-%m-%d %H:%M} {what} · {deed.user_display_name}{why}"

"""The spreadsheet of the works desk: its template, and what comes back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from competition.editions.models import Edition
from competition.entries.checks import EntryRefused
from competition.entries.sheet_template import write_template
from competition.entries.sheets import keep_sheet
from competition.entries.views.desk import own_desk, told
from competition.entries.views.frames import tell
from competition.organisations.models import Organisation
from portal.sheet_reader import SheetRefused, read_table
from portal.sheets import XLSX

MOST_ROWS = 2000


@login_required
@require_GET
def template(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """The spreadsheet to fill in, in the reader's language."""
    running, _own = own_desk(request, organisation, edition)
    in_chinese = (get_language() or "").startswith("zh")
    answer = HttpResponse(write_template(running, in_chinese=in_chinese), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="works-{running.slug}.xlsx"'
    return answer


@login_required
@require_POST
def sheet(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """Keep the rows of the spreadsheet and fill them into the works whose files are here."""
    running, own = own_desk(request, organisation, edition)
    try:
        _keep(request, running, own)
    except EntryRefused as refusal:
        tell(request, refusal)
    return told(request) or redirect("works-desk", organisation=organisation, edition=edition)


def _keep(request: HttpRequest, edition: Edition, organisation: Organisation) -> None:
    file = request.FILES.get("sheet")
    if file is None:
        raise EntryRefused(_("Please choose a spreadsheet first."))
    try:
        table = read_table(file, most_rows=MOST_ROWS)
    except SheetRefused as refused:
        raise EntryRefused(str(refused)) from refused
    rows = keep_sheet(edition=edition, organisation=organisation, user=request.user, table=table)
    filled = sum(1 for row in rows if row.entry_id)
    messages.success(
        request,
        ngettext(
            "%(count)s row was read, %(filled)s of it is filled in; the others wait for files.",
            "%(count)s rows were read, %(filled)s are filled in; the others wait for their files.",
            len(rows),
        )
        % {"count": len(rows), "filled": filled},
    )

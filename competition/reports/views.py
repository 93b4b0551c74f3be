"""An association's own report."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from competition.editions.models import Edition
from competition.organisations.queries import screened_associations
from competition.reports.participation import total
from competition.reports.queries import participation, submitted_works, works_below
from competition.reports.sheets import report_response


@login_required
@require_GET
def report(request: HttpRequest) -> HttpResponseBase:
    """Who took part, of the person's associations; `?export=xlsx` with every work and decision.

    404 for who manages no association, and for an edition that is not there.
    """
    associations = screened_associations(request.user)
    editions = list(Edition.objects.all())
    wanted = request.GET.get("edition", editions[0].slug if editions else "")
    edition = next((one for one in editions if one.slug == wanted), None)
    if edition is None or not associations:
        raise Http404
    works = works_below(submitted_works(edition), associations)
    if request.GET.get("export") == "xlsx":
        return report_response(edition, works)
    groups = participation(works)
    context = {
        "edition": edition,
        "editions": editions,
        "associations": associations,
        "groups": groups,
        "total": total([group.figures for group in groups]),
    }
    return render(request, "reports/participation.html", context)

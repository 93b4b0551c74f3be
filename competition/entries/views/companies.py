"""An association's companies: who they are, how far they are, and whether they are known."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from competition.editions.models import Edition
from competition.entries.queries import with_work_counts
from competition.organisations.models import Organisation
from competition.organisations.queries import (
    companies_to_verify,
    screened_associations,
    with_member_counts,
)

COMPANIES_A_PAGE = 50
# What waits for somebody comes first.
ORDER = ["verification", "name", "pk"]


@login_required
@require_GET
def companies(request: HttpRequest) -> HttpResponse:
    """The companies of the associations the person manages. 404 for who manages none."""
    associations = list(screened_associations(request.user))
    if not associations:
        raise Http404
    own = companies_to_verify(request.user)
    counts = dict(own.order_by().values_list("verification").annotate(Count("pk")))
    state = request.GET.get("state", "")
    shown = own.filter(verification=state) if state in Organisation.Verification else own
    edition = Edition.objects.first()
    rows = with_work_counts(with_member_counts(shown), edition).select_related("association")
    context = {
        "associations": associations,
        "edition": edition,
        "state": state,
        "total": sum(counts.values()),
        "filters": [
            (code, label, counts.get(code, 0)) for code, label in Organisation.Verification.choices
        ],
        "companies": Paginator(rows.order_by(*ORDER), COMPANIES_A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "organisations/companies.html", context)

"""Verifying and refusing outside of the admin: an association and its companies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competition.organisations.checks import OrganisationRefused
from competition.organisations.queries import companies_to_verify
from competition.organisations.services import refuse_organisation, verify_organisation
from competition.organisations.views.members import tell


@login_required
@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Do with a company of the person's association what the button says."""
    company = get_object_or_404(companies_to_verify(request.user), pk=pk)
    verb = request.POST.get("do")
    try:
        if verb == "verify":
            verify_organisation(organisation=company, user=request.user)
        elif verb == "refuse":
            reason = request.POST.get("reason", "")
            refuse_organisation(organisation=company, user=request.user, reason=reason)
        else:
            raise Http404
    except OrganisationRefused as refusal:
        tell(request, refusal)
    else:
        messages.success(
            request,
            _("%(name)s is now “%(state)s”. Its managers are told by e-mail.")
            % {"name": company.name, "state": company.get_verification_display()},
        )
    return redirect("companies")

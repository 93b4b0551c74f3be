"""Register a company, mend what was registered, or join an organisation by its code."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from competition.organisations.checks import OrganisationRefused
from competition.organisations.forms import CompanyForm, JoinForm
from competition.organisations.services import (
    JoinRefused,
    correct_organisation,
    create_organisation,
    join_organisation,
)
from competition.organisations.views.members import own_organisation, tell
from portal.rates import comes_too_often

# A code has 40 bits; nobody tries them all at this pace.
JOIN_RATE = "10/h"


@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Register a company; the person becomes its manager."""
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = create_organisation(user=request.user, **form.cleaned_data)
        except ValidationError as error:  # somebody took the name a moment ago
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _(
                    "%(name)s is registered and will be verified. You need not wait: drafts and "
                    "submission are open to you."
                )
                % {"name": organisation.name},
            )
            return redirect("my")
    return render(request, "organisations/create.html", {"form": form})


@login_required
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what was registered, and ask to be verified (again)."""
    organisation = own_organisation(request, pk)
    if organisation.is_verified:
        messages.info(request, _("%(name)s is verified already.") % {"name": organisation.name})
        return redirect("my")
    reason = organisation.refusal_reason
    form = CompanyForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            correct_organisation(organisation=organisation, user=request.user, **form.cleaned_data)
        except OrganisationRefused as refusal:
            tell(request, refusal)
        else:
            messages.success(request, _("Saved. Your organisation will be looked at again."))
        return redirect("my")
    context = {"form": form, "reason": reason}
    return render(request, "organisations/correct.html", context)


@login_required
def join(request: HttpRequest) -> HttpResponse:
    """Become a contributor of the organisation that gave out the code."""
    form = JoinForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        if comes_too_often(request, group="join", rate=JOIN_RATE, who=str(request.user.pk)):
            form.add_error("code", _("Too many tries. Please wait an hour, then try again."))
            status = 429
        else:
            try:
                membership = join_organisation(user=request.user, code=form.cleaned_data["code"])
            except JoinRefused as refusal:
                form.add_error("code", str(refusal))
            else:
                messages.success(
                    request,
                    _("You are a member of %(name)s now.") % {"name": membership.organisation},
                )
                return redirect("my")
    return render(request, "organisations/join.html", {"form": form}, status=status)

"""Asking somebody to act for an organisation by a link, and following it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from competition.organisations.checks import OrganisationRefused
from competition.organisations.forms import InvitationForm
from competition.organisations.invitations import (
    accept_invitation,
    find_invitation,
    invitation_problem,
    invite_member,
    link_token,
    revoke_invitation,
)
from competition.organisations.models import Organisation
from competition.organisations.views.members import own_organisation, tell
from portal.rates import comes_too_often

# Enough for a whole office; too few to mail strangers in our name.
INVITE_RATE = "30/h"


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation; the next page shows its link, once."""
    organisation = own_organisation(request, pk)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
    elif comes_too_often(request, group="invite", rate=INVITE_RATE, who=str(request.user.pk)):
        messages.error(request, _("Too many invitations. Please wait an hour, then go on."))
    else:
        _invite(request, organisation, form)
    return redirect("organisation-members", pk=pk)


def _invite(request: HttpRequest, organisation: Organisation, form: InvitationForm) -> None:
    try:
        invitation = invite_member(
            organisation=organisation, user=request.user, **form.cleaned_data
        )
    except OrganisationRefused as refusal:
        tell(request, refusal)
        return
    path = reverse("invitation", args=[link_token(invitation)])
    request.session[f"invitation-{organisation.pk}"] = request.build_absolute_uri(path)
    if invitation.email:
        messages.success(
            request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
        )


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int, invitation: str) -> HttpResponse:
    """Take an invitation back."""
    organisation = own_organisation(request, pk)
    row = get_object_or_404(organisation.invitations, pk=invitation)
    try:
        revoke_invitation(invitation=row, user=request.user)
    except OrganisationRefused as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("The invitation is taken back; its link leads nowhere now."))
    return redirect("organisation-members", pk=pk)


@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is being accepted, ask to sign in or up, and accept on POST."""
    invitation = find_invitation(token)
    if invitation is None:
        raise Http404
    person = request.user if request.user.is_authenticated else None
    problem = invitation_problem(invitation, person)
    if request.method == "POST" and person and not problem:
        try:
            accept_invitation(invitation=invitation, user=person)
        except OrganisationRefused as refusal:
            problem = " ".join(refusal.messages)
        else:
            messages.success(
                request,
                _("You are a member of %(name)s now.") % {"name": invitation.organisation},
            )
            return redirect("my")
    context = {"invitation": invitation, "problem": problem}
    return render(request, "organisations/invitation.html", context)

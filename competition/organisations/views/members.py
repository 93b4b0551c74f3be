"""Who acts for an organisation: its manager's page, and the way out for everybody."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from competition.organisations.checks import OrganisationRefused
from competition.organisations.forms import InvitationForm
from competition.organisations.members import change_role, leave_organisation, remove_member
from competition.organisations.models import Membership, Organisation
from competition.organisations.queries import (
    managed_organisations,
    members_of,
    open_invitations,
    organisations_of,
)

MANAGER, CONTRIBUTOR = Membership.Role.MANAGER, Membership.Role.CONTRIBUTOR


def own_organisation(request: HttpRequest, pk: int) -> Organisation:
    """Return the organisation when the person manages it; else 404."""
    return get_object_or_404(managed_organisations(request.user), pk=pk)


@login_required
@require_GET
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """The members with their roles, and the invitations that are open."""
    organisation = own_organisation(request, pk)
    context = {
        "organisation": organisation,
        "members": members_of(organisation),
        "invitations": open_invitations(organisation),
        "form": InvitationForm(),
        "link": request.session.pop(f"invitation-{pk}", ""),
    }
    return render(request, "organisations/members.html", context)


@login_required
@require_POST
def change(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Do with a member what the button says."""
    members = own_organisation(request, pk).memberships.select_related("organisation", "user")
    membership = get_object_or_404(members, pk=member)
    verbs = {"promote": MANAGER, "demote": CONTRIBUTOR}
    verb = request.POST.get("do", "")
    try:
        if verb in verbs:
            change_role(membership=membership, role=verbs[verb], user=request.user)
            messages.success(request, _("The role of %(person)s is changed.") % _names(membership))
        elif verb == "remove":
            remove_member(membership=membership, user=request.user)
            messages.success(
                request,
                _("%(person)s is not a member any more. Works and files are kept.")
                % _names(membership),
            )
        else:
            raise Http404
    except OrganisationRefused as refusal:
        tell(request, refusal)
    # Who demoted or removed oneself has no business on this page any more.
    manages = managed_organisations(request.user).filter(pk=pk).exists()
    return redirect("organisation-members", pk=pk) if manages else redirect("my")


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop acting for the organisation."""
    organisation = get_object_or_404(organisations_of(request.user), pk=pk)
    try:
        leave_organisation(organisation=organisation, user=request.user)
    except OrganisationRefused as refusal:
        tell(request, refusal)
    else:
        messages.success(
            request,
            _("You do not act for %(name)s any more. Its works stay with it.")
            % {"name": organisation.name},
        )
    return redirect("my")


def tell(request: HttpRequest, refusal: OrganisationRefused) -> None:
    """Show what was refused on the next page."""
    for message in refusal.messages:
        messages.error(request, message)


def _names(membership: Membership) -> dict[str, str]:
    return {"person": str(membership.user)}

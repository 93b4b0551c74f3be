"""What is kept of me: to look at, to take away, to have erased."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.personal.forms import EraseForm
from portal.personal.queries import everything_of
from portal.personal.services import ErasureRefused, erase_account, erasure_bonds
from portal.rates import comes_too_often

ERASE_RATE = "10/h"  # tries at a password


@login_required
def personal_data(request: HttpRequest) -> HttpResponse:
    """GET: what is kept and the two ways on. POST: erase the account."""
    form = EraseForm(request.POST if request.method == "POST" else None, user=request.user)
    status = 200
    if request.method == "POST":
        if comes_too_often(request, group="erase", rate=ERASE_RATE, who=str(request.user.pk)):
            messages.error(request, _("Too many tries. Please wait an hour, then try again."))
            status = 429
        elif form.is_valid() and _erased(request):
            return redirect("/")
    context = {"form": form, "bonds": erasure_bonds(request.user)}
    return render(request, "personal/data.html", context, status=status)


def _erased(request: HttpRequest) -> bool:
    try:
        erase_account(user=request.user)
    except ErasureRefused:  # the page shows what binds it
        return False
    logout(request)
    messages.success(request, _("Your account is erased. Thank you for having taken part."))
    return True


@login_required
@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """Answer with everything as one JSON file; originals are links, for they may be gigabytes."""
    response = JsonResponse(
        everything_of(request.user),
        encoder=DjangoJSONEncoder,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    name = f"personal-data-{timezone.localdate():%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response

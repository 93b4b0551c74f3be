"""The entrant's way to the organiser when a work was rejected or disqualified."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from competition.entries.appeals import make_appeal
from competition.entries.checks import EntryRefused
from competition.entries.forms import AppealForm
from competition.entries.queries import may_appeal
from competition.entries.views.frames import own_entry, tell


@login_required
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the text, and send it; a refused one stays on the page."""
    entry = own_entry(request, pk)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            make_appeal(entry=entry, user=request.user, text=form.cleaned_data["text"])
        except EntryRefused as refusal:
            tell(request, refusal)
        else:
            messages.success(
                request, _("Your appeal is with the organiser. You get the answer by e-mail.")
            )
            return redirect("entry-detail", pk=pk)
    context = {"entry": entry, "form": form, "may_appeal": may_appeal(entry)}
    return render(request, "entries/appeal.html", context)

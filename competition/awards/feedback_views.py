"""The entrant's page with the jury's feedback on one of their works."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from competition.awards.feedback import FEWEST_OTHERS, feedback_on
from competition.entries.views.frames import own_entry


@never_cache
@login_required
@require_GET
def show_feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the jury found of the work; 404 to others, and to everybody before the hour."""
    entry = own_entry(request, pk)
    feedback = feedback_on(entry)
    if feedback is None:
        raise Http404
    context = {"entry": entry, "feedback": feedback, "fewest": FEWEST_OTHERS}
    return render(request, "awards/feedback.html", context)

"""The ballot paper: a work alone with its button; and what of a page is the voter's own."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.entries.queries import public_entries
from voting import views
from voting.queries import BallotBox, ballot_box


def vote(request: HttpRequest, edition: str, number: str) -> HttpResponse:
    """Show the ballot paper of a work to who comes without a script; cast what is posted."""
    if request.method in ("GET", "HEAD"):
        return show_paper(request, edition, number)
    return views.cast(request, edition, number)


@never_cache
def show_paper(request: HttpRequest, edition: str, number: str) -> HttpResponse:
    """Show one work with the button that votes for it.

    The gallery's own pages are shown to many and can have no form with a token. A work outside
    of a poll, or before it opens, is not there.
    """
    found = get_object_or_404(Edition, slug=edition)
    box = ballot_box(request, found)
    entry = get_object_or_404(public_entries(found), number=number)
    state = box.state_of(entry) if box else ""
    if not state:
        raise Http404
    context = {
        "entry": entry,
        "edition": found,
        "state": state,
        "box": box,
        "back": views.page_before(request),
    }
    return render(request, "voting/paper.html", context)


@never_cache
def mine(request: HttpRequest, edition: str) -> JsonResponse:
    """Tell vote.js what a page that is shown to many cannot know of this voter.

    `voted`: numbers of the works voted for today; `totals`: those works' votes, where the poll
    shows them; `left`: votes left today; `token`: for the form.
    """
    box = ballot_box(request, get_object_or_404(Edition, slug=edition))
    if box is None or not box.is_open:
        return JsonResponse({"is_open": False})
    numbers = _numbers(box)
    totals = {} if box.totals is None else {key: box.totals.get(key, 0) for key in numbers}
    return JsonResponse(
        {
            "is_open": True,
            "voted": sorted(numbers.values()),
            "totals": {numbers[key]: total for key, total in totals.items()},
            "left": box.votes_left,
            "token": get_token(request),
        }
    )


def _numbers(box: BallotBox) -> dict[int, str]:
    """Return key -> number of the works this voter has voted for today."""
    return dict(Entry.objects.filter(pk__in=box.voted).values_list("pk", "number"))

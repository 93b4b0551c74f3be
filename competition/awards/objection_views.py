"""Anyone objects to the awards on notice; before their hour there is nothing here."""

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from competition.awards.forms import ObjectionForm
from competition.awards.keeping import AwardsRefused
from competition.awards.models import AwardList, Objection
from competition.awards.objections import raise_objection
from competition.awards.queries import find_objectionable, noticed_list, takes_objections
from competition.awards.retention import KEPT_AFTER_PUBLICATION
from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase
from portal.outages import CannotCount
from portal.rates import comes_too_often

# A school or a company stands behind one address; a person has one thing to say, or two.
OBJECTION_RATE = "5/h"
SALT = "awards.objection"  # who has the address of its page may follow an objection


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, edition: str) -> HttpResponse:
    """The form; `?work=` is the number of the work it is about."""
    award_list = _list_or_404(edition)
    if not takes_objections(award_list):
        return render(request, "awards/objections_over.html", _context(award_list))
    is_sent = request.method == "POST"
    form = ObjectionForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        award_list=award_list,
        initial={"work": request.GET.get("work", "")[:20]},
    )
    status = 200
    if is_sent and form.is_valid():
        # Counted when it is complete: who mends a field has not said more.
        status, why = _must_wait(request)
        if why:
            form.add_error(None, why)
        else:
            try:
                objection = _raise(award_list, form)
            except AwardsRefused as refusal:
                for message in refusal.messages:
                    form.add_error(None, message)
            else:
                receipt = signing.dumps(objection.pk, salt=SALT)
                return redirect("objection-sent", award_list.edition.slug, receipt)
    number = str(form["work"].value() or "").strip().upper()
    context = _context(award_list) | {
        "form": form,
        "work": find_objectionable(award_list, number),
        "days": KEPT_AFTER_PUBLICATION.days,
    }
    return render(request, "awards/objection.html", context, status=status)


@never_cache
@require_GET
def sent(request: HttpRequest, edition: str, receipt: str) -> HttpResponse:
    """What became of one objection, for who raised it: its number, and later the answer."""
    try:
        key = signing.loads(receipt, salt=SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    objections = Objection.objects.select_related("edition", "entry")
    objection = get_object_or_404(objections, pk=key, edition__slug=edition)
    context = {
        "edition": objection.edition,
        "objection": objection,
        "pictures": objection.evidence.count(),
        "phase": find_phase(objection.edition, Phase.Kind.NOTICE),
    }
    return render(request, "awards/objection_sent.html", context)


def _list_or_404(edition: str) -> AwardList:
    award_list = noticed_list(get_object_or_404(Edition, slug=edition))
    if award_list is None:
        raise Http404
    return award_list


def _context(award_list: AwardList) -> dict[str, Any]:
    edition = award_list.edition
    return {"edition": edition, "phase": find_phase(edition, Phase.Kind.NOTICE)}


def _must_wait(request: HttpRequest) -> tuple[int, str]:
    """Return 200, or the status and the words for who cannot send one now."""
    try:
        if not comes_too_often(request, group="objection", rate=OBJECTION_RATE):
            return 200, ""
    except CannotCount:
        return 503, _(
            "The site cannot take objections at the moment, so this one was not sent. "
            "What you wrote is kept below; please send it again in a minute."
        )
    return 429, _(
        "Many objections came from here within an hour, so this one was not sent. "
        "What you wrote is kept below; please send it again in an hour."
    )


def _raise(award_list: AwardList, form: ObjectionForm) -> Objection:
    given = form.cleaned_data
    return raise_objection(
        edition=award_list.edition,
        entry=given["work"],
        ground=given["ground"],
        text=given["text"],
        name=given["name"],
        email=given["email"],
        evidence=[(file.name, file) for file in given["evidence"]],
    )

"""What everybody may check: the roots, the ledger, one's own receipt."""

import io
import zipfile
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods

import voting.ledger
from competition.entries.models import Entry
from media_processing.views import HARMLESS, send_file
from portal.rates import comes_too_often
from voting.ledger.receipts import parse_receipt
from voting.models import Ballot, Ledger, Poll
from voting.publishing import ledger_name
from voting.queries import is_result_public
from voting.sealed import find_ballot, proof_for

LINES_A_PAGE = 50
RECEIPT_RATE = "30/m"  # an address; a receipt's secret has 80 bits, this is for the server's sake
CHECKER_MAIN = "import sys\nfrom ledger.command import main\nsys.exit(main(sys.argv[1:]))\n"


class ReceiptForm(forms.Form):
    """A receipt as typed or pasted."""

    receipt = forms.CharField(
        label=_("Receipt"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("As it was shown after the vote, such as 783K-1A2B3-C4D5E-6F708-192A3."),
    )

    def clean_receipt(self) -> str:
        text: str = self.cleaned_data["receipt"]
        try:
            parse_receipt(text)
        except ValueError as error:
            raise forms.ValidationError(
                _(
                    "This is no receipt: it may be incomplete. It has one group of letters and "
                    "digits, then four groups of five."
                )
            ) from error
        return text


@require_GET
def show_ledger(request: HttpRequest, edition: str) -> HttpResponse:
    """The result and the files once they are public; with `?show=roots`, and before: roots."""
    poll = _poll_or_404(edition)
    ledgers = list(poll.ledgers.order_by("-version"))
    is_held_back = bool(ledgers) and not is_result_public(poll)
    if is_held_back:
        ledgers = []
    shows_roots = not ledgers or request.GET.get("show") == "roots"
    rows: Any = poll.batches.order_by("-number").defer("hashes")
    if not shows_roots:
        rows = sorted(ledgers[0].tally, key=lambda line: (-line[2], line[0]))
    page = Paginator(rows, LINES_A_PAGE).get_page(request.GET.get("page"))
    for ledger in ledgers:
        ledger.poll = poll
    context = {
        "edition": poll.edition,
        "poll": poll,
        "files": [(ledger, ledger_name(ledger)) for ledger in ledgers],
        "page_obj": page,
        "shows_roots": shows_roots,
        "is_held_back": is_held_back,
        "lines": [] if shows_roots else _with_titles(poll, list(page.object_list)),
    }
    return render(request, "voting/ledger.html", context)


@cache_control(private=True, no_cache=True)
@require_GET
def download(request: HttpRequest, edition: str, version: int) -> HttpResponseBase:
    """One published version of the ledger; before the result is public, for the organiser only."""
    poll = _poll_or_404(edition)
    if not is_result_public(poll) and not request.user.has_perm("voting.change_poll"):
        raise Http404
    ledger = get_object_or_404(Ledger, poll=poll, version=version)
    ledger.poll = poll
    headers = {
        **HARMLESS,
        "Content-Type": "application/gzip",
        "Content-Disposition": f'attachment; filename="{ledger_name(ledger)}"',
        "ETag": f'"{ledger.digest}"',
    }
    return send_file(request, ledger.file.storage, str(ledger.file.name), headers)


@require_GET
def checker(request: HttpRequest) -> HttpResponse:
    """The program that checks a ledger, as one file that Python runs."""
    response = HttpResponse(_checker(), content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="ledger-check.pyz"'
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def check_receipt(request: HttpRequest, edition: str) -> HttpResponse:
    """Tell where a receipt's ballot is sealed; with `proof` in the form, the proof as a file.

    The receipt comes in the body, so that no log keeps it.
    """
    poll = _poll_or_404(edition)
    context: dict[str, Any] = {"edition": poll.edition, "form": ReceiptForm()}
    if request.method != "POST":
        return render(request, "voting/receipt.html", context)
    if comes_too_often(request, group="vote-receipt", rate=RECEIPT_RATE):
        context["is_too_fast"] = True
        status = HTTPStatus.TOO_MANY_REQUESTS
        return render(request, "voting/receipt.html", context, status=status)
    form = context["form"] = ReceiptForm(request.POST)
    if form.is_valid():
        ballot = find_ballot(poll, form.cleaned_data["receipt"])
        if ballot is not None and "proof" in request.POST:
            return _proof_file(poll, ballot)
        context |= {"is_answered": True, "ballot": ballot, "poll": poll}
        context["is_published"] = poll.ledgers.exists()
        context["is_void"] = ballot is not None and ballot.status == Ballot.Status.VOID
    return render(request, "voting/receipt.html", context)


def _poll_or_404(edition: str) -> Poll:
    return get_object_or_404(Poll.objects.select_related("edition"), edition__slug=edition)


def _with_titles(poll: Poll, tally: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    works = Entry.objects.filter(edition=poll.edition_id, number__in=[line[0] for line in tally])
    titles = dict(works.values_list("number", "title"))
    return [
        {
            "number": number,
            "title": titles.get(number, ""),
            "raw": raw,
            "void": raw - accepted,
            "accepted": accepted,
        }
        for number, raw, accepted in tally
    ]


def _proof_file(poll: Poll, ballot: Ballot) -> HttpResponse:
    proof = proof_for(poll, ballot)
    if proof is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    response = JsonResponse(proof, json_dumps_params={"indent": 1, "ensure_ascii": False})
    name = f"proof-{proof['edition']}-{proof['leaf']}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@cache
def _checker() -> bytes:
    """Return voting/ledger as a zip file that Python runs, the same whenever it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py"), CHECKER_MAIN)
        for source in sorted(Path(voting.ledger.__file__).parent.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(f"ledger/{source.name}"), source.read_bytes())
    return packed.getvalue()

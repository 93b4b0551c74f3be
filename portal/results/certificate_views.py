"""What everybody may check: whether a certificate is genuine."""

from collections.abc import Callable
from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.rates import comes_too_often
from portal.results.certificates import (
    edition_of,
    given_at,
    holds,
    pdf_name,
    pdf_of,
    public_certificate,
)
from portal.results.models import Certificate

# An address. A hall that scans its certificates meets no limit: only what is not found counts.
MISSES = "20/m"
PRINTS = "30/m"


class NumberForm(forms.Form):
    """A number as it is read from paper."""

    number = forms.CharField(
        label=_("Certificate number"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_(
            "As printed beside the QR code, such as 2026-E-0001-7K3QXW. Capitals, spaces and "
            "dashes don't matter."
        ),
    )


@never_cache
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a number; lead to its certificate."""
    if "number" not in request.GET:
        return _ask(request, NumberForm())
    form = NumberForm(request.GET)
    if not form.is_valid():
        return _ask(request, form)
    return _find(
        request, form.cleaned_data["number"], lambda found: redirect("certificate", found.number)
    )


@never_cache
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm a certificate: to whom, for what, when."""
    return _find(request, number, lambda found: _confirm(request, found))


@never_cache
@require_safe
def download(request: HttpRequest, number: str) -> HttpResponse:
    """Print a certificate."""
    return _find(request, number, lambda found: _print(request, found))


def _find(
    request: HttpRequest, number: str, answer: Callable[[Certificate], HttpResponse]
) -> HttpResponse:
    """Answer for a public certificate; unknown and not yet public are answered alike."""
    if _has_missed_too_often(request):
        status = HTTPStatus.TOO_MANY_REQUESTS
        return _ask(request, NumberForm(), status, is_too_fast=True)
    certificate = public_certificate(number)
    if certificate is not None:
        return answer(certificate)
    _has_missed_too_often(request, and_missed=True)
    form = NumberForm(initial={"number": number})
    return _ask(request, form, HTTPStatus.NOT_FOUND, is_not_found=True)


def _ask(
    request: HttpRequest, form: NumberForm, status: int = HTTPStatus.OK, **said: bool
) -> HttpResponse:
    return render(request, "results/check.html", {"form": form, **said}, status=status)


def _confirm(request: HttpRequest, certificate: Certificate) -> HttpResponse:
    context = {
        "certificate": certificate,
        "edition": edition_of(certificate),
        "given_at": given_at(certificate),
        "holds": holds(certificate),
    }
    return render(request, "results/confirmed.html", context)


def _print(request: HttpRequest, certificate: Certificate) -> HttpResponse:
    if not holds(certificate):
        return redirect("certificate", certificate.number)
    if comes_too_often(request, group="certificate-pdf", rate=PRINTS):
        status = HTTPStatus.TOO_MANY_REQUESTS
        return _ask(request, NumberForm(), status, is_too_fast=True)
    name = content_disposition_header(True, pdf_name(certificate)) or "attachment"
    headers = {"Content-Disposition": name, "X-Robots-Tag": "noindex"}
    return HttpResponse(pdf_of(certificate), content_type="application/pdf", headers=headers)


def _has_missed_too_often(request: HttpRequest, and_missed: bool = False) -> bool:
    return comes_too_often(request, group="certificate", rate=MISSES, counts=and_missed)

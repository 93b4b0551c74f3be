"""How everybody checks the results: the roots, the bundles, the words."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from competition.awards.queries import noticed_list, published_list
from competition.editions.models import Edition
from media_processing.views import HARMLESS, send_file
from portal.results.bundling import bundle_name
from portal.results.queries import public_bundles, public_root


@require_safe
def show_verification(request: HttpRequest, edition: str) -> HttpResponse:
    """The root from the notice on; with the results, the files and the commands as well."""
    shown = get_object_or_404(Edition, slug=edition)
    is_final = published_list(shown) is not None
    if not is_final and noticed_list(shown) is None:
        raise Http404
    context: dict[str, Any] = {
        "edition": shown,
        "root": public_root(shown),
        "files": [(one, bundle_name(one)) for one in public_bundles(shown)],
        "is_final": is_final,
    }
    return render(request, "results/verify.html", context)


@require_safe
def download_bundle(request: HttpRequest, edition: str, kind: str) -> HttpResponseBase:
    """One bundle, or the part of it that is asked for; 404 before the results are public."""
    shown = get_object_or_404(Edition, slug=edition)
    package = get_object_or_404(public_bundles(shown), kind=kind)
    headers = {
        **HARMLESS,
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{bundle_name(package)}"',
        "Cache-Control": "public, max-age=3600",
        "ETag": f'"{package.sha256}"',
    }
    return send_file(request, package.file.storage, str(package.file.name), headers)

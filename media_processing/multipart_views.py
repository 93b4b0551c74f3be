"""How a browser sends an upload straight to the object storage: signed parts, then the end.

The upload itself is announced and taken back as any other; see upload_views.
"""

import json
import re
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from media_processing import multipart
from media_processing.models import MediaAsset
from media_processing.services import finish_upload, note_progress
from media_processing.states import AssetState, Reason
from portal.unavailable import RETRY_SECONDS, not_now

SHA256 = re.compile(r"[0-9a-f]{64}")

View = Callable[[HttpRequest, MediaAsset], HttpResponse]


def _of_own_upload(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Let a view have the upload of the one who sends it; for anybody else it is not there."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @never_cache
        @require_http_methods(methods)
        @wraps(view)
        def find(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
            if not request.user.is_authenticated:
                raise PermissionDenied
            asset = get_object_or_404(MediaAsset, pk=pk, uploaded_by=request.user)
            if asset.reason == Reason.NOT_UPLOADED:
                return HttpResponse(status=410)
            try:
                return view(request, asset)
            except MediaAsset.DoesNotExist as error:  # taken back meanwhile
                raise Http404 from error
            except multipart.StorageFailed:
                headers = {"Retry-After": str(RETRY_SECONDS)}
                return HttpResponse(not_now(), status=503, headers=headers)

        return find

    return decorate


@_of_own_upload("GET", "POST")
def parts(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    """GET: which parts have arrived, and how long each is. POST: have one signed."""
    if request.method == "POST":
        return _sign(asset, *_asked(request))
    here = multipart.numbers_here(asset)
    return JsonResponse({"part_bytes": multipart.PART_BYTES, "here": here})


@_of_own_upload("POST")
def complete(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    """End the upload: 204 when it has arrived, also when asked again; 409 while parts lack."""
    if asset.state == AssetState.UPLOADING:
        finish_upload(asset)
    if asset.reason == Reason.NOT_UPLOADED:
        return HttpResponse(status=410)
    return HttpResponse(status=409 if asset.state == AssetState.UPLOADING else 204)


def _asked(request: HttpRequest) -> tuple[int, str]:
    """Return the number and the SHA-256 of the part that is to be signed."""
    try:
        asked: Any = json.loads(request.body)
        number, sha256 = asked["number"], asked["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest("A part has a number and a sha256.") from error
    if type(number) is not int or not SHA256.fullmatch(str(sha256)):
        raise BadRequest("The number is an integer, the sha256 64 digits in hexadecimal.")
    return number, sha256


def _sign(asset: MediaAsset, number: int, sha256: str) -> HttpResponse:
    if asset.state != AssetState.UPLOADING or not multipart.is_offered():
        return HttpResponse(status=409)
    try:
        multipart.begin(asset)
        url, headers = multipart.sign_part(asset, number, sha256)
    except multipart.NoSuchPart as error:
        raise BadRequest(f"The file has {multipart.part_count(asset)} parts.") from error
    note_progress(asset, (number - 1) * multipart.PART_BYTES)
    return JsonResponse({"url": url, "headers": headers})

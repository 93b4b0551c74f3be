"""Hands out files: derivatives to everybody, for ever; originals to one person, briefly.

Who may have a file is decided here, always. Who carries the bytes is a matter of settings: this
process, nginx (FILES_BY), or the object storage.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import Storage
from django.core.signing import BadSignature
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.encoding import filepath_to_uri
from django.views.decorators.http import require_safe

from media_processing.formats import DERIVATIVE_TYPES, FOR_EVER, MIME_TYPES, extension_of
from media_processing.models import MediaAsset
from media_processing.ranges import ByteRange, RangeNotSatisfiable, read_range
from media_processing.signing import read_token
from media_processing.storage import derivatives

CHUNK_BYTES = 256 * 1024
# Our own names only: no temporary file, no path, nothing somebody thought of.
DERIVATIVE_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.(?:webp|jpg|mp4|m3u8|vtt)")
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@require_safe
def derivative(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve a derived file, or the part of it that a player asks for."""
    if not DERIVATIVE_NAME.fullmatch(name):
        raise Http404
    path = PurePath(name)
    headers = {
        **HARMLESS,
        "Content-Type": DERIVATIVE_TYPES[path.suffix],
        "Cache-Control": FOR_EVER,
        "ETag": f'"{path.stem}"',
    }
    return send_file(request, derivatives(), name, headers)


@require_safe
def original(request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve an original to the person it was signed for; to anybody else it is not there."""
    try:
        asset_id, user_id = read_token(token)
    except BadSignature as error:
        raise Http404 from error
    if not request.user.is_authenticated or str(request.user.pk) != user_id:
        raise Http404
    asset = get_object_or_404(MediaAsset, pk=asset_id)
    headers = {
        **HARMLESS,
        "Content-Type": MIME_TYPES.get(asset.format, "application/octet-stream"),
        "Content-Disposition": f'attachment; filename="{asset.pk}.{extension_of(asset.format)}"',
        "Cache-Control": "private, no-store",
    }
    return send_file(request, asset.original.storage, str(asset.original.name), headers)


def send_file(
    request: HttpRequest, storage: Storage, name: str, headers: dict[str, str]
) -> HttpResponseBase:
    """Answer with the file, by whoever is to carry it; 404 when it is not there.

    The caller has made sure that this person may have it.
    """
    try:
        size = storage.size(name)
    except FileNotFoundError as error:
        raise Http404 from error
    internal = getattr(storage, "internal", "")
    if internal and settings.FILES_BY == "nginx":
        place = internal + filepath_to_uri(name)
        return HttpResponse(headers={**headers, "X-Accel-Redirect": place})
    link = getattr(storage, "link", None)
    if link and (address := link(name, headers)):
        return HttpResponseRedirect(address, headers={"Cache-Control": "private, no-store"})
    return _stream(request, storage, name, size, headers)


def _stream(
    request: HttpRequest, storage: Storage, name: str, size: int, headers: dict[str, str]
) -> HttpResponseBase:
    """Answer with the file, a range of it (206), or why not (304, 416)."""
    headers["Accept-Ranges"] = "bytes"
    etag = headers.get("ETag")
    unchanged = get_conditional_response(request, etag=etag) if etag else None
    if unchanged is not None:
        return unchanged
    try:
        wanted = read_range(_range_header(request, etag), size)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    part = wanted or ByteRange(0, size - 1)
    if wanted:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    headers["Content-Length"] = str(part.length)
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    content = _read(storage, name, part)
    return StreamingHttpResponse(content, status=status, headers=headers)


def _range_header(request: HttpRequest, etag: str | None) -> str:
    """Return the Range header, unless it is about another version of the file."""
    if request.headers.get("If-Range", etag) != etag:
        return ""
    return request.headers.get("Range", "")


def _read(storage: Storage, name: str, part: ByteRange) -> Iterator[bytes]:
    """Yield the bytes; the file is opened when the first is wanted, so it is always closed."""
    with storage.open(name) as file:
        file.seek(part.first)
        left = part.length
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk

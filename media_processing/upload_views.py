"""The tus endpoint: where an upload's bytes arrive, piece by piece, over any line.

A room that wants files has a creation endpoint of its own, for only it knows who may bring
what; `tus_view`, `read_creation` and `created` make that a few lines. From then on the upload
is its sender's: for anybody else it is not there.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.http import http_date

from media_processing import tus, unfinished
from media_processing.models import MediaAsset
from media_processing.queries import received_bytes
from media_processing.services import cancel_upload, finish_upload, note_progress
from media_processing.states import AssetState, Reason
from media_processing.tus import TusRefused
from portal.outages import is_disk_full, is_outage

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

# What went wrong with a body, as the protocol says it.
BODY_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    unfinished.Overtaken: (423, "Another request writes to this upload. Ask where it ends."),
    unfinished.TooMuch: (413, "More bytes came than Upload-Length says."),
    unfinished.ChecksumDiffers: (460, "The body is not what Upload-Checksum says."),
}


# Neither is the sender's fault, and clients try again by themselves.
NO_ROOM = (507, "The server has no room at this moment. What arrived is kept; please go on later.")
NOT_NOW = (503, "The server cannot go on at this moment. What arrived is kept; please go on later.")


def tus_view(*methods: str) -> Callable[[View], View]:
    """Let a view speak tus: OPTIONS, the version, and refusals as the protocol wants them."""

    def decorate(view: View) -> View:
        @wraps(view)
        def speak(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                answer = _speak(request, methods) or view(request, *args, **kwargs)
            except TusRefused as refused:
                answer = _refuse(refused)
            except Exception as error:
                if not is_outage(error):
                    raise
                logger.warning("an upload could not go on: %s", error)
                answer = _refuse(TusRefused(*(NO_ROOM if is_disk_full(error) else NOT_NOW)))
            answer["Tus-Resumable"] = tus.VERSION
            return answer

        return speak

    return decorate


def _speak(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse | None:
    """Answer what needs no view; None when one is to answer. Raises TusRefused."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_ABILITIES)
    if request.method not in methods:
        return HttpResponseNotAllowed([*methods, "OPTIONS"])
    tus.require_version(request.headers.get("Tus-Resumable"))
    return None


_ABILITIES = {
    "Tus-Version": tus.VERSION,
    "Tus-Extension": tus.EXTENSIONS,
    "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
}


def _refuse(refused: TusRefused) -> HttpResponse:
    reason = "Checksum Mismatch" if refused.status == 460 else None
    answer = HttpResponse(
        refused.text, status=refused.status, reason=reason, content_type="text/plain"
    )
    if refused.status == 412:
        answer["Tus-Version"] = tus.VERSION
    answer["Cache-Control"] = "no-store"
    return answer


# --- creation -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Creation:
    """What a client announces. `metadata` is whatever it says besides."""

    name: str
    byte_size: int
    metadata: dict[str, str]


def read_creation(request: HttpRequest) -> Creation:
    """Return what the request announces. Raises TusRefused."""
    byte_size = tus.read_count(request.headers.get("Upload-Length"), "Upload-Length")
    metadata = tus.read_metadata(request.headers.get("Upload-Metadata", ""))
    return Creation(metadata.get("filename", ""), byte_size, metadata)


def created(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    """Answer that the upload is begun, and where; bytes that came along are taken at once."""
    headers = {"Location": reverse("media-upload", args=[asset.pk])}
    if request.content_type == tus.OFFSET_STREAM:
        headers["Upload-Offset"] = str(_take(request, asset, at=0))
    return _answer(asset, status=201, headers=headers)


# --- the upload itself --------------------------------------------------------------------


@tus_view("HEAD", "PATCH", "DELETE")
def upload(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """HEAD: how far it is. PATCH: take more bytes. DELETE: take it back."""
    if not request.user.is_authenticated:
        raise TusRefused(403, "Please sign in, then the upload goes on.")
    asset = MediaAsset.objects.filter(pk=pk, uploaded_by=request.user).first()
    if asset is None:
        raise _not_found()
    if asset.reason == Reason.NOT_UPLOADED:
        raise TusRefused(410, "The upload was not finished in time.")
    return _VERBS[str(request.method)](request, asset)


def _not_found() -> TusRefused:
    return TusRefused(404, "There is no such upload.")


def _head(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    offset = received_bytes(asset)
    _finish_if_complete(asset, offset)
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(asset.byte_size)}
    return _answer(asset, status=200, headers=headers)


def _patch(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    tus.require_stream(request.content_type)
    claimed = tus.read_count(request.headers.get("Upload-Offset"), "Upload-Offset")
    tus.require_offset(claimed, received_bytes(asset))
    offset = _take(request, asset, at=claimed)
    return _answer(asset, status=204, headers={"Upload-Offset": str(offset)})


def _delete(request: HttpRequest, asset: MediaAsset) -> HttpResponse:
    if not cancel_upload(asset):
        raise TusRefused(409, "The upload is complete; it can't be taken back here.")
    return HttpResponse(status=204)


_VERBS: dict[str, Callable[[HttpRequest, MediaAsset], HttpResponse]] = {
    "HEAD": _head,
    "PATCH": _patch,
    "DELETE": _delete,
}


def _take(request: HttpRequest, asset: MediaAsset, *, at: int) -> int:
    """Append the body at byte `at` and return where the upload ends now. Raises TusRefused."""
    checksum = tus.read_checksum(request.headers.get("Upload-Checksum"))
    tus.require_fit(at, _announced(request), asset.byte_size)
    where = {"at": at, "most": asset.byte_size}
    try:
        if checksum:
            unfinished.append_checked(asset.pk, _pieces(request), **where, checksum=checksum)
        elif at < asset.byte_size:
            unfinished.append(asset.pk, _pieces(request), **where)
    except tuple(BODY_REFUSALS) as error:
        raise TusRefused(*BODY_REFUSALS[type(error)]) from error
    finally:
        offset = received_bytes(asset)
        note_progress(asset, offset)
    _finish_if_complete(asset, offset)
    return offset


def _finish_if_complete(asset: MediaAsset, offset: int) -> None:
    if asset.state != AssetState.UPLOADING or offset < asset.byte_size:
        return
    try:
        finish_upload(asset)
    except MediaAsset.DoesNotExist as error:
        raise _not_found() from error


def _announced(request: HttpRequest) -> int | None:
    """Return the body's length in bytes, None when the request does not say."""
    header = request.META.get("CONTENT_LENGTH")
    return tus.read_count(header, "Content-Length") if header else None


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body as it comes, piece by piece. It ends where the line breaks."""
    # Django takes a body of unsaid length for an empty one; some servers mark its end.
    unsaid = not request.META.get("CONTENT_LENGTH")
    marked = request.META.get("wsgi.input_terminated", False)
    stream: Any = request.META["wsgi.input"] if unsaid and marked else request
    try:
        while piece := stream.read(unfinished.PIECE_BYTES):
            yield piece
    except OSError as error:
        logger.info("the line broke during an upload: %s", error)


def _answer(asset: MediaAsset, *, status: int, headers: dict[str, str]) -> HttpResponse:
    answer = HttpResponse(status=status, headers={**headers, "Cache-Control": "no-store"})
    if asset.expires_at:
        answer["Upload-Expires"] = http_date(asset.expires_at.timestamp())
    return answer

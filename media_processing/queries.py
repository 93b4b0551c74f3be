"""Reading assets at a cost that does not grow with their number."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from media_processing import multipart, unfinished
from media_processing.derive.recipes import MASTER_PLAYLIST
from media_processing.models import Derivative, MediaAsset
from media_processing.reasons import explain
from media_processing.states import AssetState


def prefetch_derivatives(prefix: str = "") -> Prefetch:
    """Return what fetches every derivative of many assets in one query.

    `prefix` is the way from the listed rows to the asset, e.g. "frames__asset".
    """
    path = f"{prefix}__derivatives" if prefix else "derivatives"
    return Prefetch(path, queryset=Derivative.objects.order_by("width"))


def stills(asset: MediaAsset) -> list[Derivative]:
    """Return the asset's pictures, or its posters when it is a video; smallest first."""
    shown = (Derivative.Role.PICTURE, Derivative.Role.POSTER)
    found = [one for one in asset.derivatives.all() if one.role in shown]
    return sorted(found, key=lambda one: (one.width, one.mime_type))


def clips(asset: MediaAsset) -> list[Derivative]:
    """Return the playable files of a video, largest first."""
    found = [one for one in asset.derivatives.all() if one.role == Derivative.Role.VIDEO]
    return sorted(found, key=lambda one: -one.width)


def master_playlist(asset: MediaAsset) -> Derivative | None:
    """Return the HLS playlist of all a video's clips, or None when there is nothing to choose."""
    named = [one for one in asset.derivatives.all() if one.name == MASTER_PLAYLIST]
    return named[0] if named and len(clips(asset)) > 1 else None


def strip(asset: MediaAsset) -> Derivative | None:
    """Return the picture of a video's scenes, or None when it has none."""
    found = [one for one in asset.derivatives.all() if one.role == Derivative.Role.STRIP]
    return found[0] if found else None


def thumbnail(asset: MediaAsset) -> Derivative | None:
    """Return the asset's smallest still, or None while there is none."""
    return next(iter(stills(asset)), None)


def received_bytes(asset: MediaAsset) -> int:
    """Return how much of the file is here: what disk or storage says, not what anybody noted."""
    if asset.state != AssetState.UPLOADING:
        return asset.byte_size
    if asset.multipart_id:
        return multipart.received_bytes(asset)
    size = unfinished.size_of(asset.pk)
    if size is not None:
        return size
    # Nothing came yet; or all did, and who moved it was killed before the row said so.
    moved = asset.original.storage.exists(str(asset.original.name))
    return asset.byte_size if moved else 0


def status_of(assets: Sequence[MediaAsset]) -> list[dict[str, Any]]:
    """Return what a page that waits needs to know of each asset, ready for JSON."""
    prefetch_related_objects(assets, prefetch_derivatives())
    return [_status(asset) for asset in assets]


def _status(asset: MediaAsset) -> dict[str, Any]:
    small = thumbnail(asset)
    # A ready file may be made anew: how far that is, and why it failed, is for the organiser.
    ready = asset.is_ready
    return {
        "id": str(asset.pk),
        "state": asset.state,
        "state_label": str(asset.get_state_display()),
        "percent": 100 if ready else asset.percent,
        "reason": "" if ready else explain(asset.reason, asset.reason_values),
        "thumbnail": small.file.url if small else "",
    }

"""Reading assets at a cost that does not grow with their number."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from media_processing.derive.recipes import MASTER_PLAYLIST
from media_processing.models import Derivative, MediaAsset
from media_processing.reasons import explain


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


def status_of(assets: Sequence[MediaAsset]) -> list[dict[str, Any]]:
    """Return what a page that waits needs to know of each asset, ready for JSON."""
    prefetch_related_objects(assets, prefetch_derivatives())
    return [_status(asset) for asset in assets]


def _status(asset: MediaAsset) -> dict[str, Any]:
    small = thumbnail(asset)
    return {
        "id": str(asset.pk),
        "state": asset.state,
        "state_label": str(asset.get_state_display()),
        "percent": asset.percent,
        "reason": explain(asset.reason, asset.reason_values),
        "thumbnail": small.file.url if small else "",
    }

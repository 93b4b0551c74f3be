"""Shows an asset: the right size for the screen, with its measures, before it is there."""

from typing import Any

from django import template

from media_processing.models import Derivative, MediaAsset
from media_processing.queries import clips, stills, thumbnail
from media_processing.reasons import explain

register = template.Library()

FALLBACK_WIDTH = 1280


@register.inclusion_tag("media/picture.html")
def picture(
    asset: MediaAsset, alt: str = "", sizes: str = "100vw", eager: bool = False
) -> dict[str, Any]:
    """Show a photo, or a video's poster. `sizes` is the <img> attribute of that name."""
    found = stills(asset)
    modern = [one for one in found if one.mime_type == "image/webp"]
    return {
        "asset": asset,
        "alt": alt,
        "sizes": sizes,
        "eager": eager,
        "modern": modern,
        "largest": found[-1] if found else None,
        "fallback": _fallback(found),
    }


@register.inclusion_tag("media/film.html")
def film(asset: MediaAsset) -> dict[str, Any]:
    """Show a video with its controls and poster; nothing is fetched before it is played."""
    found = clips(asset)
    return {
        "asset": asset,
        "clips": found,
        "largest": found[0] if found else None,
        "poster": _fallback(stills(asset)),
    }


@register.filter
def thumbnail_url(asset: MediaAsset) -> str:
    """Return the address of the smallest still, or "" while there is none."""
    small = thumbnail(asset)
    return small.file.url if small else ""


@register.filter
def asset_reason(asset: MediaAsset) -> str:
    """Return in plain words why the file was refused, and what to do; "" if it was not."""
    return explain(asset.reason, asset.reason_values)


def _fallback(found: list[Derivative]) -> Derivative | None:
    """Return the JPEG, which even a mail reader shows; else a middle size."""
    jpeg = [one for one in found if one.mime_type == "image/jpeg"]
    middle = [one for one in found if one.width <= FALLBACK_WIDTH]
    return (jpeg or middle[-1:] or found[:1] or [None])[0]

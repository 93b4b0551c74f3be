"""Shows an asset: the right size for the screen, with its measures, before it is there."""

from math import ceil
from typing import Any

from django import template

from media_processing import multipart
from media_processing.models import Derivative, MediaAsset
from media_processing.queries import clips, master_playlist, stills, strip, thumbnail
from media_processing.reasons import explain

register = template.Library()

FALLBACK_WIDTH = 1280
# A browser without the script can't change rungs, so it takes one by its window's width.
WIDEST, WIDE = "(min-width: 64rem)", "(min-width: 40rem)"
# Fewer scenes than this are no help.
FEWEST_SCENES = 3


@register.simple_tag
def goes_straight() -> bool:
    """Whether browsers send files to the object storage by themselves."""
    return multipart.is_offered()


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
        "srcset": ", ".join(f"{one.file.url} {one.width}w" for one in modern),
        "largest": found[-1] if found else None,
        "fallback": _fallback(found),
    }


@register.inclusion_tag("media/film.html")
def film(asset: MediaAsset, keys: str = "all") -> dict[str, Any]:
    """Show a video with its controls, poster, subtitles and scenes.

    Nothing but the head of it is fetched before it is played. `keys="letters"` leaves digits
    to the page around.
    """
    found = clips(asset)
    scenes = strip(asset)
    return {
        "asset": asset,
        "sources": _sources(found),
        "largest": found[0] if found else None,
        "playlist": master_playlist(asset),
        "poster": _fallback(stills(asset)),
        "scenes": scenes if scenes and scenes.details["tiles"] >= FEWEST_SCENES else None,
        "tracks": asset.captions.all() if found else [],
        "keys": keys,
    }


@register.inclusion_tag("media/scene.html")
def scene(asset: MediaAsset, seconds: float) -> dict[str, Any]:
    """Show the scene at or just after this moment of a video, small, and when it is."""
    found = strip(asset)
    context: dict[str, Any] = {
        "strip": found,
        "time": f"{int(seconds) // 60}:{int(seconds) % 60:02d}",
    }
    if found is None:
        return context
    grid = found.details
    tile = min(ceil(seconds / grid["seconds_a_tile"]), grid["tiles"] - 1)
    row, column = divmod(tile, grid["columns"])
    width, height = grid["tile_width"], grid["tile_height"]
    return context | {
        "width": width,
        "height": height,
        "left": column * width,
        "top": row * height,
    }


def _sources(found: list[Derivative]) -> list[tuple[Derivative, str]]:
    """Return each clip with the screens it is for: the first that fits is taken."""
    *others, smallest = found or [None]
    wide = [(clip, WIDEST if clip is found[0] else WIDE) for clip in others]
    return [*wide, (smallest, "")] if smallest else []


@register.filter
def thumbnail_url(asset: MediaAsset) -> str:
    """Return the address of the smallest still, or "" while there is none."""
    small = thumbnail(asset)
    return small.file.url if small else ""


@register.filter
def making(asset: MediaAsset) -> str:
    """Return camera, lens and exposure as the file tells them, e.g. "Leica Q3 · 1/250 s · f/8"."""
    parts = (
        asset.camera,
        asset.lens,
        asset.focal_length and f"{round(asset.focal_length, 1):g} mm",
        asset.exposure_seconds and _shutter(asset.exposure_seconds),
        asset.aperture and f"f/{round(asset.aperture, 1):g}",
        asset.iso and f"ISO {asset.iso}",
    )
    return " · ".join(part for part in parts if part)


@register.filter
def place(asset: MediaAsset) -> str:
    """Return the place of the file to about a kilometre: nobody's door. "" when it tells none."""
    if asset.latitude is None or asset.longitude is None:
        return ""
    north, east = asset.latitude, asset.longitude
    return f"{abs(north):.2f}°{'NS'[north < 0]} {abs(east):.2f}°{'EW'[east < 0]}"


@register.filter
def asset_reason(asset: MediaAsset) -> str:
    """Return in plain words why the file was refused, and what to do; "" if it was not."""
    return explain(asset.reason, asset.reason_values)


def _shutter(seconds: float) -> str:
    """Return an exposure as cameras show it: 1/250 s, 0.5 s, 30 s."""
    return f"1/{1 / seconds:.0f} s" if seconds <= 0.25 else f"{round(seconds, 1):g} s"


def _fallback(found: list[Derivative]) -> Derivative | None:
    """Return the JPEG, which even a mail reader shows; else a middle size."""
    jpeg = [one for one in found if one.mime_type == "image/jpeg"]
    middle = [one for one in found if one.width <= FALLBACK_WIDTH]
    return (jpeg or middle[-1:] or found[:1] or [None])[0]

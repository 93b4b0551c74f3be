"""What a photo says about itself. A broken EXIF says nothing; the picture is still good."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Any

from PIL import ExifTags, Image

NAME_LENGTH = 120  # of a camera or a lens
EARLIEST_YEAR = 1990  # before it, a camera's clock was never set
LARGEST_NUMBER = 10_000_000  # of any measure here; more is rubbish

Tags = Mapping[int, Any]


def read_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 when there is none.

    Not by `getexif()`, which falls back on XMP: no browser does.
    """
    with suppress(Exception):
        exif = Image.Exif()
        exif.load(image.info.get("exif", b""))
        found = int(exif.get(ExifTags.Base.Orientation, 1))
        return found if 1 <= found <= 8 else 1
    return 1


def read_facts(image: Image.Image) -> dict[str, Any]:
    """Return what the photo tells of its making: None or "" for what it does not tell.

    `taken_at` in ISO form, with an offset if the camera told one; `exposure_seconds`; `aperture`
    as the f-number; `focal_length` in mm; `latitude` and `longitude` in degrees, both or none.
    """
    main = _tags(image)
    details, place = _tags(image, ExifTags.IFD.Exif), _tags(image, ExifTags.IFD.GPSInfo)
    base = ExifTags.Base
    iso = _number(details.get(base.ISOSpeedRatings))
    latitude, longitude = _place(place)
    return {
        "taken_at": _taken_at(details),
        "camera": camera_name(main.get(base.Make, ""), main.get(base.Model, "")),
        "lens": _printable(details.get(base.LensModel, ""))[:NAME_LENGTH],
        "exposure_seconds": _number(details.get(base.ExposureTime)),
        "aperture": _number(details.get(base.FNumber)),
        "iso": round(iso) if iso else None,
        "focal_length": _number(details.get(base.FocalLength)),
        "latitude": latitude,
        "longitude": longitude,
    }


def camera_name(make: object, model: object) -> str:
    """Join maker and model, once where the model repeats the maker; printable text only."""
    maker, name = (_printable(one) for one in (make, model))
    joined = name if name.lower().startswith(maker.lower()) else f"{maker} {name}"
    return joined.strip()[:NAME_LENGTH]


def _tags(image: Image.Image, ifd: int | None = None) -> Tags:
    """Return the tags of the picture, or of one of its directories."""
    with suppress(Exception):
        exif = image.getexif()
        return dict(exif) if ifd is None else exif.get_ifd(ifd)
    return {}


def _taken_at(details: Tags) -> str | None:
    text = _printable(details.get(ExifTags.Base.DateTimeOriginal, ""))
    offset = _printable(details.get(ExifTags.Base.OffsetTimeOriginal, ""))
    for written, pattern in ((text + offset, "%Y:%m:%d %H:%M:%S%z"), (text, "%Y:%m:%d %H:%M:%S")):
        with suppress(ValueError):
            taken = datetime.strptime(written, pattern)
            return taken.isoformat() if taken.year >= EARLIEST_YEAR else None
    return None


def _place(tags: Tags) -> tuple[float | None, float | None]:
    """Return degrees north and east, or two Nones: half a place is none."""
    gps = ExifTags.GPS
    latitude = _degrees(tags.get(gps.GPSLatitude), tags.get(gps.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(tags.get(gps.GPSLongitude), tags.get(gps.GPSLongitudeRef), "EW", 180)
    # A receiver that knew nothing writes 0, 0.
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(parts: Any, side: Any, sides: str, most: int) -> float | None:
    """Return degrees, minutes and seconds as degrees, negative on the second of the sides."""
    with suppress(Exception):
        degrees = sum(float(part) / unit for part, unit in zip(parts, (1, 60, 3600), strict=True))
        letter = _printable(side)
        if len(letter) == 1 and letter in sides and 0 <= degrees <= most:
            return round(degrees if letter == sides[0] else -degrees, 6)
    return None


def _number(value: Any) -> float | None:
    """Return a positive number; of several, the first."""
    with suppress(Exception):
        first = value[0] if isinstance(value, tuple) else value
        number = float(first)
        return number if isfinite(number) and 0 < number <= LARGEST_NUMBER else None
    return None


def _printable(text: object) -> str:
    return "".join(char for char in str(text) if char.isprintable()).strip()

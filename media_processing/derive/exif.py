"""What a photo says about itself. A broken EXIF says nothing; the picture is still good."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

CAMERA_LENGTH = 120
EARLIEST_YEAR = 1990  # before it, a camera's clock was never set


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


def read_taken_at(image: Image.Image) -> str | None:
    """Return when it was taken, in ISO form, with an offset if the camera told one."""
    details = _details(image)
    text = str(details.get(ExifTags.Base.DateTimeOriginal, "")).strip("\x00 ")
    offset = str(details.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ")
    for written, pattern in ((text + offset, "%Y:%m:%d %H:%M:%S%z"), (text, "%Y:%m:%d %H:%M:%S")):
        with suppress(ValueError):
            taken = datetime.strptime(written, pattern)
            return taken.isoformat() if taken.year >= EARLIEST_YEAR else None
    return None


def read_camera(image: Image.Image) -> str:
    """Return maker and model as one name, "" when unknown."""
    with suppress(Exception):
        exif = image.getexif()
        make, model = exif.get(ExifTags.Base.Make, ""), exif.get(ExifTags.Base.Model, "")
        return camera_name(make, model)
    return ""


def camera_name(make: object, model: object) -> str:
    """Join maker and model, once where the model repeats the maker; printable text only."""
    maker, name = (_printable(one) for one in (make, model))
    joined = name if name.lower().startswith(maker.lower()) else f"{maker} {name}"
    return joined.strip()[:CAMERA_LENGTH]


def _printable(text: object) -> str:
    return "".join(char for char in str(text) if char.isprintable()).strip()


def _details(image: Image.Image) -> dict[int, Any]:
    with suppress(Exception):
        return image.getexif().get_ifd(ExifTags.IFD.Exif)
    return {}

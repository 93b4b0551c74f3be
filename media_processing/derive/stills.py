"""Makes every size of a picture. Run by `nursery`, under limits: JSON in, JSON out.

Nothing here knows Django, a database or a secret: should a picture turn out to be an attack
on a decoder, this process is all it meets.
"""

import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from pillow_heif import register_heif_opener

from media_processing.derive import Derived, Made, Print, jpeg, pdq
from media_processing.derive.colour import on_white, to_eight_bits, to_srgb
from media_processing.derive.exif import read_facts, read_orientation
from media_processing.derive.recipes import (
    BITS_OF_NEWS,
    HASH_LONG_SIDE,
    LEAST_QUALITY,
    LONG_SIDES,
    MOMENT_SIDE,
    MOMENTS_A_SECOND,
    PLACEHOLDER,
    PLACEHOLDER_LONG_SIDE,
    VIEWS,
    Cut,
    Encoding,
    Size,
    encodings,
    fit,
    moments_stride,
    rungs,
)
from media_processing.rules import (
    MediaRules,
    UploadRefused,
    check_frames,
    check_pixels,
    unknown_format,
)
from media_processing.states import Reason

# All that a job may need is loaded before it comes: see `nursery`.
Image.init()
register_heif_opener(thumbnails=False)

PILLOW_FORMATS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "heic": "HEIF",
    "avif": "AVIF",
    "tiff": "TIFF",
    "ppm": "PPM",  # a film's own stills
}
# Browsers obey EXIF in JPEG and PNG, and not in WebP. Of an AVIF, Pillow tells the container's
# own turn as if it were EXIF's. TIFF and HEIC are turned by their decoders.
TURNED_BY_EXIF = {"jpeg", "png", "avif"}
ANIMATED = {"png", "webp", "avif"}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# To the largest still, where every pixel is looked at; from there it is halved, for which a
# filter of half the cost does as well (SSIM with LANCZOS: 0.993 and more).
FIRST_STEP, HALVING = Image.Resampling.BICUBIC, Image.Resampling.HAMMING
# To change or shrink one of these, Pillow makes a copy of four bytes a pixel: at 120 megapixels
# half a gigabyte more. Halving it in bands first does without.
COPIED_WHOLE = {"P", "PA", "LA", "RGBA"}
BAND_ROWS = 512


class Decoded(NamedTuple):
    """A picture as its decoder gave it, the size its header told, and what it says of itself."""

    image: Image.Image
    size: Size
    facts: dict[str, Any]


def derive(job: dict[str, Any]) -> Derived:
    """Make all sizes of the most telling of the job's sources. Raises UploadRefused."""
    rules, format_name = MediaRules.from_json(job["rules"]), job["format"]
    decoded = [_decode(Path(one), format_name, rules) for one in job["sources"]]
    image, size, facts = max(decoded, key=_detail) if len(decoded) > 1 else decoded[0]
    picture, size = _to_upright_srgb(image, size, format_name, rules)
    stills = list(_cascade(picture, size))
    files = [
        _write(still, side, encoding, job)
        for side, still in stills
        for encoding in encodings(side, stills[0][0])
    ]
    facts |= {"width": size[0], "height": size[1], "placeholder": _placeholder(stills[-1][1])}
    prints = film_prints(Path(job["moments"])) if job.get("moments") else _prints(stills)
    return Derived(files, facts, prints)


def _decode(path: Path, format_name: str, rules: MediaRules) -> Decoded:
    """Read the header and check it; only then, decode the first picture.

    A JPEG comes at a half or a quarter of its size when that is still enough.
    Raises UploadRefused.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own check is stricter, and comes at once
    try:
        with Image.open(path, formats=[PILLOW_FORMATS[format_name]]) as image:
            size = image.size
            check_pixels(rules, *size)
            if format_name in ANIMATED:
                check_frames(rules, *size, getattr(image, "n_frames", 1))
            if format_name == "jpeg":
                jpeg.check_scans(path)
            image.draft(None, fit(size, LONG_SIDES[-1]))
            image.load()
            return Decoded(image, size, read_facts(image))
    except (UploadRefused, MemoryError):
        raise
    except Exception as error:  # a broken file raises anything, from struct.error to KeyError
        raise UploadRefused(Reason.DAMAGED) from error


def _detail(decoded: Decoded) -> float:
    """Return how much there is to see: next to nothing in a black or faded frame."""
    return decoded.image.convert("L").resize((160, 90)).entropy()


def _to_upright_srgb(
    image: Image.Image, size: Size, format_name: str, rules: MediaRules
) -> tuple[Image.Image, Size]:
    """Return the picture at its largest rung, and the size of the original when upright.

    It is made small first: colour and turning then cost a fraction.
    """
    orientation = read_orientation(image) if format_name in TURNED_BY_EXIF else 1
    target = fit(size, LONG_SIDES[-1])
    try:
        doubles = image.mode in COPIED_WHOLE and max(image.size) >= 2 * max(target)
        picture = _halved(image) if doubles else to_eight_bits(image)
    except ValueError as error:
        raise unknown_format(rules) from error
    if target != picture.size:
        picture = picture.resize(target, FIRST_STEP)
    picture = to_srgb(on_white(picture))
    if orientation in TURNS:
        picture = picture.transpose(TURNS[orientation])
    picture.info = {}  # encoders would write what they find here
    return picture, size[::-1] if orientation >= 5 else size


def _halved(image: Image.Image) -> Image.Image:
    """Return the image in eight bits at half its size, made band by band."""
    width, height = image.size
    tops = range(0, height, BAND_ROWS)
    bands = [
        to_eight_bits(image.crop((0, top, width, min(top + BAND_ROWS, height)))).reduce(2)
        for top in tops
    ]
    half = Image.new(bands[0].mode, ((width + 1) // 2, (height + 1) // 2))
    for top, band in zip(tops, bands, strict=True):
        half.paste(band, (0, top // 2))
    half.info = image.info
    return half


def _cascade(picture: Image.Image, size: Size) -> Iterator[tuple[int, Image.Image]]:
    """Yield each rung and its still, each made from the one above."""
    for side in rungs(size):
        if (target := fit(size, side)) != picture.size:
            picture = picture.resize(target, HALVING)
        yield side, picture


def _write(still: Image.Image, side: int, encoding: Encoding, job: dict[str, Any]) -> Made:
    name = f"{job['role']}-{side}-{encoding.extension}"
    path = Path(job["folder"], name)
    still.save(path, encoding.format, **encoding.options)
    return Made(job["role"], name, str(path), encoding.mime_type, *still.size)


def _placeholder(still: Image.Image) -> str:
    """Return a picture of some 16 px as a data: address: it stands there until the real one."""
    tiny, buffer = still.resize(fit(still.size, PLACEHOLDER_LONG_SIDE)), BytesIO()
    tiny.save(buffer, PLACEHOLDER.format, **PLACEHOLDER.options)
    return f"data:{PLACEHOLDER.mime_type};base64,{b64encode(buffer.getvalue()).decode()}"


def _prints(stills: list[tuple[int, Image.Image]]) -> list[Print]:
    """Return the perceptual hashes of the picture: of the whole, and of what a crop leaves.

    They see 64 x 64 points: for the parts, the smallest still will do.
    """
    whole = next(one for side, one in stills if side <= HASH_LONG_SIDE)
    smallest = stills[-1][1].convert("L")
    views = [pdq.luminance(whole), *(pdq.luminance(cropped(smallest, cut)) for cut in VIEWS[1:])]
    quality = pdq.quality(views[0])
    return [Print(0, pdq.bits(pdq.waves(rows)), quality, at) for at, rows in enumerate(views)]


def cropped(still: Image.Image, cut: Cut) -> Image.Image:
    """Return the picture without these shares of its width and height: left, above, right, below.

    Never without a pixel.
    """
    left, above, right, below = cut
    across, down = still.size
    box = (round(across * left), round(down * above))
    ends = (across - round(across * right), down - round(down * below))
    return still.crop((*box, *ends))


def film_prints(moments: Path) -> list[Print]:
    """Return the perceptual hashes of a film's telling moments, each unlike those before it."""
    size = MOMENT_SIDE**2
    count = moments.stat().st_size // size
    found: list[Print] = []
    with moments.open("rb") as file:
        for at in range(0, count, moments_stride(count)):
            file.seek(at * size)
            still = Image.frombytes("L", (MOMENT_SIDE, MOMENT_SIDE), file.read(size))
            rows = pdq.luminance(still)
            bits = pdq.bits(pdq.waves(rows))
            is_news = all(pdq.distance(bits, other.bits) > BITS_OF_NEWS for other in found)
            if is_news and (quality := pdq.quality(rows)) >= LEAST_QUALITY:
                found.append(Print(at / MOMENTS_A_SECOND, bits, quality))
    return found


def main() -> None:
    """Read the job, do it, write what was made or why it was refused."""
    try:
        answer = derive(json.load(sys.stdin)).as_json()
    except UploadRefused as refused:
        answer = {"refused": refused.reason.value, "values": refused.values}
    except MemoryError:
        answer = {"refused": Reason.TOO_COSTLY.value, "values": {}}
    json.dump(answer, sys.stdout)

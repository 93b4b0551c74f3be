"""Ways from one original photo to everything made of it. Each runs by itself:

    python -m benchmarks.photo_ways WAY ORIGINAL FOLDER TIMES LANES

Same outputs: sha256, EXIF, the picture decoded to its end, a PDQ hash, and the files that the
recipe names: same sizes, formats and quality; encoder effort too, but for Wagtail as it comes.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import measure, tell
from media_processing.derive.recipes import LONG_SIDES, encodings

Way = Callable[[Path, Path], None]
SIDES = sorted(LONG_SIDES, reverse=True)
FILES = [(side, encoding) for side in SIDES for encoding in encodings(side, SIDES[0])]
EXIF_TAGS = ("exif-ifd2-DateTimeOriginal", "exif-ifd0-Make", "exif-ifd0-Model")


def ours() -> Way:
    """As the pipeline does it: hash, then derive in limited processes."""
    from media_processing.derive import Job, photo
    from media_processing.limits import Limits
    from media_processing.rules import PHOTO_FORMATS, MediaRules

    limits = Limits(cpu_seconds=60, wall_seconds=240, memory_mb=2048)

    def make(original: Path, folder: Path) -> None:
        with original.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
        photo.derive(
            Job(
                source=original,
                format="jpeg",
                rules=MediaRules(kind="photo", formats=PHOTO_FORMATS),
                folder=folder,
                photo_limits=limits,
                video_limits=limits,
                report=lambda step, percent: None,
                beat=lambda: None,
            )
        )

    return make


def libvips() -> Way:
    """Shrink on load, turn, convert, then each size from the one above; in this process."""
    import pyvips

    pyvips.cache_set_max(0)
    options = {"size": "down", "output_profile": "srgb", "fail_on": "error"}
    efforts = {"WEBP": lambda o: {"Q": o["quality"], "effort": o["method"]}}
    efforts["JPEG"] = lambda o: {"Q": o["quality"]}

    def make(original: Path, folder: Path) -> None:
        content = original.read_bytes()
        hashlib.sha256(content).hexdigest()
        picture = pyvips.Image.thumbnail_buffer(content, SIDES[0], height=SIDES[0], **options)
        picture = picture.copy_memory()
        for name in EXIF_TAGS:
            picture.get_typeof(name) and picture.get(name)
        for side, encoding in FILES:
            if side < max(picture.width, picture.height):
                picture = picture.thumbnail_image(side, height=side).copy_memory()
            path = folder / f"{side}.{encoding.extension}"
            effort = efforts[encoding.format](encoding.options)
            picture.write_to_file(str(path), keep="none", **effort)
        _hash((picture.width, picture.height), picture.write_to_memory())

    return make


def wagtail() -> Way:
    """A rendition for each file, each from the original, by Wagtail's own filters as they come."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    import django

    django.setup()
    from PIL import Image
    from wagtail.images import get_image_model
    from wagtail.images.models import Filter

    def make(original: Path, folder: Path) -> None:
        with original.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
        with Image.open(original) as image:
            image.verify()
            image.getexif().get_ifd(0x8769)
        for side, encoding in FILES:
            kind, quality = encoding.format.lower(), encoding.options["quality"]
            spec = f"max-{side}x{side}|format-{kind}|{kind}quality-{quality}"
            path = folder / f"{side}.{encoding.extension}"
            with original.open("rb") as source, path.open("wb") as target:
                Filter(spec).run(get_image_model()(collection_id=1), target, source=source)
        with Image.open(folder / f"{SIDES[-1]}.webp") as least:
            _hash(least.size, least.tobytes())

    return make


def wagtail_at_our_effort() -> Way:
    """The same, made to compress as hard as we do: by itself it takes WebP's double effort."""
    make = wagtail()
    from PIL import Image, WebPImagePlugin

    def same_effort(image: Image.Image, *rest: Any) -> None:
        image.encoderinfo.setdefault("method", FILES[0][1].options["method"])
        WebPImagePlugin._save(image, *rest)

    Image.preinit()
    Image.register_save("WEBP", same_effort)
    return make


def _hash(size: tuple[int, int], pixels: bytes) -> None:
    from PIL import Image

    from media_processing.derive import pdq

    pdq.bits(pdq.waves(pdq.luminance(Image.frombytes("RGB", size, pixels))))


WAYS = {way.__name__: way for way in (ours, libvips, wagtail, wagtail_at_our_effort)}


def main(name: str, original: str, folder: str, times: str, lanes: str) -> None:
    """Make everything so many times in each lane, and tell what it cost."""
    make = WAYS[name]()

    def lane() -> None:
        for _ in range(int(times)):
            with TemporaryDirectory(dir=folder) as made:
                make(Path(original), Path(made))

    tell(measure(lane, lanes=int(lanes)))


if __name__ == "__main__":
    main(*sys.argv[1:])

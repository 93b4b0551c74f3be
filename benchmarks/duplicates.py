"""Near copies: how many are found, how many strangers are taken for copies, what it costs.

    python -m benchmarks.duplicates [--quick] [--photos FOLDER]

Each photo is edited in the ways in which copies come, and each edited one is compared with all
photos. Beside the site's rule, two peers at their best threshold without a false pair: a DCT hash
of 64 bits (pHash), and the site's hash without mirror and middle parts. Then the same for films
made of the photos (benchmarks/films.py). The last line is JSON.
"""

import argparse
import io
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps
from pillow_heif import register_heif_opener

from benchmarks.films import measure_films
from benchmarks.scenes import make_photo
from competition.entries.likeness import MOST_BITS, Mark, apart, find_like
from media_processing.derive import pdq
from media_processing.derive.recipes import CROP, VIEWS, Cut
from media_processing.derive.stills import cropped

PHOTOS, QUICK_PHOTOS = 30, 8
FILMS, QUICK_FILMS = 7, 2
STORED = 100_000
STILL_SIDE = 640  # the still from which the pipeline makes its hash
SEED = 2026
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".avif"}

Edit = Callable[[Image.Image], Image.Image]
Hash = TypeVar("Hash")


def encoded(image: Image.Image, name: str, quality: int) -> Image.Image:
    """Return the picture after a way through this format."""
    content = io.BytesIO()
    image.save(content, name, quality=quality)
    return Image.open(content).convert("RGB")


def watermarked(image: Image.Image) -> Image.Image:
    """Return the picture with large, half transparent words across it."""
    marked = image.copy()
    font = ImageFont.load_default(image.height // 8)
    place = (image.width // 10, image.height * 2 // 5)
    words = ImageDraw.Draw(marked, "RGBA")
    words.text(place, "© PHOTO CONTEST", font=font, fill=(255, 255, 255, 170))
    return marked


EDITS: dict[str, Edit] = {
    "re-encode": lambda image: encoded(image, "JPEG", 60),
    "resize to 50%": lambda image: image.resize((image.width // 2, image.height // 2)),
    "crop 5%": lambda image: cropped(image, (CROP / 2,) * 4),  # 2.5% on each side
    "crop 5% of each side": lambda image: cropped(image, (CROP,) * 4),
    "crop 5% of one side": lambda image: cropped(image, (CROP, 0, 0, 0)),
    "crop 5% of two sides": lambda image: cropped(image, (0, CROP, CROP, 0)),
    "mirror": ImageOps.mirror,
    "HEIC to JPEG": lambda image: encoded(encoded(image, "HEIF", 60), "JPEG", 85),
    "watermark": watermarked,
}


def pdq_bits(image: Image.Image) -> int:
    """Return the site's hash, of a still as the pipeline has it."""
    return marks_of(image, VIEWS[:1])[0].bits


def marks_of(image: Image.Image, views: Sequence[Cut] = VIEWS) -> list[Mark]:
    """Return all of the site's hashes, of a still as the pipeline has it."""
    still = image.copy()
    still.thumbnail((STILL_SIDE, STILL_SIDE), Image.Resampling.BICUBIC)
    parts = [pdq.luminance(cropped(still, cut)) for cut in views]
    return [Mark(int(pdq.bits(pdq.waves(rows)), 16), view=view) for view, rows in enumerate(parts)]


def phash_bits(image: Image.Image) -> int:
    """Return the usual hash of 64 bits: the lowest 8 x 8 waves of 32 x 32 pixels."""
    grey = np.asarray(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS), float)
    wave, point = np.mgrid[0:8, 0:32]
    cosines = np.cos(np.pi / 64 * wave * (2 * point + 1))
    lowest = (cosines @ grey @ cosines.T).flatten()
    return sum(1 << at for at, one in enumerate(lowest) if one > np.median(lowest))


def nearest(one: list[Mark], other: list[Mark]) -> int:
    """Return the distance by the site's rule: in the mirror too, and a part against a whole."""
    return min(apart(a.bits, b.bits)[0] for a in one for b in other if not a.view or not b.view)


def differ(one: int, other: int) -> int:
    """Return in how many bits two hashes differ."""
    return (one ^ other).bit_count()


def read_photos(folder: Path, count: int) -> list[Image.Image]:
    """Return so many photos of the folder; a picture that is there twice counts once."""
    photos: list[tuple[list[Mark], Image.Image]] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and len(photos) < count:
            image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            image.thumbnail((1280, 1280))
            marks = marks_of(image)
            if all(nearest(marks, other) for other, _photo in photos):
                photos.append((marks, image))
    return [photo for _marks, photo in photos]


def recall(found: dict[str, list[int]], most: int) -> dict[str, float]:
    """Return, of each edit, which share of its copies is within so many bits."""
    return {
        edit: sum(1 for distance in distances if distance <= most) / len(distances)
        for edit, distances in found.items()
    }


def measure(
    photos: list[Image.Image],
    edited: dict[str, list[Image.Image]],
    hash_of: Callable[[Image.Image], Hash],
    distance: Callable[[Hash, Hash], int],
) -> tuple[dict[str, list[int]], list[int]]:
    """Return the distances of each edit's copies from their sources, and those of strangers."""
    sources = [hash_of(photo) for photo in photos]
    copies: dict[str, list[int]] = {}
    strangers = []
    for edit, images in edited.items():
        hashes = [hash_of(image) for image in images]
        copies[edit] = [distance(*pair) for pair in zip(sources, hashes, strict=True)]
        strangers += [
            distance(source, copy)
            for at, source in enumerate(sources)
            for to, copy in enumerate(hashes)
            if at != to
        ]
    return copies, strangers


def look_up_ms(rounds: int) -> float:
    """Return how long one photo takes against 100,000 stored hashes in hexadecimal."""
    chance, views = random.Random(SEED), len(VIEWS)
    stored = [
        (at // views, 0.0, at % views, f"{chance.getrandbits(256):064x}") for at in range(STORED)
    ]
    marks = [Mark(chance.getrandbits(256), view=view) for view in range(views)]
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        find_like(marks, stored)
        spent.append(1000 * (time.perf_counter() - begun))
    return median(spent)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer photos")
    parser.add_argument("--photos", type=Path, help="a folder of at least 30 photos")
    options = parser.parse_args()
    register_heif_opener()
    count = QUICK_PHOTOS if options.quick else PHOTOS
    with TemporaryDirectory() as made:
        if not options.photos:
            for n in range(count):
                make_photo(Path(made, f"{n:02d}.jpg"), (1200, 800), turned=1, seed=SEED + 10 * n)
        photos = read_photos(options.photos or Path(made), count)
    edited = {name: [edit(photo) for photo in photos] for name, edit in EDITS.items()}
    copies, strangers = measure(photos, edited, marks_of, nearest)
    rows = {f"the site (at most {MOST_BITS})": recall(copies, MOST_BITS)}
    for name, bits_of in {"PDQ-256": pdq_bits, "pHash-64": phash_bits}.items():
        others, far = measure(photos, edited, bits_of, differ)
        rows[f"{name} (at most {min(far) - 1})"] = recall(others, min(far) - 1)
    print(f"{len(photos)} photos, nearest strangers {min(strangers)} bits apart")
    for name, shares in rows.items():
        print(f"  {name:24}", "  ".join(f"{edit} {share:.2f}" for edit, share in shares.items()))
    false = sum(1 for distance in strangers if distance <= MOST_BITS)
    with TemporaryDirectory() as folder:
        films = QUICK_FILMS if options.quick else FILMS
        film_recall, false_films, pairs = measure_films(photos, films, Path(folder))
    print(f"{films} films, {false_films} of {pairs} pairs of strangers taken for copies")
    print("  the site  ", "  ".join(f"{edit} {share:.2f}" for edit, share in film_recall.items()))
    answer = {
        "recall": {edit: round(share, 3) for edit, share in recall(copies, MOST_BITS).items()},
        "false_per_1000": round(1000 * false / len(strangers), 3),
        "lookup_ms": round(look_up_ms(3 if options.quick else 9), 1),
        "film_recall": {edit: round(share, 3) for edit, share in film_recall.items()},
        "film_false_per_1000": round(1000 * false_films / pairs, 3),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

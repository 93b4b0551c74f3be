"""Makes files of which no two are alike, cheaply: runs in processes of its own, without Django.

A picture is a broad field of colours that nothing else has, which a perceptual hash tells from
all others, and on it a part of a sample or, without samples, grain and a grid.
"""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageOps

PHOTO = (1600, 1200)
FIELD = (16, 12)  # colours of the field: coarse enough to survive every size
CLIP_SECONDS = 1.5
FRAMES_A_SECOND = 12
FFMPEG_SECONDS = 120


def end_with(parent: int) -> None:
    """Have this process end when its parent does, also when that is killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def make_photo(folder: str, number: int, seed: int, samples: Sequence[str]) -> str:
    """Write the photo of this number into the folder; return its path.

    The first ones are the samples themselves, whole; later ones are made from them.
    """
    if number < len(samples):
        return _copied(folder, number, samples[number])
    chance = Random(f"photo {seed} {number}")  # noqa: S311 - the same picture each time
    picture = _field(chance, PHOTO)
    if samples:
        sample = _part(samples[number % len(samples)], chance)
        picture = Image.blend(picture, sample, 0.45)
    _mark(picture, number, chance)
    path = Path(folder) / f"photo-{number:06d}.jpg"
    picture.save(path, quality=82, exif=_exif(picture, chance))
    return str(path)


def make_clip(folder: str, number: int, seed: int, samples: Sequence[str]) -> str:
    """Write the clip of this number into the folder; return its path."""
    if number < len(samples):
        return _copied(folder, number, samples[number])
    chance = Random(f"clip {seed} {number}")  # noqa: S311 - the same clip each time
    path = Path(folder) / f"clip-{number:06d}.mp4"
    size = (320, 240)
    ends = [_field(chance, size) for _ in range(3)]
    frames = int(CLIP_SECONDS * FRAMES_A_SECOND)
    raw = bytearray()
    for frame in range(frames):
        at = 2 * frame / frames
        picture = Image.blend(ends[int(at)], ends[int(at) + 1], at % 1)
        _mark(picture, number, chance)
        raw += picture.tobytes()
    program = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    program += ["-s", f"{size[0]}x{size[1]}", "-r", str(FRAMES_A_SECOND), "-i", "-"]
    program += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(program, input=bytes(raw), check=True, timeout=FFMPEG_SECONDS)  # noqa: S603
    return str(path)


def _copied(folder: str, number: int, sample: str) -> str:
    path = Path(folder) / f"sample-{number:06d}{Path(sample).suffix.lower()}"
    shutil.copyfile(sample, path)
    return str(path)


def _field(chance: Random, size: tuple[int, int]) -> Image.Image:
    """Return colours that no other number has, smooth, with a little grain."""
    dice = np.random.default_rng(chance.getrandbits(64))
    coarse = dice.integers(0, 256, (FIELD[1], FIELD[0], 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.int16)
    grain = dice.integers(-6, 7, (size[1], size[0], 1), dtype=np.int16)
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def _part(sample: str, chance: Random) -> Image.Image:
    """Return a part of the sample, as large as a photo."""
    with Image.open(sample) as image:
        image.draft("RGB", PHOTO)
        upright = ImageOps.exif_transpose(image).convert("RGB")
    x, y = (chance.uniform(0, 0.2) * side for side in upright.size)
    box = (x, y, upright.width - chance.random() * x, upright.height - chance.random() * y)
    return upright.resize(PHOTO, Image.Resampling.BILINEAR, box=box)


def _mark(picture: Image.Image, number: int, chance: Random) -> None:
    """Write the number on the picture: a file of another number has other bytes for certain."""
    ImageDraw.Draw(picture).text((8, 8), f"{number:06d}", fill=(255, 255, 255))


def _exif(picture: Image.Image, chance: Random) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", f"Camera {chance.randrange(20)}"
    return exif

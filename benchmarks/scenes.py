"""Inputs that are the same on every machine: a photo with detail at every scale, and a film."""

import struct
import subprocess
from math import log2
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

SEED = 2026
DISPLAY_P3 = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
# How strong each octave of noise is, of the one of double its grain.
FADING = 0.8
LANDSCAPE_24MP = (6000, 4000)


def make_photo(
    path: Path, size: tuple[int, int] = LANDSCAPE_24MP, turned: int = 6, seed: int = SEED
) -> Path:
    """Write a camera's JPEG: quality 92, 4:2:0, Display P3 as phones have, on its side.

    Octaves of noise, each weaker than the coarser one before it, as in photographs. Colours
    change more slowly than light, as in nature.
    """
    image = Image.merge(
        "YCbCr",
        [
            _octaves(size, seed, finest=1, contrast=46),
            _octaves(size, seed + 1, finest=16, contrast=26),
            _octaves(size, seed + 2, finest=16, contrast=26),
        ],
    ).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = turned, "Maker", "Camera"
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 12:00:00"
    image.save(path, "JPEG", quality=92, exif=exif, icc_profile=_display_p3())
    return path


def make_film(path: Path, seconds: int, megabits: int, size: str = "1920x1080") -> Path:
    """Write an MP4 of 30 frames a second: a moving test picture, grain, a tone."""
    picture = f"testsrc2=size={size}:rate=30,noise=alls=12:allf=t:all_seed={SEED}"
    tone = "sine=frequency=440:sample_rate=48000,volume=0.2"
    codecs = "-c:v libx264 -preset veryfast -g 60 -sc_threshold 0"
    codecs += f" -b:v {megabits}M -maxrate {megabits}M -bufsize {megabits}M"
    program = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    program += ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-t", str(seconds)]
    program += [*codecs.split(), "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-ac", "2"]
    subprocess.run([*program, "-movflags", "+faststart", str(path)], check=True)
    return path


def _display_p3() -> bytes:
    """Return a profile of Display P3: that of sRGB with other primaries (XYZ under D50)."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * struct.unpack_from(">I", data, 128)[0], 12):
        tag, offset = struct.unpack_from(">4sI", data, at)
        if tag in DISPLAY_P3:
            fixed = [round(value * 2**16) for value in DISPLAY_P3[tag]]
            struct.pack_into(">3i", data, offset + 8, *fixed)
    return bytes(data)


def _octaves(size: tuple[int, int], seed: int, *, finest: int, contrast: float) -> Image.Image:
    """Return a grey picture of noise; its finest grain `finest` pixels wide."""
    random = np.random.default_rng(seed)
    total = np.zeros((1, 1), np.float32)
    for grain in (2**octave for octave in reversed(range(12)) if 2**octave >= finest):
        shape = [max(side // grain, 2) for side in size]
        total = np.asarray(Image.fromarray(total).resize(shape, Image.Resampling.BICUBIC))
        total = total + FADING ** -log2(grain) * random.standard_normal(total.shape, np.float32)
    total *= contrast / total.std()
    grey = Image.fromarray(np.clip(total + 128, 0, 255).astype(np.uint8))
    return grey.resize(size, Image.Resampling.BICUBIC)

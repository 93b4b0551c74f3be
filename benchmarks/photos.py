"""Photos: our way against libvips' thumbnailer and Wagtail's renditions, on the same originals."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps

from benchmarks.likeness import ssim
from benchmarks.measure import Cost, in_own_process, middle
from benchmarks.photo_ways import SIDES
from media_processing.derive import stills
from media_processing.rules import PHOTO_FORMATS, MediaRules


def compare(
    originals: list[Path], folder: Path, *, ways: Sequence[str], rounds: int, times: int
) -> dict[str, float]:
    """Run the ways in turn, print what each costs, and return the ratios of ours to the others.

    A way makes each original `times` times over in one process, as a worker does.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for original in originals:
            for name, found in costs.items():
                found.append(_run(name, original, folder, times))
    typical = {name: middle(found) for name, found in costs.items()}
    for name, cost in typical.items():
        seconds, wall = cost.cpu_seconds / times, cost.wall_seconds / times
        print(f"  {name:21} {seconds:6.2f} CPU s, {wall:6.2f} s a photo, {cost.peak_mb:4.0f} MB")
    mine = typical["ours"]
    ratios = {f"photo_vs_{name}": mine.cpu_seconds / typical[name].cpu_seconds for name in ways[1:]}
    return {**ratios, "photo_peak_mb": mine.peak_mb}


def compare_lanes(original: Path, folder: Path, *, rounds: int, times: int) -> float:
    """Return how many times as many photos two lanes make as one, in the same time."""
    alone, both = [], []
    for _ in range(rounds):
        alone.append(_run("ours", original, folder, times))
        both.append(_run("ours", original, folder, times, lanes=2))
    return 2 * middle(alone).wall_seconds / middle(both).wall_seconds


def worst_likeness(originals: list[Path], folder: Path) -> float:
    """Print how like the stills are to faultless ones, before encoding; return the least."""
    found = [_likenesses(one, folder) for one in originals]
    for original, values in zip(originals, found, strict=True):
        told = ", ".join(f"{side}: {value:.4f}" for side, value in values.items())
        print(f"  SSIM of {original.name} at {told}")
    return min(value for values in found for value in values.values())


def _run(name: str, original: Path, folder: Path, times: int, lanes: int = 1) -> Cost:
    return in_own_process("benchmarks.photo_ways", name, original, folder, times, lanes)


def _likenesses(original: Path, folder: Path) -> dict[int, float]:
    """Return the SSIM of each rung of ours with LANCZOS from all pixels, colours first."""
    with Image.open(original) as image:
        faultless = _srgb(ImageOps.exif_transpose(image))
    with _saved_pictures() as saved:
        stills.derive(
            {
                "sources": [str(original)],
                "format": "jpeg",
                "rules": MediaRules(kind="photo", formats=PHOTO_FORMATS).as_json(),
                "role": "picture",
                "folder": str(folder),
            }
        )
    return {
        side: ssim(saved[side], faultless.resize(saved[side].size, Image.Resampling.LANCZOS))
        for side in SIDES
    }


def _srgb(image: Image.Image) -> Image.Image:
    if not (profile := image.info.get("icc_profile")):
        return image.convert("RGB")
    converted: Any = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        outputMode="RGB",
    )
    return converted


@contextmanager
def _saved_pictures() -> Iterator[dict[int, Image.Image]]:
    """Yield the pictures saved inside, by long side, as they were before encoding."""
    saved: dict[int, Image.Image] = {}
    save = Image.Image.save

    def keep(image: Image.Image, *rest: Any, **options: Any) -> None:
        saved[max(image.size)] = image.copy()
        save(image, *rest, **options)

    Image.Image.save = keep  # type: ignore
    try:
        yield saved
    finally:
        Image.Image.save = save  # type: ignore

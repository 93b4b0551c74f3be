"""What photos and videos cost here, against the usual ways; see docs/benchmarks.md.

    python -m benchmarks.media [--quick] [--photo FILE_OR_FOLDER] [--only photos|videos]

The last line is JSON: ratios of CPU seconds (below 1: ours is cheaper), and megabytes.
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import photos, videos
from benchmarks.photo_ways import WAYS
from benchmarks.scenes import make_photo


def measure_photos(originals: list[Path], folder: Path, *, quick: bool) -> dict[str, float]:
    """Compare on the originals given, or on one of 24 megapixels of our own making."""
    originals = originals or [make_photo(folder / "photo.jpg")]
    print(f"Photos ({len(originals)}):")
    if quick:
        found = photos.compare(originals, folder, ways=list(WAYS)[:3], rounds=1, times=2)
    else:
        found = photos.compare(originals, folder, ways=list(WAYS), rounds=3, times=10)
        found["photo_two_workers"] = photos.compare_lanes(originals[0], folder, rounds=3, times=5)
    found["ssim_min"] = photos.worst_likeness(originals, folder)
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="within a minute, and rougher")
    parser.add_argument("--photo", type=Path, help="a JPEG, or a folder of them")
    parser.add_argument("--only", choices=["photos", "videos"])
    options = parser.parse_args()
    given = options.photo
    originals = sorted(given.glob("*.jp*g")) if given and given.is_dir() else [given] * bool(given)
    found: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        if options.only != "videos":
            found |= measure_photos(originals, Path(folder), quick=options.quick)
        if options.only != "photos":
            print("Videos (1080p, 30 frames a second):")
            seconds, rounds = (2, 1) if options.quick else (20, 3)
            found |= videos.compare(Path(folder), seconds=seconds, rounds=rounds)
            if not options.quick:
                found |= videos.compare_kept(Path(folder), seconds=seconds, rounds=rounds)
                found |= videos.compare_sets(Path(folder), seconds=seconds, rounds=rounds)
                found |= videos.peak_at_4k(Path(folder), seconds=seconds)
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    main()

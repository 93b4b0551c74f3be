"""Makes the photos and clips that these tests feed to the room. Nothing is committed."""

import io
import json
import struct
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image, ImageCms

from media_processing.derive import Derived, Job, clip
from media_processing.derive.stills import derive
from media_processing.limits import Limits
from media_processing.models import MediaAsset
from media_processing.rules import PHOTO_FORMATS, VIDEO_FORMATS, MediaRules, UploadRefused

PHOTO_RULES = MediaRules(kind="photo", formats=PHOTO_FORMATS)
VIDEO_RULES = MediaRules(kind="video", formats=VIDEO_FORMATS)
LIMITS = Limits(cpu_seconds=60, wall_seconds=120, memory_mb=2048)

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 60), (40, 60, 200), (230, 210, 40)

# What a person may call a file, and as what we show it.
ODD_NAMES = [
    ("../../etc/passwd.jpg", "passwd.jpg"),
    ("C:\\photos\\a.jpg", "a.jpg"),
    ("a\x00b\r\nc\u202egpj.jpg", "abcgpj.jpg"),
    ('"quoted"<b>.jpg', '"quoted"<b>.jpg'),
    ("照片😀.jpg", "照片😀.jpg"),
    ("-rf.jpg", "-rf.jpg"),
    ("x" * 300 + ".jpg", "x" * 251 + ".jpg"),
]


def quarters(width: int = 600, height: int = 400) -> Image.Image:
    """Red and green above, blue and yellow below: any turn or flip shows."""
    image = Image.new("RGB", (width, height))
    boxes = {RED: (0, 0), GREEN: (1, 0), BLUE: (0, 1), YELLOW: (1, 1)}
    for colour, (column, row) in boxes.items():
        size = (width // 2, height // 2)
        image.paste(Image.new("RGB", size, colour), (column * size[0], row * size[1]))
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, from the upper left, row by row."""
    across, down = image.size
    picture = image.convert("RGB")
    places = [(1, 1), (3, 1), (1, 3), (3, 3)]
    return [picture.getpixel((across * x // 4, down * y // 4)) for x, y in places]


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def jpeg(width: int = 600, height: int = 400, **options: Any) -> bytes:
    return encoded(quarters(width, height), "JPEG", **{"quality": 95, **options})


def with_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def swapped_profile() -> bytes:
    """A profile in which red and blue have changed places: dropping it shows at once."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table, rest = data[:300], data[300:]
    swap = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    count = struct.unpack(">I", data[128:132])[0]
    for number in range(count):
        at = 132 + 12 * number
        tag = data[at : at + 4]
        table = table[:at] + swap.get(tag, tag) + table[at + 4 :]
    return table + rest


def make_stills(path: Path, format_name: str, **rules: Any) -> dict[str, Any]:
    """Run the stills of one file in this process; return Derived as JSON plus open images."""
    folder = path.parent / f"made-{uuid.uuid4().hex}"
    folder.mkdir()
    limits = MediaRules(kind="photo", formats=PHOTO_FORMATS, **rules)
    job = {
        "sources": [str(path)],
        "format": format_name,
        "rules": limits.as_json(),
        "role": "picture",
        "folder": str(folder),
    }
    made = derive(job).as_json()
    return {**made, "images": {one["name"]: loaded(one["path"]) for one in made["files"]}}


def loaded(path: str | Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
    return image


def job_for(path: Path, format_name: str, rules: MediaRules, **changes: Any) -> Job:
    folder = path.parent / f"job-{uuid.uuid4().hex}"
    folder.mkdir()
    settings = {
        "source": path,
        "format": format_name,
        "rules": rules,
        "folder": folder,
        "photo_limits": LIMITS,
        "video_limits": LIMITS,
        "report": lambda step, percent: None,
        "beat": lambda: None,
    }
    return Job(**{**settings, **changes})


def ffmpeg(*arguments: str | Path) -> None:
    program = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(program, check=True, timeout=60)


def make_clip(path: Path, *, seconds: float = 1, size: str = "320x240", sound: bool = True) -> Path:
    """A moving test picture with a tone, in the container of the path's extension."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    codecs = {
        ".webm": ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"],
        ".avi": ["-c:v", "mpeg4", "-c:a", "mp3"],
    }.get(path.suffix, ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"])
    ffmpeg(*picture, *tone, *codecs, "-pix_fmt", "yuv420p", path)
    return path


def make_slideshow(path: Path, pictures: list[Image.Image], seconds: float = 1.6) -> Path:
    """A film that shows each picture for so long, with cuts between them."""
    for number, picture in enumerate(pictures):
        picture.save(path.with_name(f"{path.stem}-{number:02d}.png"))
    slides = ["-framerate", str(1 / seconds), "-i", path.with_name(f"{path.stem}-%02d.png")]
    ffmpeg(*slides, "-r", "25", "-preset", "ultrafast", "-pix_fmt", "yuv420p", path)
    return path


def ffprobe(path: Path) -> dict[str, Any]:
    program = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)]
    return json.loads(subprocess.run(program, check=True, capture_output=True).stdout)


def exiftool(*paths: Path) -> list[dict[str, Any]]:
    """Everything exiftool finds in the files, keyed Group:Tag."""
    program = ["exiftool", "-j", "-a", "-u", "-G1", *map(str, paths)]
    return json.loads(subprocess.run(program, check=True, capture_output=True).stdout)


def original_of(asset: MediaAsset) -> bytes:
    with asset.original.open("rb") as file:
        return file.read()


def let_it_run_out(asset: MediaAsset) -> None:
    """Let the lease of the asset have ended a second ago, as if its worker had fallen silent."""
    ended = timezone.now() - timedelta(seconds=1)
    MediaAsset.objects.filter(pk=asset.pk).update(lease_until=ended)


def raw(path: Path, *arguments: str) -> bytes:
    """What ffmpeg writes to its standard output for this file."""
    program = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), *arguments, "-"]
    return subprocess.run(program, check=True, capture_output=True, timeout=60).stdout


def derive_clip(path: Path, rules: MediaRules = VIDEO_RULES, **changes: Any) -> Derived:
    return clip.derive(job_for(path, path.suffix[1:], rules, **changes))


def refused_clip(path: Path, rules: MediaRules = VIDEO_RULES, **changes: Any) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        derive_clip(path, rules, **changes)
    return caught.value


def paths_of(derived: Derived, role: str) -> list[Path]:
    return [Path(one.path) for one in derived.files if one.role == role]

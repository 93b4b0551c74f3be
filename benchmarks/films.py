"""Films for the benchmark of near copies: made of photos, then edited as copies are.

Each film begins with the same title, as those of one association may, and then pans over photos
of its own, with cuts between them.
"""

import subprocess
from pathlib import Path

import ffmpeg
from PIL import Image, ImageDraw, ImageFont

from competition.entries.likeness import Mark, find_like
from media_processing.derive.ladder import moments_output
from media_processing.derive.stills import film_prints

WIDTH, HEIGHT, RATE = 512, 288, 25
SHOTS, SHOT_SECONDS, TITLE_SECONDS = 4, 2.6, 1.5
PANS = ("(in_w-out_w)*t/2.6", "(in_w-out_w)*(1-t/2.6)")
HALF = f"scale={WIDTH // 2}:{HEIGHT // 2}"
EDITS = {
    "re-encode": ["-crf", "35"],
    "resize to 50%": ["-vf", HALF],
    "mirror": ["-vf", "hflip"],
    "trim 2.3 s": ["-ss", "2.3"],
    "crop 5%": ["-vf", "crop=iw*0.95:ih*0.95"],
    "24 frames a second": ["-r", "24"],
    "watermark": ["-filter_complex", "overlay"],
    "all but the crop": ["-ss", "2.3", "-crf", "33", "-filter_complex", f"hflip,overlay,{HALF}"],
}


def make_films(photos: list[Image.Image], count: int, folder: Path) -> list[Path]:
    """Write so many films, each of photos of its own as long as there are enough."""
    title = _worded(Image.new("RGB", (WIDTH, HEIGHT), "navy"), 255)
    title.save(folder / "title.png")
    _worded(Image.new("RGBA", (WIDTH, HEIGHT)), 170).save(folder / "mark.png")
    films = []
    for number in range(count):
        own = [photos[(number * SHOTS + at) % len(photos)] for at in range(SHOTS)]
        films.append(_make_film(own, folder / "title.png", folder / f"film-{number}.mp4"))
    return films


def edit(film: Path, options: list[str]) -> Path:
    """Write the film anew with these options of ffmpeg's; return where."""
    target = film.with_name(f"edited-{film.name}")
    mark = ["-i", str(film.with_name("mark.png"))] if "-filter_complex" in options else []
    _ffmpeg("-i", str(film), *mark, *options, "-preset", "ultrafast", str(target))
    return target


def marks_of(film: Path) -> list[Mark]:
    """Return the hashes that the pipeline makes of the film."""
    moments = film.with_suffix(".grey")
    _ffmpeg(*ffmpeg.compile(moments_output(ffmpeg.input(str(film)).video, moments))[1:])
    return [Mark(int(one.bits, 16), one.moment) for one in film_prints(moments)]


def are_like(one: list[Mark], other: list[Mark]) -> bool:
    """Tell whether the site takes the two for near copies."""
    return bool(
        find_like(one, [(0, mark.moment, mark.view, f"{mark.bits:064x}") for mark in other])
    )


def measure_films(
    photos: list[Image.Image], count: int, folder: Path
) -> tuple[dict[str, float], int, int]:
    """Return each edit's recall, and how many strangers of how many were taken for copies."""
    films = make_films(photos, count, folder)
    sources = [marks_of(film) for film in films]
    recall, false, pairs = {}, 0, 0
    for name, options in EDITS.items():
        copies = [marks_of(edit(film, options)) for film in films]
        recall[name] = sum(map(are_like, sources, copies)) / count
        strangers = [
            are_like(source, copy)
            for at, source in enumerate(sources)
            for to, copy in enumerate(copies)
            if at != to
        ]
        false, pairs = false + sum(strangers), pairs + len(strangers)
    return recall, false, pairs


def _worded(image: Image.Image, opacity: int) -> Image.Image:
    """Return the picture with large words in its upper left quarter."""
    font = ImageFont.load_default(HEIGHT // 9)
    words = ImageDraw.Draw(image)
    words.text((20, 20), "PHOTO CONTEST 2026", font=font, fill=(255, 255, 255, opacity))
    return image


def _make_film(photos: list[Image.Image], title: Path, film: Path) -> Path:
    shots = [_held(title, TITLE_SECONDS)]
    for at, photo in enumerate(photos):
        path = film.with_name(f"{film.stem}-{at}.png")
        photo.resize((WIDTH * 5 // 4, HEIGHT)).save(path, compress_level=1)
        shots.append(_held(path, SHOT_SECONDS).filter("crop", WIDTH, HEIGHT, PANS[at % 2], 0))
    even = [shot.filter("format", "yuv420p").filter("setsar", 1) for shot in shots]
    output = ffmpeg.output(ffmpeg.concat(*even), str(film), preset="ultrafast")
    _ffmpeg(*ffmpeg.compile(output)[1:])
    return film


def _held(picture: Path, seconds: float) -> ffmpeg.Stream:
    """Return a film of one picture, decoded once."""
    frames = round(seconds * RATE)
    return ffmpeg.input(str(picture), framerate=RATE).filter("loop", loop=frames - 1, size=1)


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)

"""A poster that asks for votes for a work: 1080 x 1440 pixels, drawn here, to be sent on."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1080, 1440
MARGIN = 72
PICTURE_HEIGHT = 890
QR_SIDE = 232  # at most
DESIGN = 1  # another number makes all posters anew

# The site's colours (css/site.css).
INK, PAPER, SURFACE, MUTED, ACCENT = "#1c1a19", "#ffffff", "#f7f5f1", "#655f58", "#b3261e"

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
SERIF = ("NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC")
SANS = ("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC")
# They may not begin a line (GB/T 15834).
CLOSING = frozenset("，。、；：？！）》」』”’…—·,.;:?!)]}")

Pen = ImageDraw.ImageDraw
Font = ImageFont.FreeTypeFont


class FontMissing(Exception):
    """This machine has no font with Chinese characters; the message says what to install."""


@dataclass(frozen=True)
class Poster:
    """What stands on it. `author` is "" while nobody may be named; `address` is the QR code's."""

    title: str
    number: str
    author: str
    edition: str
    theme: str
    call: str
    address: str

    def name(self, picture: str) -> str:
        """Return a name for its file that no other poster has; `picture` names the work's."""
        parts = "\n".join((str(DESIGN), picture, *astuple(self)))
        return f"posters/{sha256(parts.encode()).hexdigest()}.png"


def draw(poster: Poster, picture: bytes | None) -> bytes:
    """Return the poster as PNG; `picture` is an image file, or None to leave its place empty.

    Raises FontMissing.
    """
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, WIDTH, PICTURE_HEIGHT), fill=SURFACE)
    if picture is not None:
        _put_picture(sheet, picture)
    pen.rectangle((0, PICTURE_HEIGHT, WIDTH, PICTURE_HEIGHT + 8), fill=ACCENT)
    _write_work(pen, poster)
    _write_call(pen, poster)
    _put_code(sheet, poster.address)
    made = BytesIO()
    sheet.save(made, "PNG")
    return made.getvalue()


def _put_picture(sheet: Image.Image, picture: bytes) -> None:
    """Put the whole picture, uncropped, as large as its place allows."""
    with Image.open(BytesIO(picture)) as opened:
        scale = min(WIDTH / opened.width, PICTURE_HEIGHT / opened.height)
        size = (round(opened.width * scale), round(opened.height * scale))
        fitted = opened.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    sheet.paste(fitted, ((WIDTH - size[0]) // 2, (PICTURE_HEIGHT - size[1]) // 2))


def _write_work(pen: Pen, poster: Poster) -> None:
    """Write the title, in one line if it goes, smaller and in two if not; below it the facts."""
    room = WIDTH - 2 * MARGIN
    for size in (64, 52):
        font = font_of(SERIF, size)
        lines = wrap(poster.title, font, room)
        if len(lines) == 1:
            break
    top = PICTURE_HEIGHT + 44
    for line in shorten(lines, font, room, most=2):
        pen.text((MARGIN, top), line, font=font, fill=INK)
        top += round(size * 1.3)
    facts = " · ".join(part for part in (poster.number, poster.author) if part)
    small = font_of(SANS, 30)
    (line,) = shorten(wrap(facts, small, room), small, room, most=1)
    pen.text((MARGIN, top + 14), line, font=small, fill=MUTED)


def _write_call(pen: Pen, poster: Poster) -> None:
    """Write what to do and where it belongs, from the foot up, beside the QR code."""
    room = WIDTH - 3 * MARGIN - QR_SIDE
    bottom = HEIGHT - MARGIN
    written = (
        (poster.theme, font_of(SANS, 28), MUTED),
        (poster.edition, font_of(SANS, 28), INK),
        (poster.call, font_of(SERIF, 40), ACCENT),
    )
    for text, font, colour in written:
        lines = shorten(wrap(text, font, room), font, room, most=2)
        for line in reversed(lines):
            bottom -= round(font.size * 1.4)
            pen.text((MARGIN, bottom), line, font=font, fill=colour)
        bottom -= 10 if lines else 0


def wrap(text: str, font: Font, room: float) -> list[str]:
    """Break a text into lines at most `room` pixels wide: between words, or Chinese characters."""
    lines: list[str] = []
    for piece in _pieces(text):
        if lines and font.getlength(lines[-1] + piece.rstrip()) <= room:
            lines[-1] += piece
        elif font.getlength(piece.rstrip()) <= room:
            lines.append(piece.lstrip())
        else:
            lines += _broken(piece, font, room)
    return [line.rstrip() for line in lines]


def shorten(lines: Sequence[str], font: Font, room: float, most: int) -> list[str]:
    """Return at most so many lines; what is left out is told by an ellipsis."""
    if len(lines) <= most:
        return list(lines)
    last = lines[most - 1]
    while last and font.getlength(f"{last}…") > room:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip().rstrip('，、；：,;:')}…"]


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end: after a space, and round each wide character."""
    pieces: list[str] = []
    for letter in " ".join(text.split()):
        is_wide = ord(letter) >= 0x2E80
        joins = bool(pieces) and (
            letter in CLOSING
            or letter == " "
            or not (is_wide or pieces[-1][-1] == " " or ord(pieces[-1][-1]) >= 0x2E80)
        )
        if joins:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _broken(word: str, font: Font, room: float) -> list[str]:
    """Break a word that is longer than a line."""
    lines = [""]
    for letter in word:
        if lines[-1] and font.getlength(lines[-1] + letter) > room:
            lines.append("")
        lines[-1] += letter
    return lines


def _put_code(sheet: Image.Image, address: str) -> None:
    """Draw the QR code in the corner, each module of as many whole pixels: readers like that."""
    code = segno.make(address, micro=False, error="m")
    scale = QR_SIDE // code.symbol_size(border=0)[0]
    drawn = BytesIO()
    code.save(drawn, kind="png", border=0, scale=scale, dark=INK)
    with Image.open(drawn) as opened:
        side = opened.width
        sheet.paste(opened.convert("RGB"), (WIDTH - MARGIN - side, HEIGHT - MARGIN - side))


@lru_cache
def font_of(which: tuple[str, str], size: int) -> Font:
    """Return the simplified Chinese face of a collection of fonts."""
    name, face = which
    found = (path for folder in FONT_FOLDERS for path in folder.rglob(name))
    path = next(found, None)
    if path is None:
        raise FontMissing(f"Posters need {name}: run deploy/setup.sh, or install fonts-noto-cjk.")
    for index in range(64):
        font = ImageFont.truetype(str(path), size, index=index)
        if font.getname()[0] == face:
            return font
    raise FontMissing(f"{path} has no face {face}: install fonts-noto-cjk.")

"""What other sites show of an edition's results: awarded works and its name, 1200 x 630 JPEG."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

from portal.pages.poster import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    SANS,
    SERIF,
    Font,
    font_of,
    shorten,
    wrap,
)

WIDTH, HEIGHT = 1200, 630
MARGIN = 56
BAND = 404  # the height of the pictures, from the top
GAP = 4  # between pictures
MOST = 8  # pictures
TITLE_SIZES = (60, 52, 44, 38)  # pixels
DESIGN = 1  # another number makes all mosaics anew


@dataclass(frozen=True)
class Mosaic:
    """What stands below the pictures, a line each."""

    title: str
    line: str
    theme: str

    def name(self, pictures: Sequence[str]) -> str:
        """Return its file's name: that of no other mosaic, and not to be guessed.

        `pictures` are the names of the pictures' files, which nobody knows in this order before
        the works are awarded.
        """
        parts = "\n".join((str(DESIGN), *pictures, *astuple(self)))
        return f"mosaics/{sha256(parts.encode()).hexdigest()}.jpg"


def draw(mosaic: Mosaic, pictures: Sequence[bytes]) -> bytes:
    """Return the mosaic as JPEG; `pictures` are image files, of which the first few are shown.

    Raises poster.FontMissing.
    """
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    for picture, box in zip(pictures, places(len(pictures)), strict=False):
        _put(sheet, picture, box)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, BAND, WIDTH, BAND + 7), fill=ACCENT)
    room = WIDTH - 2 * MARGIN
    title = _fitting(mosaic.title, room)
    top = BAND + 34
    for text, font, colour in (
        (mosaic.title, title, INK),
        (mosaic.line, font_of(SANS, 32), INK),
        (mosaic.theme, font_of(SANS, 28), MUTED),
    ):
        for line in shorten(wrap(text, font, room), font, room, most=1):
            pen.text((MARGIN, top), line, font=font, fill=colour)
        top += round(font.size * 1.45)
    made = BytesIO()
    sheet.save(made, "JPEG", quality=88, optimize=True)
    return made.getvalue()


def _fitting(title: str, room: float) -> Font:
    """Return the largest type in which the title goes in one line, else the smallest."""
    for size in TITLE_SIZES:
        font = font_of(SERIF, size)
        if font.getlength(title) <= room:
            break
    return font


def places(number: int) -> list[tuple[int, int, int, int]]:
    """Return a box (left, top, right, bottom) in the band for each of so many pictures, or fewer.

    They fill the band: one, two or three side by side, or two rows.
    """
    rows = 2 if number >= 4 else 1
    columns = min(number, MOST) // rows
    if not columns:
        return []
    across = [
        (WIDTH * place // columns, WIDTH * (place + 1) // columns) for place in range(columns)
    ]
    down = [(BAND * place // rows, BAND * (place + 1) // rows) for place in range(rows)]
    return [
        (left, top, right - GAP * (right < WIDTH), bottom - GAP * (bottom < BAND))
        for top, bottom in down
        for left, right in across
    ]


def _put(sheet: Image.Image, picture: bytes, box: tuple[int, int, int, int]) -> None:
    """Fill the box with the middle of the picture."""
    left, top, right, bottom = box
    with Image.open(BytesIO(picture)) as opened:
        fitted = ImageOps.fit(opened.convert("RGB"), (right - left, bottom - top))
    sheet.paste(fitted, (left, top))

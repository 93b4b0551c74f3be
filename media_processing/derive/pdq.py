"""PDQ, a perceptual hash of 256 bits: near copies of a picture differ in few of them.

After Meta's "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019):
luminance, smoothed twice by a box (Jarosz) and thinned to 64 x 64; its lowest 16 x 16 waves by
a discrete cosine transform, without the constant one; a bit for each wave above the median.
Copies by another encoder or in another size stay within some 30 bits, strangers are 90 and more
apart. Without numpy: to import it would cost more than all that is done here.
"""

from functools import cache
from itertools import pairwise
from math import ceil, cos, pi, sqrt
from operator import add, mul, sub
from statistics import median

from PIL import Image, ImageFilter

SIDE, WAVES = 64, 16
# Windows of the box filter a picture's side; two passes make a tent twice as wide.
WINDOWS = 2 * SIDE
# The published measure: steps between neighbours, in hundredths of the range, for one point.
HUNDREDTHS_A_POINT = 90

Rows = list[list[float]]


def luminance(image: Image.Image) -> Rows:
    """Return 64 rows of 64 smoothed luminances, 0 to 255, whatever the image's shape."""
    width, height = ((ceil(side / WINDOWS) - 1) / 2 for side in image.size)
    box = ImageFilter.BoxBlur((width, height))
    smooth = image.convert("L").filter(box).filter(box)
    points = smooth.resize((SIDE, SIDE), Image.Resampling.NEAREST).tobytes()
    return [list(points[at : at + SIDE]) for at in range(0, SIDE * SIDE, SIDE)]


def waves(rows: Rows) -> Rows:
    """Return the 16 x 16 lowest waves: down the picture by row, across it by column."""
    across = [_lowest(row) for row in rows]
    down = [_lowest(list(column)) for column in zip(*across, strict=True)]
    return [list(wave) for wave in zip(*down, strict=True)]


def mirrored(found: Rows) -> Rows:
    """Return the waves of the picture seen in a mirror: left and right change places.

    Every second wave across the picture, beginning with the lowest, changes its sign.
    """
    return [[-one if at % 2 == 0 else one for at, one in enumerate(row)] for row in found]


def bits(found: Rows) -> str:
    """Return the hash of these waves: 64 hexadecimal digits, the lowest wave in the last."""
    flat = [one for row in found for one in row]
    middle = median(flat)
    number = sum(1 << at for at, one in enumerate(flat) if one > middle)
    return f"{number:0{WAVES * WAVES // 4}x}"


def quality(rows: Rows) -> int:
    """Return how much there is to see, 0 to 100; below 50 a hash tells little."""
    columns = zip(*rows, strict=True)
    steps = [abs(b - a) for line in (*rows, *columns) for a, b in pairwise(line)]
    return min(sum(int(step * 100 / 255) for step in steps) // HUNDREDTHS_A_POINT, 100)


def distance(one: str, other: str) -> int:
    """Return in how many bits two hashes differ, 0 to 256."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _lowest(line: list[float]) -> list[float]:
    """Return the 16 lowest waves of a line of 64 points, without the constant one.

    A wave is its own mirror, every second one with the other sign: half the points will do.
    """
    half, back = line[: SIDE // 2], line[::-1]
    even = list(map(add, half, back))
    odd = list(map(sub, half, back))
    return [sum(map(mul, wave, odd if at % 2 == 0 else even)) for at, wave in enumerate(_cosines())]


@cache
def _cosines() -> Rows:
    """Return the first half of each of the 16 lowest waves over 64 points."""
    scale = sqrt(2 / SIDE)
    return [
        [scale * cos(pi / 2 / SIDE * wave * (2 * point + 1)) for point in range(SIDE // 2)]
        for wave in range(1, WAVES + 1)
    ]

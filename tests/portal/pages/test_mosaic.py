"""What other sites show of the results."""

from io import BytesIO

import pytest
from PIL import Image

from portal.pages import mosaic
from portal.pages.mosaic import Mosaic

TEXT = Mosaic("第七届职工摄影与微视频作品展", "16 件获奖作品", "光影之间")


def picture(colour: str) -> bytes:
    made = BytesIO()
    Image.new("RGB", (300, 500), colour).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize("number", range(12))
def test_the_pictures_fill_the_band_and_do_not_overlap(number):
    boxes = mosaic.places(number)
    assert len(boxes) == {0: 0, 1: 1, 2: 2, 3: 3, 5: 4, 7: 6}.get(number, min(number // 2 * 2, 8))
    covered = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
    if number:
        assert covered > 0.96 * mosaic.WIDTH * mosaic.BAND
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= mosaic.WIDTH
        assert 0 <= top < bottom <= mosaic.BAND


def test_it_has_the_size_that_sites_ask_for_and_shows_the_pictures_in_order():
    made = mosaic.draw(TEXT, [picture("#ff0000"), picture("#0000ff")])
    with Image.open(BytesIO(made)) as image:
        assert (image.size, image.format) == ((1200, 630), "JPEG")
        red, blue = image.getpixel((300, 200)), image.getpixel((900, 200))
    assert red[0] > 240 > 20 > red[2]
    assert blue[2] > 240 > 20 > blue[0]


def test_a_long_title_stays_inside():
    made = mosaic.draw(Mosaic("很长的题目" * 30, "", ""), [])
    with Image.open(BytesIO(made)) as image:
        right = image.convert("L").crop((1146, 412, 1200, 630))
    assert right.getextrema()[0] > 240


def test_its_name_follows_from_what_is_on_it():
    names = {
        TEXT.name(["a", "b"]),
        TEXT.name(["b", "a"]),
        Mosaic("x", "", "").name(["a", "b"]),
    }
    assert len(names) == 3
    assert TEXT.name(["a", "b"]) in names

"""PDQ: copies are near, strangers are far, a mirror's image is found from the picture itself."""

import io
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from media_processing.derive import pdq
from media_processing.derive.recipes import moments_stride
from media_processing.derive.stills import film_prints
from tests.media_processing.makers import derive_clip, encoded, make_slideshow, make_stills

NEAR, FAR = 30, 90


def scene(seed: int, size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Clouds of many sizes, other ones for each seed: what a photo's waves look like."""
    image = Image.new("L", size, 128)
    for octave in range(2, 7):
        noise = Image.frombytes("L", (2**octave,) * 2, _bytes(seed * 7 + octave, 4**octave))
        layer = noise.resize(size, Image.Resampling.BICUBIC)
        image = Image.blend(image, layer, 0.45)
    return ImageOps.autocontrast(image).convert("RGB")


def _bytes(seed: int, count: int) -> bytes:
    found, state = bytearray(), seed * 2654435761 % 2**32 or 1
    for _ in range(count):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        found.append(state >> 8 & 0xFF)
    return bytes(found)


def hashed(image: Image.Image) -> str:
    return pdq.bits(pdq.waves(pdq.luminance(image)))


def copies(image: Image.Image) -> dict[str, Image.Image]:
    encode = {
        name: Image.open(io.BytesIO(encoded(image, *how)))
        for name, how in {
            "webp": ("WEBP",),
        }.items()
    }
    poor = Image.open(io.BytesIO(encoded(image, "JPEG", quality=30)))
    return {
        **encode,
        "poor JPEG": poor,
        "a third": image.resize((200, 133), Image.Resampling.LANCZOS),
        "twice": image.resize((1200, 800), Image.Resampling.BICUBIC),
        "brighter": ImageEnhance.Brightness(image).enhance(1.15),
        "blurred": image.filter(ImageFilter.GaussianBlur(2)),
        "grey": image.convert("L"),
    }


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_copy_is_near(seed):
    picture = scene(seed)
    found = {
        name: pdq.distance(hashed(picture), hashed(one)) for name, one in copies(picture).items()
    }
    assert {name: bits for name, bits in found.items() if bits > NEAR} == {}


def test_strangers_are_far():
    hashes = [hashed(scene(seed)) for seed in range(1, 16)]
    assert min(pdq.distance(*pair) for pair in combinations(hashes, 2)) > FAR


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_mirrors_hash_comes_from_the_pictures_own_waves(seed):
    picture = scene(seed)
    found = pdq.bits(pdq.mirrored(pdq.waves(pdq.luminance(picture))))
    assert pdq.distance(found, hashed(ImageOps.mirror(picture))) <= 10
    # The control: without it, a mirrored copy is a stranger.
    assert pdq.distance(hashed(picture), hashed(ImageOps.mirror(picture))) > FAR


@given(st.lists(st.lists(st.floats(-500, 500), min_size=16, max_size=16), min_size=16, max_size=16))
@settings(max_examples=30)
def test_a_mirror_of_a_mirror_is_the_picture(found):
    assert pdq.mirrored(pdq.mirrored(found)) == found


def test_the_hash_is_256_bits_half_of_them_set():
    found = hashed(scene(1))
    assert len(found) == 64
    assert int(found, 16).bit_count() == 128


def test_waves_are_a_cosine_transform():
    """One wave of the transform's own, put in, comes out as itself and as nothing else."""
    from math import cos, pi, sqrt

    def wave(number, point):
        return sqrt(2 / 64) * cos(pi / 128 * number * (2 * point + 1))

    rows = [[100 * wave(3, y) * wave(5, x) for x in range(64)] for y in range(64)]
    found = pdq.waves(rows)
    assert found[2][4] == pytest.approx(100)
    assert sum(abs(one) for row in found for one in row) == pytest.approx(100)


def test_quality_tells_how_much_there_is_to_see():
    assert pdq.quality(pdq.luminance(Image.new("RGB", (600, 400), "grey"))) == 0
    assert pdq.quality(pdq.luminance(scene(1))) > 50


@pytest.mark.parametrize("size", [(1, 1), (5000, 1), (63, 65), (64, 64)])
def test_any_shape_has_a_hash(size):
    assert len(hashed(Image.new("RGB", size, "red"))) == 64


def test_the_stills_bring_the_prints_of_the_whole_picture_and_of_what_a_crop_leaves(tmp_path):
    path = tmp_path / "original"
    path.write_bytes(encoded(scene(3, (1500, 1000)), "JPEG", quality=95))
    whole = scene(3, (1500, 1000))
    wanted = [whole] + [
        whole.crop(box)
        for box in [
            (75, 50, 1425, 950),
            (75, 50, 1500, 1000),
            (0, 50, 1425, 1000),
            (75, 0, 1500, 950),
            (0, 0, 1425, 950),
        ]
    ]
    found = make_stills(path, "jpeg")["prints"]
    assert [(one["moment"], one["view"]) for one in found] == [(0, at) for at in range(6)]
    assert all(one["quality"] > 50 for one in found)
    for one, picture in zip(found, wanted, strict=True):
        assert pdq.distance(one["bits"], hashed(picture)) <= NEAR


# --- Films ------------------------------------------------------------------------------------


def moments(path: Path, pictures: list[Image.Image]) -> Path:
    """What `ladder` writes: one small grey picture after the other."""
    small = [one.convert("L").resize((64, 64), Image.Resampling.BOX) for one in pictures]
    path.write_bytes(b"".join(one.tobytes() for one in small))
    return path


def test_a_film_is_told_by_what_is_new_and_when(tmp_path):
    one, other = scene(1), scene(2)
    black = Image.new("L", (600, 400))
    path = moments(tmp_path / "film", [black, one, one, other, black, one])
    found = film_prints(path)
    assert [one.moment for one in found] == [0.5, 1.5]
    assert pdq.distance(found[0].bits, hashed(one)) <= NEAR
    assert pdq.distance(found[1].bits, hashed(other)) <= NEAR


def test_of_a_long_film_fewer_moments_are_hashed_at_times_that_every_film_has(tmp_path):
    path = tmp_path / "film"
    path.write_bytes(bytes(64 * 64 * 1201))
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdq, "luminance", lambda still: seen.append(still) or [[0.0] * 64] * 64)
        film_prints(path)
    assert len(seen) == 301
    assert [moments_stride(count) for count in (0, 1, 600, 601, 1200, 1201, 2401)] == [
        *(1, 1, 1, 2, 2, 4, 8),
    ]


@pytest.mark.media
def test_a_film_through_the_ladder_has_the_hashes_of_its_pictures(tmp_path):
    shown = [scene(seed) for seed in (1, 2, 3)]
    found = derive_clip(make_slideshow(tmp_path / "film.mp4", shown)).prints
    assert [(one.moment, one.view) for one in found] == [(0, 0), (2, 0), (3.5, 0)]
    assert all(pdq.distance(a.bits, hashed(b)) <= NEAR for a, b in zip(found, shown, strict=True))


@pytest.mark.media
def test_a_film_whose_own_picture_is_kept_has_hashes_too(tmp_path):
    """Small and web-ready: nothing is encoded, and yet it is looked at."""
    path = make_slideshow(tmp_path / "film.mp4", [scene(seed, (320, 240)) for seed in (1, 2)])
    derived = derive_clip(path)
    assert [one.name for one in derived.files if one.role == "video"] == ["video-240-mp4"]
    assert [one.moment for one in derived.prints] == [0, 2]

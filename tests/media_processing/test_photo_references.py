"""Colours and orientation against libvips and ImageMagick: pixel by pixel, by code not ours."""

import io
import shutil
import subprocess

import pytest
import pyvips
from PIL import Image, ImageChops, ImageStat
from pillow_heif import register_heif_opener

from tests.media_processing.makers import (
    encoded,
    make_stills,
    quarters,
    swapped_profile,
    with_orientation,
)
from tests.media_processing.profiles import ADOBE_RGB, DISPLAY_P3, grey_profile, rgb_profile

# What WebP and the rounding of two programs leave: a mean of 2 in 255.
ALIKE = 2.0


def colourful(size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Every hue from grey to the edge of what its space can hold."""
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", [across, down, ImageChops.invert(across)])


def shown(tmp_path, content: bytes, format_name: str) -> Image.Image:
    """What we make of the file, at its largest."""
    path = tmp_path / "original"
    path.write_bytes(content)
    made = make_stills(path, format_name)
    return made["images"][made["files"][0]["name"]]


def by_vips(content: bytes) -> Image.Image:
    """What libvips makes of the file: upright, in eight bits of sRGB."""
    image = pyvips.Image.new_from_buffer(content, "").autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True, black_point_compensation=True, depth=8)
    image = image.colourspace("srgb").cast("uchar")
    image = image.extract_band(0, n=3) if image.bands > 3 else image
    return Image.frombytes("RGB", (image.width, image.height), image.write_to_memory())


def by_imagemagick(content: bytes, format_name: str) -> Image.Image:
    """What ImageMagick makes of the file: it can read a HEIC, which our libvips can't."""
    program = shutil.which("magick") or "convert-im6.q16"  # Debian's name for version 6
    command = [program, f"{format_name}:-", "png:-"]
    made = subprocess.run(command, input=content, check=True, capture_output=True, timeout=60)
    return Image.open(io.BytesIO(made.stdout)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, 0 to 255 in the worst channel."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one, other.convert("RGB"))).mean)


# --- Upright --------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "AVIF"])
def test_each_orientation_looks_as_libvips_turns_it(tmp_path, name, orientation):
    content = encoded(quarters(), name, exif=with_orientation(orientation), quality=95)
    wanted = by_vips(content)
    assert difference(shown(tmp_path, content, name.lower()), wanted) < ALIKE
    # The control: as it is stored, it looks otherwise.
    stored = quarters().resize(wanted.size)
    assert (difference(stored, wanted) < ALIKE) == (orientation == 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_of_a_heic_looks_as_imagemagick_turns_it(tmp_path, orientation):
    register_heif_opener(thumbnails=False)
    exif = with_orientation(orientation).tobytes()
    heic = encoded(quarters(), "HEIF", exif=exif, quality=95)
    assert (b"irot" in heic or b"imir" in heic) == (orientation != 1)
    wanted = by_imagemagick(heic, "heic")
    assert difference(shown(tmp_path, heic, "heic"), wanted) < ALIKE
    stored = quarters().resize(wanted.size)
    assert (difference(stored, wanted) < ALIKE) == (orientation == 1)


def test_a_heic_tells_its_upright_size_before_it_is_decoded(tmp_path):
    register_heif_opener(thumbnails=False)
    heic = encoded(quarters(), "HEIF", exif=with_orientation(6).tobytes())
    header = pyvips.Image.new_from_buffer(heic, "")
    path = tmp_path / "original"
    path.write_bytes(heic)
    facts = make_stills(path, "heic")["facts"]
    assert (facts["width"], facts["height"]) == (header.width, header.height) == (400, 600)


# --- Colours --------------------------------------------------------------------------------

PROFILES = {
    "Adobe RGB": rgb_profile(ADOBE_RGB),
    "Display P3": rgb_profile(DISPLAY_P3),
    "swapped primaries": swapped_profile(),
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_looks_as_libvips_converts_it(tmp_path, name, profile):
    options = {"subsampling": "4:4:4"} if name == "AVIF" else {}
    content = encoded(colourful(), name, icc_profile=PROFILES[profile], quality=95, **options)
    wanted = by_vips(content)
    assert difference(shown(tmp_path, content, name.lower()), wanted) < ALIKE
    # The control: were the profile dropped, the colours would be others.
    assert difference(colourful(), wanted) > 2 * ALIKE


def test_a_profile_of_a_heic_is_converted(tmp_path):
    register_heif_opener(thumbnails=False)
    profile = PROFILES["Display P3"]
    heic = encoded(colourful(), "HEIF", icc_profile=profile, quality=95, chroma=444)
    wanted = by_vips(encoded(colourful(), "PNG", icc_profile=profile))
    assert difference(shown(tmp_path, heic, "heic"), wanted) < ALIKE


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
def test_a_grey_profile_looks_as_libvips_converts_it(tmp_path, name):
    grey = colourful().getchannel("R")
    content = encoded(grey, name, icc_profile=grey_profile(1.0), quality=95)
    wanted = by_vips(content)
    assert difference(shown(tmp_path, content, name.lower()), wanted) < ALIKE
    assert difference(grey.convert("RGB"), wanted) > 20


@pytest.mark.parametrize("name", [".jpg", ".tif"])
def test_cmyk_looks_as_libvips_converts_it_by_its_own_profile(tmp_path, name):
    rgb = pyvips.Image.new_from_buffer(encoded(colourful(), "PNG"), "")
    content = rgb.icc_export(output_profile="cmyk", depth=8).write_to_buffer(name)
    assert Image.open(io.BytesIO(content)).mode == "CMYK"
    wanted = by_vips(content)
    format_name = {".jpg": "jpeg", ".tif": "tiff"}[name]
    assert difference(shown(tmp_path, content, format_name), wanted) < ALIKE
    naive = Image.open(io.BytesIO(content)).convert("RGB")
    assert difference(naive, wanted) > 2 * ALIKE


# --- Sixteen bits ---------------------------------------------------------------------------


def sixteen(image: Image.Image, ending: str, **options) -> bytes:
    """The picture in sixteen bits a channel, written by libvips."""
    flat = pyvips.Image.new_from_buffer(encoded(image, "PNG"), "")
    space = "grey16" if flat.bands < 3 else "rgb16"
    deep = (flat.cast("ushort") * 257).cast("ushort").copy(interpretation=space)
    return deep.write_to_buffer(ending, **options)


MODES = {
    "grey": colourful().getchannel("R"),
    "colour": colourful(),
    "colour and alpha": Image.merge(
        "RGBA", [*colourful().split(), Image.new("L", (600, 400), 255)]
    ),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("ending", "options"),
    [
        (".png", {}),
        (".tif", {}),
        (".tif", {"compression": "lzw", "predictor": "horizontal"}),
        (".tif", {"compression": "deflate", "tile": True}),
    ],
    ids=["png", "tiff", "tiff lzw", "tiff tiles"],
)
def test_sixteen_bits_look_as_eight(tmp_path, ending, options, mode):
    content = sixteen(MODES[mode], ending, **options)
    format_name = {".png": "png", ".tif": "tiff"}[ending]
    assert difference(shown(tmp_path, content, format_name), MODES[mode]) < ALIKE


def test_sixteen_bits_of_grey_whose_white_is_zero(tmp_path):
    content = sixteen(MODES["grey"], ".tif", miniswhite=True)
    assert difference(shown(tmp_path, content, "tiff"), MODES["grey"]) < ALIKE


def test_sixteen_bits_keep_their_profile(tmp_path):
    deep = pyvips.Image.new_from_buffer(sixteen(colourful(), ".tif"), "")
    deep = deep.copy()
    deep.set_type(pyvips.GValue.blob_type, "icc-profile-data", PROFILES["Adobe RGB"])
    content = deep.write_to_buffer(".tif")
    assert difference(shown(tmp_path, content, "tiff"), by_vips(content)) < ALIKE
    grey = pyvips.Image.new_from_buffer(sixteen(MODES["grey"], ".tif"), "").copy()
    grey.set_type(pyvips.GValue.blob_type, "icc-profile-data", grey_profile(1.0))
    content = grey.write_to_buffer(".tif")
    assert difference(shown(tmp_path, content, "tiff"), by_vips(content)) < ALIKE


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
def test_a_large_picture_is_halved_in_bands_without_a_seam(tmp_path, mode):
    large = colourful((5201, 1301))
    large.putalpha(Image.linear_gradient("L").resize(large.size))
    large = large.quantize(255) if mode == "P" else large.convert(mode)
    content = encoded(large, "PNG", compress_level=1)
    white = pyvips.Image.new_from_buffer(content, "").flatten(background=255)
    wanted = by_vips(white.thumbnail_image(2560, height=2560, size="down").write_to_buffer(".png"))
    found = shown(tmp_path, content, "png")
    assert found.size == (2560, 640)
    worst = ImageStat.Stat(ImageChops.difference(found, wanted)).extrema
    assert difference(found, wanted) < ALIKE
    assert max(high for _low, high in worst) < 40


def test_transparency_lies_on_white_as_libvips_flattens_it(tmp_path):
    alpha = Image.linear_gradient("L").resize((600, 400))
    for picture in (
        Image.merge("RGBA", [*colourful().split(), alpha]),
        Image.merge("LA", [colourful().getchannel("R"), alpha]),
    ):
        content = encoded(picture, "PNG")
        white = pyvips.Image.new_from_buffer(content, "").flatten(background=255)
        wanted = by_vips(white.write_to_buffer(".png"))
        assert difference(shown(tmp_path, content, "png"), wanted) < ALIKE

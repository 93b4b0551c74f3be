"""Photos: every format, upright, in true colours, small, and silent about their makers."""

import io
import subprocess
import sys
from base64 import b64decode

import pytest
from PIL import Image, ImageOps

from media_processing.derive import photo
from media_processing.derive.stills import TURNS
from media_processing.limits import Limits, run
from media_processing.nursery import HOME
from media_processing.rules import PHOTO_FORMATS, MediaRules, UploadRefused
from media_processing.states import Reason
from tests.media_processing.makers import (
    BLUE,
    GREEN,
    LIMITS,
    PHOTO_RULES,
    RED,
    YELLOW,
    corners,
    encoded,
    exiftool,
    ffmpeg,
    job_for,
    jpeg,
    make_stills,
    near,
    quarters,
    swapped_profile,
    with_orientation,
)

COLOURS = [RED, GREEN, BLUE, YELLOW]


def stills_of(tmp_path, content, format_name, **rules):
    path = tmp_path / "original"
    path.write_bytes(content)
    return make_stills(path, format_name, **rules)


def refusal_of(tmp_path, content, format_name, **rules):
    with pytest.raises(UploadRefused) as caught:
        stills_of(tmp_path, content, format_name, **rules)
    return caught.value


def largest(made):
    return made["images"][made["files"][0]["name"]]


def shows_the_quarters(image):
    return all(near(*pair) for pair in zip(corners(image), COLOURS, strict=True))


# --- Formats --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_each_format_comes_out_as_it_looks(tmp_path, name):
    made = stills_of(tmp_path, encoded(quarters(), name), name.lower())
    assert shows_the_quarters(largest(made))
    assert (made["facts"]["width"], made["facts"]["height"]) == (600, 400)


def test_heic_comes_out_as_it_looks(tmp_path):
    from pillow_heif import register_heif_opener

    register_heif_opener()
    made = stills_of(tmp_path, encoded(quarters(), "HEIF", quality=90), "heic")
    assert shows_the_quarters(largest(made))


@pytest.mark.parametrize(
    "drawing",
    [quarters().quantize(8), quarters().convert("RGBA"), quarters().convert("L")],
    ids=["P", "RGBA", "L"],
)
def test_every_mode_becomes_rgb(tmp_path, drawing):
    image = largest(stills_of(tmp_path, encoded(drawing, "PNG"), "png"))
    assert image.mode == "RGB"
    assert all(near(*pair) for pair in zip(corners(image), corners(drawing), strict=True))


def test_black_and_white_of_one_bit(tmp_path):
    drawing = Image.new("1", (400, 300), 1)
    drawing.paste(0, (0, 0, 200, 300))
    found = corners(largest(stills_of(tmp_path, encoded(drawing, "TIFF"), "tiff")))
    assert [one[0] < 5 for one in found] == [True, False, True, False]


def test_transparency_becomes_white_paper(tmp_path):
    content = encoded(Image.new("RGBA", (400, 300), (255, 0, 0, 0)), "PNG")
    image = largest(stills_of(tmp_path, content, "png"))
    assert near(image.getpixel((200, 150)), (255, 255, 255), by=2)


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_grey_of_sixteen_bits_is_not_clipped(tmp_path, name):
    half = Image.frombytes("I;16", (400, 300), (32896).to_bytes(2, "little") * 400 * 300)
    image = largest(stills_of(tmp_path, encoded(half, name), name.lower()))
    assert near(image.getpixel((200, 150)), (128, 128, 128), by=2)
    # The control: this is what Pillow's own conversion makes of it.
    assert half.convert("L").getpixel((0, 0)) == 255


@pytest.mark.media
@pytest.mark.parametrize(("name", "layout"), [("png", "rgb48be"), ("tiff", "rgb48le")])
def test_colours_of_sixteen_bits_are_not_clipped(tmp_path, name, layout):
    path = tmp_path / f"deep.{name}"
    quarters().save(tmp_path / "flat.png")
    ffmpeg("-i", tmp_path / "flat.png", "-pix_fmt", layout, path)
    assert shows_the_quarters(largest(make_stills(path, name)))


def test_cmyk_becomes_rgb(tmp_path):
    for name in ("JPEG", "TIFF"):
        content = encoded(quarters().convert("CMYK"), name)
        assert shows_the_quarters(largest(stills_of(tmp_path, content, name.lower())))


@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_picture_is_shown(tmp_path, name):
    others = [Image.new("RGB", (600, 400), colour) for colour in ("black", "white")]
    moving = encoded(quarters(), name, save_all=True, append_images=others, duration=100)
    assert Image.open(io.BytesIO(moving)).n_frames == 3
    assert shows_the_quarters(largest(stills_of(tmp_path, moving, name.lower())))


def test_what_has_no_white_point_is_refused(tmp_path):
    content = encoded(Image.new("F", (40, 30), 1e9), "TIFF")
    refused = refusal_of(tmp_path, content, "tiff")
    assert refused.reason == Reason.UNKNOWN_FORMAT
    assert refused.values == {"allowed": "JPEG, PNG, WebP, HEIC, AVIF, TIFF"}


# --- Colour ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_profile_is_converted_and_not_just_dropped(tmp_path, name):
    content = encoded(quarters(), name, icc_profile=swapped_profile(), quality=95)
    red, green, blue, yellow = corners(largest(stills_of(tmp_path, content, name.lower())))
    swapped = [one[::-1] for one in (red, green, blue, yellow)]
    assert all(near(*pair) for pair in zip(swapped, COLOURS, strict=True))


@pytest.mark.parametrize("broken", [b"not a profile", swapped_profile()[:200]])
def test_a_broken_profile_is_ignored(tmp_path, broken):
    content = encoded(quarters(), "PNG", icc_profile=broken)
    assert shows_the_quarters(largest(stills_of(tmp_path, content, "png")))


def test_a_profile_of_another_kind_is_ignored(tmp_path):
    content = encoded(quarters().convert("L"), "PNG", icc_profile=swapped_profile())
    image = largest(stills_of(tmp_path, content, "png"))
    assert near(image.getpixel((10, 10)), corners(quarters().convert("L"))[0])


# --- Upright --------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
def test_each_orientation_is_turned_once(tmp_path, name, orientation):
    stored = quarters()
    content = encoded(stored, name, exif=with_orientation(orientation), quality=95)
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    made = stills_of(tmp_path, content, name.lower())
    assert (made["facts"]["width"], made["facts"]["height"]) == wanted.size
    assert largest(made).size == wanted.size
    for one, other in zip(corners(largest(made)), corners(wanted), strict=True):
        assert near(one, other)


def test_the_eight_orientations_are_eight_different_pictures(tmp_path):
    """A control: were nothing turned, the test above would have to fail."""
    turned = {tuple(corners(quarters().transpose(turn))) for turn in TURNS.values()}
    assert len(turned | {tuple(corners(quarters()))}) == 8


def test_webp_is_shown_as_browsers_show_it(tmp_path):
    content = encoded(quarters(), "WEBP", exif=with_orientation(6), quality=95)
    assert shows_the_quarters(largest(stills_of(tmp_path, content, "webp")))


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_an_orientation_in_xmp_is_nobodys_business(tmp_path, name):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    content = encoded(quarters(), name, xmp=xmp, quality=95)
    assert shows_the_quarters(largest(stills_of(tmp_path, content, name.lower())))


def test_heic_is_turned_once(tmp_path):
    from pillow_heif import register_heif_opener

    register_heif_opener()
    content = encoded(quarters(), "HEIF", exif=with_orientation(6).tobytes(), quality=90)
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    made = stills_of(tmp_path, content, "heic")
    assert largest(made).size == wanted.size
    found = corners(largest(made))
    assert all(near(*pair) for pair in zip(found, corners(wanted), strict=True))


# --- Sizes ----------------------------------------------------------------------------------


def test_a_large_photo_gets_all_its_sizes(tmp_path):
    made = stills_of(tmp_path, jpeg(3000, 2000), "jpeg")
    assert [(one["name"], one["width"], one["height"]) for one in made["files"]] == [
        ("picture-2560-webp", 2560, 1707),
        ("picture-1280-webp", 1280, 853),
        ("picture-1280-jpeg", 1280, 853),
        ("picture-640-webp", 640, 427),
        ("picture-320-webp", 320, 213),
    ]
    for one in made["files"]:
        assert made["images"][one["name"]].size == (one["width"], one["height"])
        assert shows_the_quarters(made["images"][one["name"]])


def test_nothing_is_larger_than_the_original(tmp_path):
    made = stills_of(tmp_path, jpeg(200, 100), "jpeg")
    sizes = {(one["name"], one["width"], one["height"]) for one in made["files"]}
    assert sizes == {("picture-320-webp", 200, 100), ("picture-320-jpeg", 200, 100)}


def test_the_placeholder_is_the_picture_in_tiny(tmp_path):
    address = stills_of(tmp_path, jpeg(3000, 2000), "jpeg")["facts"]["placeholder"]
    assert len(address) < 400
    head, _, content = address.partition(",")
    assert head == "data:image/webp;base64"
    tiny = Image.open(io.BytesIO(b64decode(content)))
    assert tiny.size == (16, 11)
    assert all(near(*pair, by=30) for pair in zip(corners(tiny), COLOURS, strict=True))


def test_a_line_of_pixels_is_still_a_picture(tmp_path):
    made = stills_of(tmp_path, encoded(Image.new("RGB", (5000, 1), "red"), "PNG"), "png")
    assert {one["height"] for one in made["files"]} == {1}


# --- Metadata -------------------------------------------------------------------------------

TELLING = {
    "Make": "Leica",
    "Model": "M11-SECRET",
    "Software": "Editor 9",
    "Artist": "Zhang San",
    "Copyright": "Zhang San",
    "ImageDescription": "telephone 13800000000",
    "GPSLatitude": "31.2304",
    "GPSLatitudeRef": "N",
    "GPSLongitude": "121.4737",
    "GPSLongitudeRef": "E",
    "SerialNumber": "SN4711",
    "LensSerialNumber": "LS4711",
    "DateTimeOriginal": "2026:05:04 13:14:15",
    "XMP-dc:Creator": "Zhang San",
    "IPTC:By-line": "Zhang San",
    "Comment": "Zhang San",
}
# What any picture has: where the file lies, and how it is encoded.
HARMLESS_GROUPS = {"System", "File", "ExifTool", "Composite", "RIFF", "JFIF"}


def telling(tmp_path, format_name):
    """A photo that tells all this, in the format's own places, with a thumbnail where it can."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    extension = {"jpeg": "jpg", "tiff": "tif"}.get(format_name, format_name)
    path, thumbnail = tmp_path / f"telling.{extension}", tmp_path / "thumbnail.jpg"
    pillow_name = "HEIF" if format_name == "heic" else format_name.upper()
    path.write_bytes(encoded(quarters(1400, 900), pillow_name, icc_profile=swapped_profile()))
    thumbnail.write_bytes(jpeg(64, 48, comment=b"Zhang San"))
    tags = [f"-{name}={value}" for name, value in TELLING.items()]
    tags += [f"-ThumbnailImage<={thumbnail}"] if format_name == "jpeg" else []
    subprocess.run(["exiftool", "-q", "-m", "-overwrite_original", *tags, str(path)], check=True)
    return path


@pytest.mark.media
@pytest.mark.parametrize("format_name", PHOTO_FORMATS)
def test_no_derivative_tells_anything(tmp_path, format_name):
    path = telling(tmp_path, format_name)
    before = {key.split(":")[-1] for key in exiftool(path)[0]}
    assert {"GPSLatitude", "SerialNumber", "Artist", "Creator", "ProfileDescription"} <= before
    assert ("ThumbnailImage" in before) == (format_name == "jpeg")
    files = [one["path"] for one in make_stills(path, format_name)["files"]]
    assert len(files) == 5
    for found in exiftool(*files):
        groups = {key.split(":")[0] for key in found if ":" in key}
        assert groups <= HARMLESS_GROUPS
        assert "File:Comment" not in found
        text = str({key: value for key, value in found.items() if "System" not in key})
        for secret in ("Zhang", "4711", "Leica", "SECRET", "138000", "2026:05:04"):
            assert secret not in text


@pytest.mark.parametrize(
    "exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00" * 999]
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_exif_breaks_nothing(tmp_path, exif):
    made = stills_of(tmp_path, jpeg(exif=exif), "jpeg")
    assert (made["facts"]["taken_at"], made["facts"]["camera"]) == (None, "")
    assert shows_the_quarters(largest(made))


# --- Refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_truncated_file_is_damaged(tmp_path, name):
    noise = Image.effect_noise((400, 300), 80).convert("RGB")
    content = encoded(noise, name)
    assert refusal_of(tmp_path, content[: len(content) // 2], name.lower()).reason == Reason.DAMAGED


@pytest.mark.parametrize("format_name", PHOTO_FORMATS)
def test_rubbish_is_damaged(tmp_path, format_name):
    content = b"\xff\xd8\xff\xe0" + b"rubbish" * 500
    assert refusal_of(tmp_path, content, format_name).reason == Reason.DAMAGED


def test_a_format_is_opened_by_its_own_decoder_only(tmp_path):
    gif = encoded(quarters(), "GIF")
    assert refusal_of(tmp_path, gif, "jpeg").reason == Reason.DAMAGED


def test_a_flood_of_pixels_is_refused_by_its_header(tmp_path, monkeypatch):
    flood = encoded(Image.new("1", (12000, 12000)), "PNG")
    assert len(flood) < 50_000
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    refused = refusal_of(tmp_path, flood, "png")
    assert refused.reason == Reason.TOO_MANY_PIXELS
    assert refused.values == {"megapixels": 144, "max_megapixels": 120}


def test_a_small_photo_is_refused_by_its_header(tmp_path):
    refused = refusal_of(tmp_path, jpeg(600, 400), "jpeg", min_long_side=3000)
    assert refused.reason == Reason.TOO_SMALL
    assert refused.values == {"long_side": 600, "min_long_side": 3000}


# --- The process of its own -----------------------------------------------------------------


def test_the_child_makes_what_the_function_makes(tmp_path):
    path = tmp_path / "original"
    path.write_bytes(jpeg(1400, 900))
    made = photo.derive(job_for(path, "jpeg", PHOTO_RULES))
    assert [one.name for one in made.files] == [
        one["name"] for one in make_stills(path, "jpeg")["files"]
    ]
    assert made.facts["width"] == 1400


def test_the_child_brings_its_refusal(tmp_path):
    path = tmp_path / "original"
    path.write_bytes(jpeg(600, 400))
    rules = MediaRules(kind="photo", formats=("jpeg",), min_long_side=3000)
    with pytest.raises(UploadRefused) as caught:
        photo.derive(job_for(path, "jpeg", rules))
    assert caught.value.values == {"long_side": 600, "min_long_side": 3000}


def test_too_little_memory_is_a_refusal_and_no_crash(tmp_path):
    path = tmp_path / "original"
    path.write_bytes(encoded(Image.new("RGB", (5000, 5000)), "PNG"))
    with pytest.raises(UploadRefused) as caught:
        photo.derive(job_for(path, "png", PHOTO_RULES, photo_limits=Limits(60, 60, 170)))
    assert caught.value.reason == Reason.TOO_COSTLY


def test_a_decoder_that_never_ends_is_a_refusal(tmp_path, monkeypatch):
    path = tmp_path / "original"
    path.write_bytes(encoded(Image.new("RGB", (64, 64)), "PNG"))
    monkeypatch.setattr(photo, "STILLS", "tests.media_processing.endless")
    with pytest.raises(UploadRefused) as caught:
        photo.derive(job_for(path, "png", PHOTO_RULES, photo_limits=Limits(1, 60, 2048)))
    assert caught.value.reason == Reason.TOO_COSTLY


def test_the_child_knows_no_django(tmp_path):
    code = "import media_processing.derive.stills, sys; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], limits=LIMITS, folder=HOME) == "False\n"

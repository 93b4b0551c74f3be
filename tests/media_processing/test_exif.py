"""What a file tells of its making, and how it is shown to those who may see it."""

import subprocess

import pytest
from PIL import Image

from media_processing.derive.exif import read_facts
from media_processing.models import MediaAsset
from media_processing.templatetags.media_tags import making, place
from tests.media_processing.makers import encoded, make_stills, quarters

TOLD = {
    "Make": "Leica",
    "Model": "Leica Q3",
    "LensModel": "Summilux 28 f/1.7",
    "ExposureTime": "1/250",
    "FNumber": "8",
    "ISO": "100",
    "FocalLength": "28",
    "GPSLatitude": "31.2304",
    "GPSLatitudeRef": "S",
    "GPSLongitude": "121.4737",
    "GPSLongitudeRef": "W",
    "DateTimeOriginal": "2026:05:04 13:14:15",
}
NOTHING = {
    "taken_at": None,
    "camera": "",
    "lens": "",
    "exposure_seconds": None,
    "aperture": None,
    "iso": None,
    "focal_length": None,
    "latitude": None,
    "longitude": None,
}


def told(path, **tags):
    """The facts of a photo with these tags, as exiftool writes them."""
    path.write_bytes(encoded(quarters(60, 40), {".jpg": "JPEG"}.get(path.suffix, path.suffix[1:])))
    changes = [f"-{name}={value}" for name, value in tags.items()]
    subprocess.run(["exiftool", "-q", "-n", "-overwrite_original", *changes, str(path)], check=True)
    name = {".jpg": "jpeg"}.get(path.suffix, path.suffix[1:])
    found = make_stills(path, name)["facts"]
    return {key: found[key] for key in NOTHING}


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tiff", "avif"])
def test_every_format_tells_it(tmp_path, extension):
    assert told(tmp_path / f"a.{extension}", **TOLD) == {
        "taken_at": "2026-05-04T13:14:15",
        "camera": "Leica Q3",
        "lens": "Summilux 28 f/1.7",
        "exposure_seconds": pytest.approx(0.004),
        "aperture": 8.0,
        "iso": 100,
        "focal_length": 28.0,
        "latitude": pytest.approx(-31.2304, abs=1e-5),
        "longitude": pytest.approx(-121.4737, abs=1e-5),
    }


def test_a_file_that_says_nothing_has_no_facts(tmp_path):
    assert told(tmp_path / "a.jpg", Software="x") == NOTHING


@pytest.mark.parametrize(
    "tags",
    [
        {"GPSLatitude": "31", "GPSLatitudeRef": "N"},
        {"GPSLatitude": "0", "GPSLatitudeRef": "N", "GPSLongitude": "0", "GPSLongitudeRef": "E"},
        {"GPSLatitude": "31", "GPSLongitude": "121"},
    ],
    ids=["half", "nowhere", "no sides"],
)
def test_half_a_place_is_none(tmp_path, tags):
    facts = told(tmp_path / "a.jpg", **tags)
    assert (facts["latitude"], facts["longitude"]) == (None, None)


def rubbish(**details):
    image, exif = Image.new("RGB", (8, 8)), Image.Exif()
    exif.get_ifd(0x8769).update({int(tag[1:], 16): value for tag, value in details.items()})
    image.getexif = lambda: exif
    return read_facts(image)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 1e99, "x", (), None, b"\x00"])
def test_a_measure_that_is_none_is_left_out(value):
    facts = rubbish(x829A=value, x829D=value, x8827=value, x920A=value)
    assert facts == NOTHING


def test_a_text_is_cut_and_printable():
    facts = rubbish(xA434="L\x00\x1b\u202e" + "x" * 500)
    assert facts["lens"] == "L" + "x" * 119


# --- Shown ----------------------------------------------------------------------------------


def test_the_making_is_one_line():
    asset = MediaAsset(
        camera="Leica Q3",
        lens="Summilux",
        exposure_seconds=0.004,
        aperture=8.0,
        iso=100,
        focal_length=28.0,
    )
    assert making(asset) == "Leica Q3 · Summilux · 28 mm · 1/250 s · f/8 · ISO 100"
    assert making(MediaAsset(camera="Leica Q3", iso=64)) == "Leica Q3 · ISO 64"
    assert making(MediaAsset()) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"), [(1 / 8000, "1/8000 s"), (0.25, "1/4 s"), (1 / 3, "0.3 s"), (30, "30 s")]
)
def test_an_exposure_is_shown_as_cameras_do(seconds, shown):
    assert making(MediaAsset(exposure_seconds=seconds)) == shown


def test_a_place_is_shown_to_a_kilometre():
    assert place(MediaAsset(latitude=31.23041, longitude=-121.47371)) == "31.23°N 121.47°W"
    assert place(MediaAsset(latitude=0.0, longitude=5.0)) == "0.00°N 5.00°E"
    assert place(MediaAsset()) == ""

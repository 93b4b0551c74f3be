"""The first bytes say what a file is; the name must agree."""

import pytest
from PIL import Image

from media_processing.formats import FORMAT_OF_EXTENSION, HEAD_BYTES, FileName, sniff
from media_processing.rules import PHOTO_FORMATS, VIDEO_FORMATS
from tests.media_processing.makers import encoded, make_clip, quarters


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_photos_are_known_by_their_content(name):
    assert sniff(encoded(quarters(), name)[:HEAD_BYTES]) == name.lower()


def test_heic_is_known_by_its_brand():
    from pillow_heif import register_heif_opener

    register_heif_opener()
    assert sniff(encoded(quarters(64, 64), "HEIF")[:HEAD_BYTES]) == "heic"


def test_avif_is_known_by_its_brand_still_or_moving():
    assert sniff(encoded(quarters(64, 64), "AVIF")[:HEAD_BYTES]) == "avif"
    moving = encoded(quarters(64, 64), "AVIF", save_all=True, append_images=[quarters(64, 64)])
    assert moving[8:12] == b"avis"
    assert sniff(moving[:HEAD_BYTES]) == "avif"


@pytest.mark.media
@pytest.mark.parametrize("name", VIDEO_FORMATS)
def test_videos_are_known_by_their_content(tmp_path, name):
    clip = make_clip(tmp_path / f"clip.{name}", seconds=0.2)
    assert sniff(clip.read_bytes()[:HEAD_BYTES]) == name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"This is a text.",
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"<?xml version='1.0'?><MPD></MPD>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"8BPS\x00\x01",
        b"GIF89a",
        b"BM\x00\x00",
        b"PK\x03\x04",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom",
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A isom",
        b"\x1a\x45\xdf\xa3",
        b"\x1a\x45\xdf\xa3\x93\x42\x82\x88evilevil",
    ],
)
def test_everything_else_is_nothing(content):
    assert sniff(content) is None


def test_a_name_is_read_in_any_case():
    assert FileName.read("../../x/IMG_1.JPG") == FileName("jpg", "jpeg")
    assert FileName.read("no extension") == FileName("", None)
    assert FileName.read("movie.mp4.exe") == FileName("exe", None)


def test_containers_that_cameras_mix_up_agree():
    assert FileName.read("a.mov").agrees_with("mp4")
    assert FileName.read("a.mp4").agrees_with("mov")
    assert FileName.read("a.mkv").agrees_with("webm")
    assert not FileName.read("a.webm").agrees_with("mkv")
    assert not FileName.read("a.png").agrees_with("jpeg")
    assert not FileName.read("a").agrees_with("jpeg")


def test_every_format_has_an_extension():
    assert set(FORMAT_OF_EXTENSION.values()) == {*PHOTO_FORMATS, *VIDEO_FORMATS}


def test_pillow_is_not_asked_what_a_file_is():
    """A control: Pillow alone would open what the list above refuses."""
    import io

    assert Image.open(io.BytesIO(encoded(quarters(), "GIF"))).format == "GIF"

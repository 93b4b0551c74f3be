"""Photos made to hurt: refused by their header, ended by a limit, or shown without their poison."""

import io
import random
import struct
import time
import zipfile
import zlib
from contextlib import contextmanager, suppress

import pytest
from PIL import Image, PngImagePlugin
from pillow_heif import register_heif_opener

from media_processing import rules
from media_processing.derive import jpeg as jpeg_parts
from media_processing.derive import photo as photo_deriver
from media_processing.limits import Limits
from media_processing.pipeline import process_asset
from media_processing.rules import UploadRefused
from media_processing.states import Reason
from tests.media_processing.makers import (
    PHOTO_RULES,
    corners,
    encoded,
    job_for,
    jpeg,
    make_stills,
    near,
    quarters,
    with_orientation,
)

register_heif_opener(thumbnails=False)

FORMATS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "heic": "HEIF",
    "avif": "AVIF",
    "tiff": "TIFF",
}
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<html><script>alert('poison-4711')</script><?php system('poison-4711'); ?></html>"


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("poison-4711", content)
    return buffer.getvalue()


@contextmanager
def within(seconds: float):
    begin = time.process_time()
    yield
    assert time.process_time() - begin < seconds


def refusal_of(tmp_path, content: bytes, format_name: str) -> Reason:
    path = tmp_path / "original"
    path.write_bytes(content)
    with pytest.raises(UploadRefused) as caught:
        make_stills(path, format_name)
    return caught.value.reason


# --- Poison after the end, and in between ---------------------------------------------------

PAYLOADS = {"EICAR": EICAR, "script": SCRIPT, "ZIP": zipped(b"poison-4711" * 9)}
SIGNS = (b"EICAR", b"poison-4711", b"<script", b"<?php", b"PK\x03\x04")


@pytest.mark.django_db
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", FORMATS)
def test_what_follows_the_picture_is_never_served(receive, client, name, payload):
    content = encoded(quarters(), FORMATS[name]) + PAYLOADS[payload]
    asset = receive(content, f"a.{name}")
    process_asset(asset.pk)
    asset.refresh_from_db()
    assert asset.state == "ready"
    for one in asset.derivatives.all():
        answer = client.get(one.file.url)
        served = b"".join(answer.streaming_content)
        assert not [sign for sign in SIGNS if sign in served]
        assert answer["Content-Type"] == one.mime_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
    # The control: the poison was there.
    assert [sign for sign in SIGNS if sign in content]


def test_what_a_picture_carries_is_not_served(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SCRIPT.decode())
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    for name, content in {
        "png": encoded(quarters(), "PNG", pnginfo=text, exif=exif),
        "jpeg": jpeg(comment=SCRIPT, exif=exif, xmp=SCRIPT),
        "webp": encoded(quarters(), "WEBP", exif=exif, xmp=SCRIPT),
        "avif": encoded(quarters(), "AVIF", exif=exif, xmp=SCRIPT),
        "heic": encoded(quarters(), "HEIF", exif=exif.tobytes(), xmp=SCRIPT),
        "tiff": encoded(quarters(), "TIFF", exif=exif),
    }.items():
        assert b"poison-4711" in content
        path = tmp_path / f"original-{name}"
        path.write_bytes(content)
        made = make_stills(path, name)
        for one in made["files"]:
            with open(one["path"], "rb") as file:
                assert b"poison-4711" not in file.read()


def test_of_an_ultra_hdr_or_motion_photo_only_the_first_picture_is_shown(tmp_path):
    """A gain map, a second view or a film lies behind the first picture's end."""
    gain_map = encoded(Image.effect_noise((300, 200), 90), "JPEG", comment=b"poison-4711")
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"poison-4711" * 999
    several = encoded(
        quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (600, 400))]
    )
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" hdrgm:Version="1.0" GCamera:MotionPhoto="1"/>'
    path = tmp_path / "original"
    plain = jpeg()
    for content in (jpeg(xmp=xmp) + gain_map, jpeg(xmp=xmp) + film, several + gain_map + film):
        path.write_bytes(content)
        made = make_stills(path, "jpeg")
        largest = made["images"][made["files"][0]["name"]]
        assert largest.size == (600, 400)
        assert all(near(*pair) for pair in zip(corners(largest), corners(quarters()), strict=True))
        assert jpeg_parts.count_scans(content) == jpeg_parts.count_scans(plain) == 1
        for one in made["files"]:
            with open(one["path"], "rb") as file:
                assert b"poison-4711" not in file.read()


@pytest.mark.django_db
@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "heic", "avif", "tif"])
@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1",
        b"\xc5\xd0\xd3\xc6" + bytes(26),
        b"8BPS\x00\x01" + bytes(40),
        b"%PDF-1.7\n",
        b"GIF89a" + bytes(20),
        b"BM" + bytes(60),
        zipped(bytes(50_000_000)),
        zlib.compress(bytes(50_000_000)),
        b"\x1f\x8b\x08" + zlib.compress(bytes(50_000_000)),
    ],
    ids=["svg", "xml", "eps", "eps dos", "psd", "pdf", "gif", "bmp", "zip", "zlib", "gzip"],
)
def test_by_its_content_it_is_none_of_ours_whatever_its_name(receive, content, extension):
    asset = receive(content, f"a.{extension}")
    with within(5):
        process_asset(asset.pk)
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == ("refused", "name_and_content_differ")


# --- Floods ---------------------------------------------------------------------------------


def with_header(content: bytes, changes: dict[bytes, bytes]) -> bytes:
    for old, new in changes.items():
        assert content.count(old) >= 1
        content = content.replace(old, new)
    return content


def flood_of(name: str) -> bytes:
    """A small file whose header promises some 400 megapixels or more."""
    small = encoded(quarters(600, 400), FORMATS[name])
    if name == "png":
        head = b"IHDR" + struct.pack(">II", 20000, 20000) + small[24:29]
        return small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]
    if name == "jpeg":
        return with_header(small, {struct.pack(">HH", 400, 600): struct.pack(">HH", 65000, 65000)})
    if name == "tiff":
        sides = {struct.pack("<HHII", tag, 4, 1, side) for tag, side in ((256, 600), (257, 400))}
        return with_header(small, {one: one[:8] + struct.pack("<I", 60000) for one in sides})
    if name == "webp":
        extended = encoded(quarters(600, 400), "WEBP", exif=with_orientation(1))
        size = (599).to_bytes(3, "little") + (399).to_bytes(3, "little")
        return with_header(extended, {size: (16000).to_bytes(3, "little") * 2})
    sides = b"ispe" + bytes(4) + struct.pack(">II", 600, 400)
    return with_header(small, {sides: sides[:8] + struct.pack(">II", 15000, 15000)})


@pytest.mark.parametrize("name", FORMATS)
def test_a_flood_of_pixels_is_refused_before_it_is_decoded(tmp_path, monkeypatch, name):
    flood = flood_of(name)
    assert len(flood) < 1_000_000
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    with within(5):
        reason = refusal_of(tmp_path, flood, name)
    # WebP's own reader sees that the two sizes in our file contradict each other.
    assert reason == (Reason.DAMAGED if name == "webp" else Reason.TOO_MANY_PIXELS)


def moving(name: str) -> bytes:
    """An animation of 12 pictures of one megapixel, of next to no bytes."""
    frames = [Image.new("L", (1250, 800), shade).convert("RGB") for shade in (10, 200) * 6]
    options = {"webp": {"lossless": True, "quality": 0, "method": 0}, "avif": {"speed": 10}}
    return encoded(
        frames[0], FORMATS[name], save_all=True, append_images=frames[1:], **options.get(name, {})
    )


@pytest.mark.parametrize("name", ["png", "webp", "avif"])
def test_a_flood_of_frames_is_refused_by_its_header(tmp_path, monkeypatch, name):
    flood = moving(name)
    assert len(flood) < 100_000
    with monkeypatch.context() as patch:
        patch.setitem(rules.MAX_PIXELS, "photo", 11_999_999)
        patch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
        assert refusal_of(tmp_path, flood, name) == Reason.TOO_MANY_FRAMES
    # The control: one more pixel allowed, and it is taken.
    monkeypatch.setitem(rules.MAX_PIXELS, "photo", 12_000_000)
    assert make_stills(tmp_path / "original", name)["facts"]["width"] == 1250


# --- Bombs ----------------------------------------------------------------------------------


def scans_bomb(side: int, scans: int) -> bytes:
    """A progressive JPEG that repeats its last scan: tiny, and each time as dear to decode."""
    honest = encoded(Image.new("L", (side, side), 77), "JPEG", progressive=True)
    last = honest.rindex(b"\xff\xda")
    return honest[:last] + honest[last:-2] * scans + b"\xff\xd9"


def seconds_of(content: bytes) -> float:
    begin = time.process_time()
    with Image.open(io.BytesIO(content)) as image:
        image.load()
    return time.process_time() - begin


def test_a_bomb_of_scans_is_refused_before_it_is_decoded(tmp_path):
    bomb = scans_bomb(8000, 3000)
    assert len(bomb) < 8_000_000
    with within(5):
        assert refusal_of(tmp_path, bomb, "jpeg") == Reason.TOO_COSTLY
    # The control: Pillow works on it, in proportion to its scans, and finds nothing wrong.
    assert seconds_of(scans_bomb(1000, 600)) > 10 * seconds_of(scans_bomb(1000, 1))


def test_a_bomb_of_scans_that_passes_is_ended_by_the_limit(tmp_path, monkeypatch):
    path = tmp_path / "original"
    path.write_bytes(scans_bomb(10900, jpeg_parts.MOST_SCANS - 10))
    begin = time.monotonic()
    with pytest.raises(UploadRefused) as caught:
        photo_deriver.derive(job_for(path, "jpeg", PHOTO_RULES, photo_limits=Limits(1, 120, 2048)))
    assert caught.value.reason == Reason.TOO_COSTLY
    assert time.monotonic() - begin < 60


def test_an_ordinary_progressive_jpeg_is_taken(tmp_path):
    path = tmp_path / "original"
    path.write_bytes(jpeg(progressive=True))
    assert 1 < jpeg_parts.count_scans(path.read_bytes()) < jpeg_parts.MOST_SCANS
    assert make_stills(path, "jpeg")["facts"]["width"] == 600


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff" * 500_000 + b"\x00"]
)
def test_counting_scans_survives_anything(content):
    with within(5):
        assert jpeg_parts.count_scans(content) == 0


def png_with(kind: bytes, content: bytes) -> bytes:
    """A good picture with one more chunk before its data."""
    picture, body = encoded(quarters(), "PNG"), kind + content
    chunk = struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
    return picture[:33] + chunk + picture[33:]


BOMB = zlib.compress(bytes(200_000_000), 9)
METADATA_BOMBS = {
    "zTXt": png_with(b"zTXt", b"Comment\x00\x00" + BOMB),
    "iTXt": png_with(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + BOMB),
    "iCCP": png_with(b"iCCP", b"ICC\x00\x00" + BOMB),
}


@pytest.mark.parametrize("kind", METADATA_BOMBS)
def test_a_bomb_in_the_metadata_is_refused_by_its_header(tmp_path, kind):
    with within(5):
        assert refusal_of(tmp_path, METADATA_BOMBS[kind], "png") == Reason.DAMAGED


@pytest.mark.parametrize("kind", ["zTXt", "iTXt"])
def test_without_pillows_limit_the_bomb_would_go_off(monkeypatch, kind):
    """A control: our decoder relies on this limit, so an upgrade must not lose it."""
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_CHUNK", 10**9)
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_MEMORY", 10**9)
    image = Image.open(io.BytesIO(METADATA_BOMBS[kind]))
    assert len(image.text["Comment"]) == 200_000_000


def test_a_flood_of_texts_is_refused(tmp_path):
    picture, text = encoded(quarters(), "PNG"), zlib.compress(bytes(1_000_000), 9)
    body = b"zTXtA\x00\x00" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with within(5):
        flood = picture[:33] + chunk * 100 + picture[33:]
        assert refusal_of(tmp_path, flood, "png") == Reason.DAMAGED


# --- Broken ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.filterwarnings("ignore")
def test_a_corrupt_file_is_shown_or_refused_but_never_an_error(tmp_path, name):
    good = encoded(Image.effect_noise((64, 48), 60).convert("RGB"), FORMATS[name])
    dice = random.Random(name)
    path = tmp_path / "original"
    for _ in range(40):
        broken = bytearray(good)
        for _ in range(dice.randrange(1, 8)):
            broken[dice.randrange(12, len(broken))] = dice.randrange(256)
        path.write_bytes(broken)
        with suppress(UploadRefused):
            make_stills(path, name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.filterwarnings("ignore")
def test_a_file_cut_anywhere_is_refused_or_whole(tmp_path, name):
    good = encoded(Image.effect_noise((64, 48), 60).convert("RGB"), FORMATS[name])
    path = tmp_path / "original"
    for share in range(1, 9):
        path.write_bytes(good[: len(good) * share // 10])
        with pytest.raises(UploadRefused):
            make_stills(path, name)

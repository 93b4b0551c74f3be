"""Videos made to lie, to reach for other files, or to cost: each is refused, and why.

Each limit has its control: without it the harm is there.
"""

import struct
from contextlib import suppress
from pathlib import Path

import pytest

from media_processing import probe
from media_processing.derive import clip, ladder
from media_processing.limits import Limits
from media_processing.rules import MediaRules, UploadRefused
from media_processing.states import Reason
from tests.media_processing.makers import (
    derive_clip,
    ffmpeg,
    ffprobe,
    make_clip,
    paths_of,
    refused_clip,
)

pytestmark = pytest.mark.media

FTYP = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 512, b"mp42")


# --- Texts that lead elsewhere --------------------------------------------------------------


def texts(secret: Path) -> dict[str, str]:
    here = f"file://{secret}"
    return {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{here}\n#EXT-X-ENDLIST\n",
        "m3u8 by name": f"#EXTM3U\n#EXTINF:1,\n{secret.name}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile {secret.name}\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n",
        "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        f"<Period><AdaptationSet><Representation><BaseURL>{here}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>",
        "subtitles": "1\n00:00:01,000 --> 00:00:02,000\nfile:///etc/passwd\n",
    }


@pytest.mark.parametrize("kind", list(texts(Path("x"))))
@pytest.mark.parametrize("name", ["mp4", "mkv"])
@pytest.mark.parametrize("head", [b"", FTYP], ids=["plain", "behind a head of MP4"])
def test_a_text_opens_no_other_file(tmp_path, kind, name, head):
    secret = make_clip(tmp_path / "another-entrants.mp4", seconds=0.4)
    path = tmp_path / f"clip.{name}"
    path.write_bytes(head + texts(secret)[kind].encode())
    assert refused_clip(path).reason == Reason.DAMAGED


def test_without_the_whitelist_it_would_have(tmp_path):
    """The control."""
    secret = make_clip(tmp_path / "another-entrants.mp4", seconds=0.4)
    path = tmp_path / "clip.mp4"
    path.write_text(texts(secret)["concat"])
    assert ffprobe(path)["streams"][0]["width"] == 320


def test_a_reference_inside_an_mp4_leads_nowhere(tmp_path):
    """QuickTime may keep its data in another file, named in its `dref`."""
    path = make_clip(tmp_path / "clip.mov", seconds=0.4)
    content = path.read_bytes()
    elsewhere = content.replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")
    elsewhere = elsewhere.replace(b"alis\x00\x00\x00\x01", b"alis\x00\x00\x00\x00")
    path.write_bytes(elsewhere)
    with suppress(UploadRefused):
        for film in paths_of(derive_clip(path), "video"):
            assert ffprobe(film)["streams"][0]["width"] == 320


# --- Headers that lie -----------------------------------------------------------------------


def claiming(path: Path, seconds: float, claimed: float) -> Path:
    """A Matroska film whose header claims another length."""
    make_clip(path, seconds=seconds, size="160x120", sound=False)
    content = path.read_bytes()
    at = content.index(b"\x44\x89\x88") + 3
    path.write_bytes(content[:at] + struct.pack(">d", claimed * 1000) + content[at + 8 :])
    return path


def test_a_bomb_of_time_is_cut_off_and_refused(tmp_path):
    path = claiming(tmp_path / "clip.mkv", seconds=60, claimed=2)
    assert probe.read_header(path, "mkv").seconds == 2
    told = []
    refused = refused_clip(path, report=lambda step, percent: told.append(step))
    assert refused.reason == Reason.DAMAGED
    assert "poster" not in told


def test_without_the_cap_all_of_it_is_decoded(tmp_path, monkeypatch):
    """The control."""
    monkeypatch.setattr(clip, "_most_seconds", lambda rules, header: None)
    monkeypatch.setattr(clip, "_compare_seconds", lambda header, made: None)
    path = claiming(tmp_path / "clip.mkv", seconds=60, claimed=2)
    assert derive_clip(path).facts["seconds"] == pytest.approx(60, abs=0.2)


def test_a_section_limit_holds_whatever_the_header_says(tmp_path):
    path = claiming(tmp_path / "clip.mkv", seconds=12, claimed=4)
    rules = MediaRules(kind="video", formats=("mkv",), max_seconds=5)
    assert refused_clip(path, rules).reason == Reason.DAMAGED


def test_a_film_shorter_than_it_says_is_damaged(tmp_path):
    path = claiming(tmp_path / "clip.mkv", seconds=2, claimed=30)
    assert refused_clip(path).reason == Reason.DAMAGED


def with_holes(path: Path) -> Path:
    """A film in whose middle half nothing can be read; its header and its end are whole."""
    whole = path.with_name("whole.mp4")
    codecs = ["-c:v", "libx264", "-g", "1", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", *codecs, whole)
    content = bytearray(whole.read_bytes())
    start = content.index(b"mdat") + 4
    length = len(content) - start
    content[start + length // 4 : start + 3 * length // 4] = bytes(3 * length // 4 - length // 4)
    path.write_bytes(content)
    return path


def test_a_film_with_holes_is_damaged(tmp_path):
    assert refused_clip(with_holes(tmp_path / "clip.mp4")).reason == Reason.DAMAGED


def test_without_counting_frames_it_would_pass(tmp_path, monkeypatch):
    """The control: its length is right."""
    monkeypatch.setattr(clip, "_compare_frames", lambda header, frames: None)
    derived = derive_clip(with_holes(tmp_path / "clip.mp4"))
    assert derived.facts["seconds"] == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_copied_film_that_ends_too_early_is_damaged(tmp_path, share):
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=5", "-c:v", "libx264"),
        *("-g", "50", "-crf", "35", "-pix_fmt", "yuv420p", "-movflags", "+faststart", whole),
    )
    content = whole.read_bytes()
    cut.write_bytes(content[: int(len(content) * share)])
    assert refused_clip(cut).reason == Reason.DAMAGED


# --- Sizes and costs ------------------------------------------------------------------------


def test_a_picture_too_large_to_decode_is_refused_by_its_header(tmp_path, monkeypatch):
    path = make_clip(tmp_path / "clip.mp4", seconds=0.2)
    monkeypatch.setitem(clip.check_pixels.__globals__["MAX_PIXELS"], "video", 320 * 240 - 1)
    monkeypatch.setattr(clip, "_transcode", lambda *args: pytest.fail("it was decoded"))
    assert refused_clip(path).reason == Reason.TOO_MANY_PIXELS


def test_a_picture_that_grows_on_the_way_is_not_decoded(tmp_path, monkeypatch):
    """The header is checked once; a stream may change its size at any keyframe."""
    parts = b""
    for size in ("320x240", "1280x960"):
        part = tmp_path / f"{size}.ts"
        picture = f"testsrc2=size={size}:rate=25:duration=2"
        ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-pix_fmt", "yuv420p", part)
        parts += part.read_bytes()
    (tmp_path / "both.ts").write_bytes(parts)
    path = tmp_path / "clip.mkv"
    ffmpeg("-i", tmp_path / "both.ts", "-c", "copy", path)
    monkeypatch.setitem(ladder.MAX_PIXELS, "video", 640 * 480)
    assert refused_clip(path).reason == Reason.DAMAGED


def test_a_film_that_costs_too_much_is_ended(tmp_path):
    path = make_clip(tmp_path / "clip.mp4", seconds=20, size="1280x720")
    assert refused_clip(path, video_limits=Limits(1, 60, 2048)).reason == Reason.TOO_COSTLY


def test_what_is_neither_picture_nor_sound_is_left_out(tmp_path):
    subtitles, attached = tmp_path / "words.srt", tmp_path / "virus.ttf"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nSECRET\n")
    attached.write_bytes(b"SECRET" * 100)
    plain, path = make_clip(tmp_path / "plain.mp4"), tmp_path / "clip.mkv"
    streams = ["-map", "0", "-map", "1", "-c", "copy", "-c:s", "srt"]
    font = ["-attach", attached, "-metadata:s:t", "mimetype=application/x-truetype-font"]
    ffmpeg("-i", plain, "-i", subtitles, *streams, *font, path)
    (film,) = paths_of(derive_clip(path), "video")
    assert [one["codec_type"] for one in ffprobe(film)["streams"]] == ["video", "audio"]
    assert b"SECRET" not in film.read_bytes()

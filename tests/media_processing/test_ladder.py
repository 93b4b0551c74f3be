"""The rungs of a video: made at once, each plays by itself and by HLS, none above the source."""

import re
import subprocess
from pathlib import Path

import pytest

from media_processing.derive import program
from media_processing.derive.playlists import NoIndex, read_index, with_addresses
from media_processing.derive.webready import is_web_ready
from media_processing.probe import read_header
from tests.media_processing.makers import (
    VIDEO_RULES,
    derive_clip,
    ffmpeg,
    ffprobe,
    job_for,
    make_clip,
    paths_of,
    raw,
)

pytestmark = pytest.mark.media

EACH_FRAME = ("-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo")


def web_ready(path: Path, *options: str, seconds: float = 5) -> Path:
    """A 720p clip as an editing program exports it for the web."""
    picture = f"testsrc2=size=1280x720:rate=25:duration={seconds}"
    ffmpeg(
        *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=duration={seconds}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "35", "-g", "50", "-c:a", "aac"),
        *("-pix_fmt", "yuv420p", "-color_range", "tv", *options, path),
    )
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ladder")


@pytest.fixture(scope="module")
def film(folder):
    """A clip that can't be copied: its keyframes are too far apart."""
    return derive_clip(web_ready(folder / "film.mp4", "-g", "500", "-bf", "3", seconds=5.4))


def keyframes(path: Path) -> list[float]:
    questions = ["-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"]
    program = ["ffprobe", "-v", "error", *questions, str(path)]
    lines = subprocess.run(program, check=True, capture_output=True, text=True).stdout.split()
    return [round(float(line.split(",")[0]), 2) for line in lines if ",K" in line]


def test_there_is_a_rung_for_each_size_below_the_source(film):
    made = [(one.name, one.width, one.height) for one in film.files if one.role == "video"]
    assert made == [("video-720-mp4", 1280, 720), ("video-480-mp4", 852, 480)]


def test_one_process_makes_them_all(tmp_path, monkeypatch):
    programs, run = [], program.run

    def note(arguments, **options):
        programs.append(arguments)
        return run(arguments, **options)

    monkeypatch.setattr(program, "run", note)
    derive_clip(make_clip(tmp_path / "clip.mp4", size="1280x720", seconds=0.4))
    assert [one.count("libx264") for one in programs if "libx264" in one] == [2]


def test_a_player_may_change_rungs_at_any_keyframe(film):
    times = [keyframes(path) for path in paths_of(film, "video")]
    assert times == [[0, 2, 4], [0, 2, 4]]


def test_each_rung_plays_by_itself_and_begins_with_its_index(film):
    for path in paths_of(film, "video"):
        found = ffprobe(path)
        assert float(found["format"]["duration"]) == pytest.approx(5.4, abs=0.05)
        content = path.read_bytes()
        places = [content.index(kind) for kind in (b"ftyp", b"moov", b"sidx", b"moof", b"mdat")]
        assert places == sorted(places)


def test_the_segments_cover_the_file_to_its_last_byte(film):
    for path in paths_of(film, "video"):
        with path.open("rb") as file:
            index = read_index(file)
        content = path.read_bytes()
        assert [round(one.seconds, 1) for one in index.segments] == [2, 2, 1.4]
        for one, following in zip(index.segments, [*index.segments[1:], None], strict=True):
            assert content[one.first + 4 : one.first + 8] == b"moof"
            assert one.first + one.length == (following.first if following else len(content))
        assert content[index.head_bytes + 4 : index.head_bytes + 8] == b"sidx"


def test_the_playlists_lead_to_the_rungs_by_bytes(film, tmp_path):
    names = {}
    for one in film.files:
        if one.role not in ("video", "playlist"):
            continue
        source = Path(one.path)
        target = tmp_path / source.stem[-2:] / source.name
        target.parent.mkdir(exist_ok=True)
        if one.role == "playlist":
            target.write_text(with_addresses(source.read_text(), names))
        else:
            target.write_bytes(source.read_bytes())
        names[one.name] = f"{target.parent.name}/{target.name}"
    master = tmp_path / names["playlist-master"]
    found = ffprobe(master)
    assert float(found["format"]["duration"]) == pytest.approx(5.4, abs=0.05)
    sizes = {one["height"] for one in found["streams"] if one["codec_type"] == "video"}
    assert sizes == {720, 480}
    assert len(raw(master, "-map", "0:v:0", "-f", "framecrc").splitlines()) >= 135


def test_the_master_tells_what_a_player_chooses_by(film):
    (path,) = [Path(one.path) for one in film.files if one.name == "playlist-master"]
    variants = re.findall(r"#EXT-X-STREAM-INF:(.*)\n(.*)\n", path.read_text())
    assert [address for _, address in variants] == ["made:playlist-480", "made:playlist-720"]
    for facts, _ in variants:
        assert re.search(r"\bBANDWIDTH=[1-9]\d+", facts)
        assert re.search(r'CODECS="avc1\.64[0-9a-f]{4},mp4a\.40\.2"', facts)
    assert "RESOLUTION=852x480" in variants[0][0]


def test_a_playlist_says_nothing_but_what_a_player_needs(film):
    tags = {
        *("#EXTM3U", "#EXT-X-VERSION", "#EXT-X-TARGETDURATION", "#EXT-X-PLAYLIST-TYPE"),
        *("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-MAP", "#EXTINF", "#EXT-X-BYTERANGE"),
        *("#EXT-X-STREAM-INF", "#EXT-X-ENDLIST"),
    }
    for path in paths_of(film, "playlist"):
        lines = path.read_text().splitlines()
        assert {line.split(":")[0] for line in lines if line.startswith("#")} <= tags
        assert all(line.startswith(("#", "made:")) for line in lines)


def test_what_has_no_index_in_front_is_no_rung(tmp_path):
    with make_clip(tmp_path / "plain.mp4").open("rb") as file, pytest.raises(NoIndex):
        read_index(file)


def test_sound_and_picture_stay_in_step(tmp_path):
    """A white picture and a tone, both from 2.0 s on; each rung shows them together."""
    path = tmp_path / "clip.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=black:size=1280x720:rate=25:duration=3"),
        *("-f", "lavfi", "-i", "sine=duration=3"),
        *("-vf", "drawbox=c=white:t=fill:enable='gte(t,2)'", "-af", "volume=0:enable='lt(t,2)'"),
        *("-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p", "-c:a", "aac", path),
    )
    for rung in paths_of(derive_clip(path), "video"):
        frames = raw(rung, *EACH_FRAME, "-vf", "scale=1:1", "-pix_fmt", "gray")
        bright = next(place for place, value in enumerate(frames) if value > 128) / 25
        # Each sample at its time: the encoder's first ones come before the picture.
        at_its_time = ("-copyts", "-af", "aresample=async=1:first_pts=0")
        sound = raw(rung, *at_its_time, "-ac", "1", "-ar", "8000", "-f", "u8")
        loud = next(place for place, value in enumerate(sound) if abs(value - 128) > 20) / 8000
        assert bright == pytest.approx(2, abs=0.02)
        assert loud == pytest.approx(bright, abs=0.04)


# --- The source is web-ready ----------------------------------------------------------------


def test_a_web_ready_picture_is_copied_and_only_lower_rungs_are_encoded(folder):
    source = web_ready(folder / "ready.mp4")
    derived = derive_clip(source)
    top, lower = paths_of(derived, "video")
    pictures = [raw(path, *EACH_FRAME) for path in (source, top)]
    assert pictures[0] == pictures[1]
    assert keyframes(top) == keyframes(lower) == keyframes(source) == [0, 2, 4]
    assert b"x264" in source.read_bytes()
    assert b"x264" not in top.read_bytes()


@pytest.mark.parametrize(
    ("options", "ready"),
    [
        ((), True),
        (("-profile:v", "baseline", "-bf", "0"), True),
        (("-g", "500"), False),
        (("-g", "1"), False),
        (("-pix_fmt", "yuv422p"), False),
        (("-pix_fmt", "yuv420p10le"), False),
        (("-crf", "1"), False),
        (("-vf", "setsar=2"), False),
        (("-c:a", "ac3"), False),
        (("-color_trc", "arib-std-b67"), False),
        (("-flags", "+ildct+ilme", "-x264-params", "tff=1"), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_web_ready(tmp_path, options, ready):
    path = web_ready(tmp_path / "clip.mp4", *options, seconds=6)
    assert is_web_ready(job_for(path, "mp4", VIDEO_RULES), read_header(path, "mp4")) is ready


def test_what_must_be_turned_or_hides_frames_is_not(tmp_path):
    whole = web_ready(tmp_path / "whole.mp4")
    turned, trimmed = tmp_path / "turned.mp4", tmp_path / "trimmed.mp4"
    ffmpeg("-i", whole, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned)
    ffmpeg("-ss", "1", "-i", whole, "-c", "copy", trimmed)
    for path in (turned, trimmed):
        assert not is_web_ready(job_for(path, "mp4", VIDEO_RULES), read_header(path, "mp4"))


def test_a_small_clip_is_encoded_as_nothing_else_would_prove_that_it_decodes(tmp_path):
    path = make_clip(tmp_path / "clip.mp4", size="640x480", seconds=2)
    assert not is_web_ready(job_for(path, "mp4", VIDEO_RULES), read_header(path, "mp4"))


def test_a_copy_carries_no_notes_of_a_stranger(tmp_path):
    payload = "<script>alert(1)</script>"
    note = f"086f3693-b7b3-4f2c-9653-21492feee5b8+{payload}"
    path = web_ready(tmp_path / "clip.mp4", "-bsf:v", f"h264_metadata=sei_user_data={note}")
    content = path.read_bytes()
    assert payload.encode() in content
    path.write_bytes(content + b"PK\x03\x04 a ZIP behind the end")
    derived = derive_clip(path)
    assert is_web_ready(job_for(path, "mp4", VIDEO_RULES), read_header(path, "mp4"))
    for one in derived.files:
        made = Path(one.path).read_bytes()
        assert payload.encode() not in made
        assert b"a ZIP behind" not in made


def test_a_copied_picture_gets_sound_as_loud_as_the_others(folder):
    derived = derive_clip(web_ready(folder / "quiet.mp4", "-af", "volume=-12dB"))
    for path in paths_of(derived, "video"):
        assert loudness_of(path) == pytest.approx(-16, abs=0.7)


def loudness_of(path: Path) -> float:
    program = ["ffmpeg", "-nostdin", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    words = subprocess.run(program, check=True, capture_output=True, text=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", words)[-1])

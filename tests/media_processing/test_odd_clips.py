"""What cameras and phones make: each comes out upright, in the right size, length and step."""

from pathlib import Path

import pytest

from tests.media_processing.makers import derive_clip, ffmpeg, ffprobe, make_clip, paths_of

pytestmark = pytest.mark.media


def film_of(source: Path) -> Path:
    return paths_of(derive_clip(source), "video")[0]


def facts(path: Path) -> tuple[int, int, float, set[str]]:
    """Width, height, seconds and kinds of streams; what browsers need is asserted."""
    found = ffprobe(path)
    streams = {one["codec_type"]: one for one in found["streams"]}
    video = streams["video"]
    assert (video["codec_name"], video["pix_fmt"]) == ("h264", "yuv420p")
    assert video.get("sample_aspect_ratio", "1:1") == "1:1"
    assert "side_data_list" not in video
    return video["width"], video["height"], float(found["format"]["duration"]), set(streams)


def encoded(path: Path, *codecs: str, size: str = "320x240", seconds: float = 2) -> Path:
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=duration={seconds}", "-c:a", "aac", *codecs, path),
    )
    return path


@pytest.mark.parametrize(
    ("name", "codecs", "size", "wanted"),
    [
        (
            "clip.mp4",
            ["-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le"],
            "320x240",
            (320, 240),
        ),
        ("clip.mov", ["-c:v", "prores_ks", "-profile:v", "3"], "320x240", (320, 240)),
        ("clip.mov", ["-c:v", "prores_ks", "-profile:v", "4444"], "320x240", (320, 240)),
        ("clip.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv444p"], "321x241", (320, 240)),
        ("clip.mov", ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"], "322x182", (322, 182)),
        ("clip.avi", ["-c:v", "mpeg4"], "176x144", (176, 144)),
    ],
    ids=["HEVC 10 bits", "ProRes", "ProRes 4444", "odd 4:4:4", "full range", "MPEG-4"],
)
def test_each_codec_comes_out_as_what_browsers_play(tmp_path, name, codecs, size, wanted):
    width, height, seconds, kinds = facts(film_of(encoded(tmp_path / name, *codecs, size=size)))
    assert (width, height, kinds) == (*wanted, {"video", "audio"})
    assert seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_phone_held_upright(tmp_path, degrees):
    plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mov"
    encoded(plain, "-pix_fmt", "yuv420p", size="1280x720", seconds=1)
    ffmpeg("-i", plain, "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", turned)
    derived = derive_clip(turned)
    sizes = [facts(path)[:2] for path in paths_of(derived, "video")]
    assert sizes == [(720, 1280), (480, 852)]


def test_a_variable_frame_rate_keeps_its_length(tmp_path):
    """Frames come at 25 a second, then at 5: as a phone in the dark does it."""
    path = tmp_path / "clip.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4"),
        *("-f", "lavfi", "-i", "sine=duration=4", "-vf", "select='lt(t,2)+not(mod(n,5))'"),
        *("-fps_mode", "vfr", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", path),
    )
    assert facts(film_of(path))[2] == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("rate", ["24000/1001", "15", "120"])
def test_any_frame_rate(tmp_path, rate):
    path = tmp_path / "clip.mp4"
    picture = f"testsrc2=size=320x240:rate={rate}:duration=2"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-pix_fmt", "yuv420p", path)
    film = film_of(path)
    assert facts(film)[2] == pytest.approx(2, abs=0.2)
    rate, per = map(int, ffprobe(film)["streams"][0]["avg_frame_rate"].split("/"))
    assert rate / per <= 61


def test_sound_longer_than_the_picture_is_heard_to_its_end(tmp_path):
    path = tmp_path / "clip.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2"),
        *("-f", "lavfi", "-i", "sine=duration=4", "-pix_fmt", "yuv420p", "-c:a", "aac", path),
    )
    derived = derive_clip(path)
    assert derived.facts["seconds"] == pytest.approx(2, abs=0.1)
    film = paths_of(derived, "video")[0]
    assert facts(film)[2] == pytest.approx(4, abs=0.2)
    playlist = paths_of(derived, "playlist")[0].read_text()
    lengths = [float(line[8:-1]) for line in playlist.splitlines() if line.startswith("#EXTINF")]
    assert sum(lengths) == pytest.approx(4, abs=0.2)


def test_a_picture_later_than_the_sound_waits_for_its_moment(tmp_path):
    path = tmp_path / "clip.mkv"
    plain = make_clip(tmp_path / "plain.mp4", seconds=2)
    inputs = ["-itsoffset", "0.5", "-i", plain, "-i", plain]
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", path)
    streams = {one["codec_type"]: one for one in ffprobe(film_of(path))["streams"]}
    assert float(streams["video"]["start_time"]) == pytest.approx(0, abs=0.05)
    assert float(streams["video"]["duration"]) == pytest.approx(2.5, abs=0.1)


def test_no_sound_stays_no_sound(tmp_path):
    assert facts(film_of(make_clip(tmp_path / "clip.mp4", sound=False)))[3] == {"video"}


def test_interlaced_pictures_show_no_comb(tmp_path):
    path = tmp_path / "clip.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=50:duration=1"),
        *("-vf", "tinterlace=interleave_top,setfield=tff", "-c:v", "prores_ks", path),
    )
    (video,) = ffprobe(film_of(path))["streams"]
    assert video.get("field_order", "progressive") == "progressive"
    assert float(video["duration"]) == pytest.approx(1, abs=0.2)

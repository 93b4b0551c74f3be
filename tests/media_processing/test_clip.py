"""Videos: clips that play everywhere, upright, silent about their maker, with a poster."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from media_processing.derive import clip
from media_processing.limits import Limits
from media_processing.probe import read_header
from media_processing.rules import VIDEO_FORMATS, MediaRules
from media_processing.states import Reason
from tests.media_processing.makers import derive_clip as derive
from tests.media_processing.makers import (
    exiftool,
    ffmpeg,
    ffprobe,
    jpeg,
    loaded,
    make_clip,
    paths_of,
)
from tests.media_processing.makers import refused_clip as refusal

pytestmark = pytest.mark.media


def film_of(derived) -> Path:
    """The largest rung."""
    return paths_of(derived, "video")[0]


def count_frames(path: Path) -> int:
    questions = ["-v", "error", "-count_packets", "-select_streams", "v", "-of", "csv=p=0"]
    program = ["ffprobe", *questions, "-show_entries", "stream=nb_read_packets", str(path)]
    return int(subprocess.run(program, check=True, capture_output=True).stdout)


def streams_of(path: Path):
    return {one["codec_type"]: one for one in ffprobe(path)["streams"]}


@pytest.mark.parametrize("name", VIDEO_FORMATS)
def test_each_container_becomes_an_mp4_that_plays_everywhere(tmp_path, name):
    derived = derive(make_clip(tmp_path / f"clip.{name}"))
    film = film_of(derived)
    streams = streams_of(film)
    assert ffprobe(film)["format"]["format_name"] == "mov,mp4,m4a,3gp,3g2,mj2"
    assert (streams["video"]["codec_name"], streams["video"]["profile"]) == ("h264", "High")
    assert (streams["video"]["pix_fmt"], streams["audio"]["codec_name"]) == ("yuv420p", "aac")
    assert (streams["video"]["width"], streams["video"]["height"]) == (320, 240)
    assert abs(derived.facts["seconds"] - 1) <= 0.2
    assert count_frames(film) == 25


def test_it_starts_before_all_of_it_has_come(tmp_path):
    content = film_of(derive(make_clip(tmp_path / "clip.mp4"))).read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_a_clip_without_sound_stays_silent(tmp_path):
    film = film_of(derive(make_clip(tmp_path / "clip.mp4", sound=False)))
    assert set(streams_of(film)) == {"video"}


def test_a_large_clip_is_made_small_by_its_short_side(tmp_path):
    derived = derive(make_clip(tmp_path / "clip.mp4", size="1280x960", seconds=0.4))
    films = [one for one in derived.files if one.role == "video"]
    assert [(film.name, film.width, film.height) for film in films] == [
        ("video-960-mp4", 1280, 960),
        ("video-720-mp4", 960, 720),
        ("video-480-mp4", 640, 480),
    ]
    assert (derived.facts["width"], derived.facts["height"]) == (1280, 960)


def half_red(path: Path) -> Path:
    """A clip whose upper half is red, its lower half blue."""
    blue_below = "color=red:size=320x240:rate=25:duration=0.5,drawbox=y=120:h=120:color=blue:t=fill"
    ffmpeg("-f", "lavfi", "-i", blue_below, "-c:v", "libx264", "-pix_fmt", "yuv420p", path)
    return path


@pytest.mark.parametrize(
    ("degrees", "size", "upper", "lower"),
    [
        (0, (320, 240), "red", "blue"),
        (180, (320, 240), "blue", "red"),
        (90, (240, 320), None, None),
        (270, (240, 320), None, None),
    ],
)
def test_a_turned_clip_is_made_upright(tmp_path, degrees, size, upper, lower):
    plain, turned = half_red(tmp_path / "plain.mp4"), tmp_path / "turned.mov"
    ffmpeg("-i", plain, "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", turned)
    derived = derive(turned)
    (video,) = ffprobe(film_of(derived))["streams"]
    assert (video["width"], video["height"]) == size
    assert "side_data_list" not in video
    poster = loaded(next(one.path for one in derived.files if one.role == "poster"))
    assert poster.size == size
    assert (derived.facts["width"], derived.facts["height"]) == size
    ends = [poster.getpixel((size[0] // 2, y)) for y in (20, size[1] - 20)]
    sides = [poster.getpixel((x, size[1] // 2)) for x in (20, size[0] - 20)]
    if upper:
        assert [_name(one) for one in ends] == [upper, lower]
    else:
        assert {_name(one) for one in sides} == {"red", "blue"}


def _name(colour) -> str:
    return "red" if colour[0] > colour[2] else "blue"


@pytest.mark.parametrize(
    ("picture", "codecs", "size"),
    [
        ("testsrc2=size=321x241:rate=25:duration=0.5", ["-pix_fmt", "yuv444p"], (320, 240)),
        ("testsrc2=size=320x240:rate=25:duration=0.5", ["-pix_fmt", "yuv420p10le"], (320, 240)),
        ("testsrc2=size=320x240:rate=100:duration=0.5", ["-pix_fmt", "yuv420p"], (320, 240)),
        ("testsrc2=size=320x240:duration=0.5,setsar=2", ["-pix_fmt", "yuv420p"], (640, 240)),
    ],
    ids=["odd 4:4:4", "10 bits", "100 frames a second", "wide pixels"],
)
def test_what_browsers_do_not_play_becomes_what_they_play(tmp_path, picture, codecs, size):
    path = tmp_path / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", *codecs, path)
    derived = derive(path)
    (video,) = ffprobe(film_of(derived))["streams"]
    assert (video["width"], video["height"]) == size
    assert (video["pix_fmt"], video.get("sample_aspect_ratio", "1:1")) == ("yuv420p", "1:1")
    assert float(video["duration"]) == pytest.approx(0.5, abs=0.2)
    rate, per = map(int, video["avg_frame_rate"].split("/"))
    assert rate / per <= 61


def test_a_header_without_duration_is_no_obstacle(tmp_path):
    path = tmp_path / "live.webm"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=1"),
        *("-c:v", "libvpx", "-deadline", "realtime", "-live", "1", "-f", "webm", path),
    )
    assert read_header(path, "webm").seconds is None
    assert derive(path).facts["seconds"] == pytest.approx(1, abs=0.2)


def test_nothing_is_told_about_who_made_it(tmp_path):
    plain, telling = make_clip(tmp_path / "plain.mp4"), tmp_path / "telling.mov"
    secrets = {
        "title": "Zhang San",
        "artist": "Zhang San",
        "comment": "telephone 13800000000",
        "location": "+31.2304+121.4737/",
        "com.apple.quicktime.location.ISO6709": "+31.2304+121.4737/",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone SECRET",
        "creation_time": "2026-05-04T13:14:15Z",
    }
    tags = [part for key, value in secrets.items() for part in ("-metadata", f"{key}={value}")]
    ffmpeg("-i", plain, "-c", "copy", "-movflags", "use_metadata_tags", *tags, telling)
    assert "SECRET" in str(exiftool(telling))
    derived = derive(telling)
    assert derived.facts["camera"] == "Apple iPhone SECRET"
    assert derived.facts["taken_at"].startswith("2026-05-04T13:14:15")
    for one, found in zip(
        derived.files, exiftool(*[one.path for one in derived.files]), strict=True
    ):
        text = str({key: value for key, value in found.items() if "System" not in key})
        for secret in ("Zhang", "SECRET", "138000", "31.2304", "GPS", "Lavf", "Encoder", "2026:"):
            assert secret not in text, one.name
    content = film_of(derived).read_bytes()
    assert b"x264" not in content
    assert b"Lavc" not in content


@pytest.mark.parametrize("seconds", [1, 15])  # of a long film only keyframes are looked at
def test_the_poster_is_not_the_black_beginning(tmp_path, seconds):
    black, rest = (f"size=320x240:rate=25:duration={share * seconds}" for share in (0.6, 0.4))
    path = tmp_path / "clip.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=black:{black}"),
        *("-f", "lavfi", "-i", f"testsrc2={rest}"),
        *("-filter_complex", "[0][1]concat=n=2:v=1:a=0", "-pix_fmt", "yuv420p", path),
    )
    derived = derive(path)
    posters = [one for one in derived.files if one.role == "poster"]
    assert [one.name for one in posters] == ["poster-320-webp", "poster-320-jpeg"]
    darkest, brightest = loaded(posters[0].path).convert("L").getextrema()
    assert brightest - darkest > 150


def test_progress_is_told_and_only_grows(tmp_path):
    told = []
    path = make_clip(tmp_path / "clip.mp4", seconds=2, size="640x480")
    derive(path, report=lambda step, percent: told.append((step, percent)))
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert told[0] == ("header", 1)
    assert told[-1] == ("poster", 94)


# --- Refusals -------------------------------------------------------------------------------


def test_a_text_is_damaged_even_if_nobody_looked_at_its_first_bytes(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_text("This is no video.")
    assert refusal(path).reason == Reason.DAMAGED


@pytest.mark.parametrize("name", ["mp4", "webm", "avi"])
def test_a_playlist_opens_no_other_file(tmp_path, name):
    secret = make_clip(tmp_path / "another-entrants.mp4", seconds=0.4)
    path = tmp_path / f"playlist.{name}"
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {secret.name}\n",
    ):
        path.write_text(text)
        assert refusal(path).reason == Reason.DAMAGED


def test_without_the_whitelist_the_playlist_would_have_opened_it(tmp_path):
    """The control."""
    secret = make_clip(tmp_path / "another-entrants.mp4", seconds=0.4)
    path = tmp_path / "playlist.mp4"
    path.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")
    assert ffprobe(path)["streams"][0]["width"] == 320


@pytest.mark.parametrize("share", [0.5, 0.85])
def test_a_clip_that_ends_too_early_is_damaged(tmp_path, share):
    whole, cut = make_clip(tmp_path / "whole.mp4", seconds=4), tmp_path / "cut.mp4"
    ffmpeg("-i", whole, "-c", "copy", "-movflags", "+faststart", tmp_path / "fast.mp4")
    content = (tmp_path / "fast.mp4").read_bytes()
    cut.write_bytes(content[: int(len(content) * share)])
    assert refusal(cut).reason == Reason.DAMAGED


def test_a_clip_trimmed_on_the_phone_is_whole(tmp_path):
    """It hides frames by an edit list: the header counts more than are shown."""
    whole, cut = make_clip(tmp_path / "whole.mp4", seconds=4), tmp_path / "cut.mp4"
    ffmpeg("-ss", "2", "-i", whole, "-c", "copy", cut)
    assert derive(cut).facts["seconds"] == pytest.approx(2, abs=0.2)


def test_a_clip_without_its_index_is_damaged(tmp_path):
    path = make_clip(tmp_path / "clip.mp4")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4])
    assert refusal(path).reason == Reason.DAMAGED


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "sound.mp4"
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", path)
    assert refusal(path).reason == Reason.NO_PICTURE


def test_a_song_with_its_cover_is_no_video(tmp_path):
    cover, path = tmp_path / "cover.jpg", tmp_path / "song.mp4"
    cover.write_bytes(jpeg(64, 64))
    inputs = ["-f", "lavfi", "-i", "sine=duration=1", "-i", cover]
    maps = ["-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "copy"]
    ffmpeg(*inputs, *maps, "-disposition:v:0", "attached_pic", path)
    assert refusal(path).reason == Reason.NO_PICTURE


def test_length_is_refused_by_the_header_and_nothing_is_decoded(tmp_path, monkeypatch):
    path = make_clip(tmp_path / "clip.mp4", seconds=2)
    monkeypatch.setattr(clip, "_transcode", lambda *args: pytest.fail("it was decoded"))
    too_long = refusal(path, MediaRules(kind="video", formats=("mp4",), max_seconds=1))
    assert (too_long.reason, too_long.values["max_seconds"]) == (Reason.TOO_LONG, 1)
    too_short = refusal(path, MediaRules(kind="video", formats=("mp4",), min_seconds=10))
    assert too_short.reason == Reason.TOO_SHORT
    assert too_short.values == {"seconds": pytest.approx(2, abs=0.1), "min_seconds": 10}


def test_without_a_duration_the_decoded_length_counts(tmp_path):
    path = tmp_path / "live.webm"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=5"),
        *("-c:v", "libvpx", "-deadline", "realtime", "-live", "1", "-f", "webm", path),
    )
    refused = refusal(path, MediaRules(kind="video", formats=("webm",), max_seconds=2))
    assert refused.reason == Reason.TOO_LONG
    assert refused.values["seconds"] <= 4.1  # it was cut off there


def test_a_small_picture_is_refused(tmp_path):
    path = make_clip(tmp_path / "clip.mp4", seconds=0.2)
    refused = refusal(path, MediaRules(kind="video", formats=("mp4",), min_long_side=1280))
    assert (refused.reason, refused.values["long_side"]) == (Reason.TOO_SMALL, 320)


def test_a_clip_that_takes_too_long_is_refused(tmp_path):
    path = make_clip(tmp_path / "clip.mp4", seconds=20, size="1280x720")
    assert refusal(path, video_limits=Limits(1, 1, 2048)).reason == Reason.TOO_COSTLY


def test_a_poster_can_be_opened_by_anybody(tmp_path):
    derived = derive(make_clip(tmp_path / "clip.mp4", seconds=0.4))
    jpegs = [one.path for one in derived.files if one.mime_type == "image/jpeg"]
    with Image.open(jpegs[0]) as image:
        assert image.format == "JPEG"


def test_a_folder_of_any_name_will_do(tmp_path):
    folder = tmp_path / "O'Neill [2026] | 50%, a:b; c\\d = 作品"
    folder.mkdir()
    derived = derive(make_clip(folder / "clip.mp4", size="640x480"))
    for path in paths_of(derived, "video"):
        assert path.parent.parent == folder
        assert set(streams_of(path)) == {"video", "audio"}

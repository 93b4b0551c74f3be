"""HDR becomes what a standard screen shows: grey stays grey, highlights keep their drawing."""

from pathlib import Path

import pytest

from media_processing.derive import ladder
from tests.media_processing.makers import derive_clip, ffmpeg, ffprobe, paths_of, raw

pytestmark = pytest.mark.media

# Signals of BT.2408 in percent: black, a grey card, paper white, and the brightest of 1,000 nits.
SIGNALS = {"arib-std-b67": (0, 38, 75, 100), "smpte2084": (0, 38, 58, 75)}


def hdr_clip(path: Path, transfer: str) -> Path:
    """Four grey fields side by side, ten bits, HEVC as a phone writes it."""
    levels = [64 + 876 * percent // 100 for percent in SIGNALS[transfer]]
    field = "+".join(f"eq(floor(X/80),{place})*{level}" for place, level in enumerate(levels))
    grey = f"geq=lum='{field}':cb=512:cr=512"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=black:size=320x180:rate=25:duration=0.4,format=yuv420p10le"),
        *("-vf", grey, "-c:v", "libx265", "-x265-params", "log-level=error:lossless=1"),
        *("-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc"),
        *("-tag:v", "hvc1", path),
    )
    return path


def fields(path: Path) -> list[int]:
    """The fields' luma, 16 (black) to 235 (white)."""
    crop = "crop=iw-8:ih,scale=4:1:flags=area,format=yuv420p,extractplanes=y"
    return list(raw(path, "-vf", crop, "-frames:v", "1", "-f", "rawvideo")[:4])


@pytest.mark.parametrize("transfer", SIGNALS)
def test_grey_stays_grey_and_nothing_is_cut_off(tmp_path, transfer):
    (film,) = paths_of(derive_clip(hdr_clip(tmp_path / "clip.mov", transfer)), "video")
    (video,) = ffprobe(film)["streams"]
    assert (video["pix_fmt"], video["color_transfer"], video["color_space"]) == (
        "yuv420p",
        "bt709",
        "bt709",
    )
    black, grey, white, brightest = fields(film)
    assert black <= 20
    assert 75 <= grey <= 125
    assert 165 <= white <= 215
    assert white + 10 < brightest <= 235


def test_without_the_filters_it_plays_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(ladder, "_has_tone_mapping", lambda: False)
    (film,) = paths_of(derive_clip(hdr_clip(tmp_path / "clip.mov", "smpte2084")), "video")
    (video,) = ffprobe(film)["streams"]
    assert video["pix_fmt"] == "yuv420p"

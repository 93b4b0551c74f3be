"""Sound: every work at one loudness, no peak cut off, silence left alone."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_processing.derive.loudness import Correction, Loudness, correct
from tests.media_processing.makers import derive_clip, ffmpeg, ffprobe, paths_of, raw


@given(st.floats(-59, 0), st.floats(-60, 3))
def test_the_gain_leads_to_the_target(integrated, true_peak):
    correction = correct(Loudness(integrated, true_peak))
    assert integrated + correction.gain == pytest.approx(-16, abs=0.01)
    assert correction.limits_peaks == (true_peak + correction.gain > -3.5)


def test_silence_is_left_alone():
    assert correct(Loudness(-70, -90)) == Correction(0, False)


def with_sound(path: Path, sound: str, *options: str) -> Path:
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-f", "lavfi", "-i", sound),
        *("-t", "6", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *("-c:a", "pcm_s16le", *options, path),
    )
    return path


def heard(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP."""
    program = ["ffmpeg", "-nostdin", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    words = subprocess.run(program, check=True, capture_output=True, text=True).stderr
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", words)[-1])
    return loudness, float(re.findall(r"Peak:\s+(-?[\d.]+|-inf) dBFS", words)[-1])


@pytest.mark.media
@pytest.mark.parametrize(
    ("sound", "options"),
    [
        ("sine=frequency=500", ["-af", "volume=-25dB"]),
        ("anoisesrc=color=pink:amplitude=1", ["-af", "volume=12dB"]),
        ("anoisesrc=color=pink:amplitude=0.02", []),
        ("sine=frequency=500", ["-ac", "6"]),
        ("sine=frequency=500", ["-ac", "1", "-ar", "22050"]),
    ],
    ids=["quiet", "clipping", "noise", "5.1", "mono"],
)
def test_a_work_is_as_loud_as_all_others(tmp_path, sound, options):
    derived = derive_clip(with_sound(tmp_path / "clip.mov", sound, *options))
    (film,) = paths_of(derived, "video")
    loudness, peak = heard(film)
    assert loudness == pytest.approx(-16, abs=0.7)
    assert peak <= -1.5
    (sound,) = [one for one in ffprobe(film)["streams"] if one["codec_type"] == "audio"]
    assert (sound["channels"], sound["sample_rate"]) == (2, "48000")


@pytest.mark.media
def test_short_peaks_are_limited_where_the_gain_would_cut_them_off(tmp_path):
    sound = "aevalsrc='0.01*sin(2*PI*500*t)+if(lt(mod(t,1),0.02),0.7*sin(2*PI*997*t))'"
    source = with_sound(tmp_path / "clip.mov", sound)
    assert heard(source)[1] > -4  # the gain alone would go above 0
    (film,) = paths_of(derive_clip(source), "video")
    loudness, peak = heard(film)
    assert peak <= -1.5
    assert loudness > -22


@pytest.mark.media
def test_a_silent_film_stays_silent(tmp_path):
    source = with_sound(tmp_path / "clip.mov", "anullsrc")
    (film,) = paths_of(derive_clip(source), "video")
    assert set(raw(film, "-f", "u8", "-ac", "1")) == {128}

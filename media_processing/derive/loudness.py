"""One loudness for all works, so that no judge reaches for the volume: -16 LUFS (EBU R128).

Measured once, then one linear gain: what was quiet within a work stays quieter than the rest.
Only where the gain would make peaks clip, a limiter takes them.
"""

from dataclasses import dataclass
from math import log10

import ffmpeg

from media_processing.derive import Job
from media_processing.derive.program import run_ffmpeg

TARGET_LUFS = -16.0
SILENCE_LUFS = -60.0  # below this there is nothing to bring up but noise
# AAC moves sharp peaks by more than a decibel; after it they shall stay below -1.5 dBTP.
PEAK_DBTP = -3.5
# Peaks between the samples are seen at four times their rate.
OVERSAMPLED = 192_000
SOUND = {"sample_fmts": "fltp", "sample_rates": 48_000, "channel_layouts": "stereo"}


@dataclass(frozen=True)
class Loudness:
    """How loud a sound is: in LUFS over its whole length, in dBTP at its highest peak."""

    integrated: float
    true_peak: float


@dataclass(frozen=True)
class Correction:
    """What brings it to the target: a gain in dB, and whether its peaks then need a limiter."""

    gain: float = 0.0
    limits_peaks: bool = False


def correct(loudness: Loudness) -> Correction:
    """Return what to do; nothing to silence."""
    if loudness.integrated <= SILENCE_LUFS:
        return Correction()
    gain = round(TARGET_LUFS - loudness.integrated, 2)
    return Correction(gain, loudness.true_peak + gain > PEAK_DBTP)


def measure(job: Job, sound: ffmpeg.Stream) -> Loudness:
    """Hear the sound through, as it will be mixed. Raises what run_ffmpeg raises."""
    heard = {"lavfi.r128.I": SILENCE_LUFS, "lavfi.r128.true_peak": 0.0}

    def on_line(line: str) -> None:
        key, _, value = line.partition("=")
        if key in heard:
            heard[key] = float(value)

    listened = sound.filter("aformat", **SOUND).filter("ebur128", metadata=1, peak="true")
    for key in heard:
        listened = listened.filter("ametadata", "print", key=key, file="-")
    run_ffmpeg(ffmpeg.compile(ffmpeg.output(listened, "-", f="null")), job, on_line, tells=[])
    integrated, peak = heard.values()
    return Loudness(integrated, 20 * log10(max(peak, 1e-6)))


def corrected(sound: ffmpeg.Stream, correction: Correction) -> ffmpeg.Stream:
    """Return the sound as it is encoded: stereo, in step with the picture, at the target."""
    # Gaps, and a beginning later than the picture's, become silence of their length.
    sound = sound.filter("aresample", **{"async": 1, "first_pts": 0}).filter("aformat", **SOUND)
    if correction.gain:
        sound = sound.filter("volume", f"{correction.gain}dB")
    if correction.limits_peaks:
        limit = f"{PEAK_DBTP}dB"
        sound = sound.filter("aresample", OVERSAMPLED)
        sound = sound.filter("alimiter", limit=limit, level=0, attack=5, release=50)
        sound = sound.filter("aresample", SOUND["sample_rates"])
    return sound

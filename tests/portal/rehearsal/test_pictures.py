"""No two files are alike, neither by their bytes nor to somebody who looks for copies."""

import hashlib
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image

from competition.entries.likeness import MOST_BITS
from media_processing.derive import pdq
from portal.rehearsal.pictures import make_clip, make_photo


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def bits(path):
    with Image.open(path) as image:
        return int(pdq.bits(pdq.waves(pdq.luminance(image))), 16)


@pytest.fixture
def sample(tmp_path):
    path = tmp_path / "sample.jpg"
    Image.linear_gradient("L").resize((1800, 1200)).convert("RGB").save(path)
    return str(path)


def test_a_photo_is_the_same_whenever_it_is_made_again(tmp_path):
    first = digest(make_photo(str(tmp_path), 3, 1, []))
    assert digest(make_photo(str(tmp_path), 3, 1, [])) == first
    assert digest(make_photo(str(tmp_path), 3, 2, [])) != first


def test_photos_of_one_sample_are_no_near_copies(tmp_path, sample):
    paths = [make_photo(str(tmp_path), number, 1, [sample]) for number in range(1, 6)]
    for one, other in combinations([bits(path) for path in paths], 2):
        assert (one ^ other).bit_count() > MOST_BITS


def test_the_first_ones_are_the_samples_as_they_are(tmp_path, sample):
    assert digest(make_photo(str(tmp_path), 0, 1, [sample])) == digest(sample)


@pytest.mark.media
def test_clips_differ_and_last_longer_than_a_second(tmp_path):
    paths = [make_clip(str(tmp_path), number, 1, []) for number in (0, 1)]
    assert digest(paths[0]) != digest(paths[1])
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
    said = subprocess.run([*probe, paths[0]], capture_output=True, text=True, check=True)
    assert 1 < float(said.stdout) < 2

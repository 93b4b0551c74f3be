"""Photos and clips of the demo: found, credited, and replaced where they can't be had."""

import shutil
import subprocess

import pytest
from PIL import Image

from portal.demo import media
from portal.demo.media import NoMedia, bring_media, file_digest, read_copyright

COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: wallpapers

Files: 16.04/Wine_by_Jakkub_Mede.jpg
Copyright: Jakub Mede, 2018
License: CC-BY-4.0

Files: 16.04/Bridge_by_Sander_Klootwijk.jpg
Copyright: 2018. Sander Klootwijk
License: CC-BY-SA-4.0

Files: original-files/*
       original-multiple/test.txt
Copyright: 2019-2020 Joao Eriberto Mota Filho <eriberto@example.org>
License: CC-BY-SA-4.0

Files: 16.04/seeding.jpg
Copyright: Trevor "Freespace", 2018
License: CC0-1.0

License: CC-BY-4.0
 The licence's own text.
"""


def test_authors_and_licences_are_read_from_the_packages_own_file():
    assert list(read_copyright(COPYRIGHT)) == [
        ("Wine_by_Jakkub_Mede.jpg", "Jakub Mede", "CC BY 4.0"),
        ("Bridge_by_Sander_Klootwijk.jpg", "Sander Klootwijk", "CC BY-SA 4.0"),
        ("original-files/*", "Joao Eriberto Mota Filho", "CC BY-SA 4.0"),
        ("seeding.jpg", "Trevor Freespace", "CC0 1.0"),
    ]


def make_photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.radial_gradient("L").convert("RGB").resize((600, 400)).save(path)


def make_clip(path, seconds):
    source = f"testsrc=size=160x120:rate=10:duration={seconds}"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, path], check=True)


def make_debian(folder):
    """Do what apt-get and dpkg would, with a picture of ours."""
    make_photo(folder / "usr/share/backgrounds/Wine_by_Jakkub_Mede.jpg")
    make_photo(folder / "usr/share/backgrounds/unknown.jpg")
    clip = folder / "usr/share/forensics-samples/movie-hello.mp4"
    clip.parent.mkdir(parents=True)
    make_clip(clip, 5)
    document = folder / "usr/share/doc/wallpapers/copyright"
    document.parent.mkdir(parents=True)
    document.write_text(COPYRIGHT)


def out_of_reach(*args, **kwargs):
    raise OSError("no network")


def test_debians_pictures_come_with_title_author_and_credit(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "_fetch_debian", make_debian)
    monkeypatch.setattr(media, "_run_pip", out_of_reach)
    found = bring_media(tmp_path)
    first, *details = [(p.title, p.author, p.credit) for p in found.photos]
    assert first == ("鼓声之后", "Jakub Mede", "Jakub Mede · CC BY 4.0")
    assert details[0] == ("鼓声之后 · 2", "Jakub Mede", "Jakub Mede · CC BY 4.0（局部）")


def test_an_edition_gets_enough_photos_and_no_file_twice(tmp_path):
    own = tmp_path / "own"
    make_photo(own / "晨雾.jpg")
    shutil.copy(own / "晨雾.jpg", own / "副本.jpg")
    make_clip(own / "短片.mp4", 6)
    found = bring_media(tmp_path / "cache", str(own))
    digests = {file_digest(piece.path) for piece in [*found.photos, *found.clips]}
    assert (len(found.photos), len(found.clips), len(digests)) == (22, 3, 25)


def test_too_few_clips_are_cut_from_the_longest_and_say_so(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "_fetch_debian", make_debian)
    monkeypatch.setattr(media, "_run_pip", out_of_reach)
    found = bring_media(tmp_path)
    eriberto = "Joao Eriberto Mota Filho · CC BY-SA 4.0"
    assert [clip.credit for clip in found.clips] == [
        eriberto,
        f"{eriberto}（节选）",
        f"{eriberto}（节选）",
    ]
    assert all(clip.path.stat().st_size > 0 for clip in found.clips)


def test_what_was_fetched_is_not_fetched_again(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "_fetch_debian", make_debian)
    monkeypatch.setattr(media, "_run_pip", out_of_reach)
    first = bring_media(tmp_path)
    monkeypatch.setattr(media, "_fetch_debian", out_of_reach)
    assert bring_media(tmp_path) == first


def test_a_fetch_that_broke_off_leaves_nothing_that_counts_as_fetched(tmp_path, monkeypatch):
    def break_off(folder):
        make_photo(folder / "half.jpg")
        raise subprocess.CalledProcessError(100, "apt-get")

    monkeypatch.setattr(media, "_fetch_debian", break_off)
    monkeypatch.setattr(media, "_run_pip", out_of_reach)
    with pytest.raises(NoMedia, match="DEMO_MEDIA=folder"):
        bring_media(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_ones_own_is_taken_as_it_is(tmp_path):
    own = tmp_path / "own"
    make_photo(own / "李四" / "晨雾.jpg")
    make_clip(own / "短片.mp4", 1)
    (own / "notes.txt").write_text("not a picture")
    found = bring_media(tmp_path / "cache", str(own))
    assert (found.photos[0].title, found.photos[0].author) == ("晨雾", "李四")
    assert found.clips[0].title == "短片"
    assert len(found.clips) == 3


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NoMedia, match="nowhere"):
        bring_media(tmp_path, str(tmp_path / "nowhere"))

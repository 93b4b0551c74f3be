"""Subtitles: strictly read, written anew; nothing of a stranger's file is served as it came."""

import contextlib
import hashlib

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st

from media_processing.caption_tracks import attach_captions, remove_captions
from media_processing.captions import MAX_BYTES, Cue, read_captions, write_captions
from media_processing.models import CaptionTrack
from media_processing.rules import UploadRefused
from media_processing.services import discard_asset
from media_processing.states import Reason
from media_processing.storage import derivatives
from tests.factories import AssetFactory, UserFactory

PLAIN = b"WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n"


def cues(body: str) -> list[Cue]:
    return read_captions(f"WEBVTT\n\n{body}".encode())


def text_of(body: str) -> str:
    (cue,) = cues(f"00:01.000 --> 00:02.000\n{body}\n")
    return cue.text


def refusal(content: bytes) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        read_captions(content)
    return caught.value


def test_a_plain_file_is_read():
    assert read_captions(PLAIN) == [Cue(1.0, 2.5, "Hello")]


def test_what_programs_write_around_the_cues_is_left_out():
    content = (
        "\ufeffWEBVTT - made by a program\r\nKind: captions\r\nX: secret\r\n\r\n"
        "STYLE\r\n::cue { background: url(https://example.org/track) }\r\n\r\n"
        "REGION\r\nid:a\r\n\r\nNOTE by Zhang San\r\n13800000000\r\n\r\n"
        "17\r\n00:00:01.000 --> 00:00:02.000 line:0 position:20%\r\n早上好\r\n第二行\r\n"
    )
    found = read_captions(content.encode())
    assert found == [Cue(1, 2, "早上好\n第二行")]
    assert write_captions(found) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n早上好\n第二行\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<i>a</i> <b>b</b> <u>c</u>", "<i>a</i> <b>b</b> <u>c</u>"),
        ("<v Zhang San>Hello</v>", "Hello"),
        ("<c.red>a</c><00:01.500>b", "ab"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<i onclick=x>a</i>", "a</i>"),
        ("a &amp; b &lt;img src=x&gt; & c > d", "a &amp; b &lt;img src=x&gt; &amp; c &gt; d"),
        ("&lt;b&gt;not bold", "&lt;b&gt;not bold"),
        ("a\u202eb\x00c", "abc"),
    ],
)
def test_three_tags_stay_and_all_else_is_plain_text(body, text):
    assert text_of(body) == text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1\n00:00:01,000 --> 00:00:02,000\nSRT\n",
        b"WEBVTTX\n\n00:01.000 --> 00:02.000\na\n",
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xfe\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n早\n".encode("gb18030"),
        b"WEBVTT\n\nNOTE nothing\n",
        b"<html>WEBVTT",
        "WEBVTT\n\n00:01.000 --> 00:02.000\na\n".encode("utf-16"),
    ],
    ids=["empty", "SRT", "header", "no UTF-8", "GB 18030", "no cues", "HTML", "UTF-16"],
)
def test_what_is_no_webvtt_is_refused(content):
    assert refusal(content).reason == Reason.NOT_WEBVTT


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("00:02.000 --> 00:01.000\na", 3),
        ("00:01.000 --> 00:01.000\na", 3),
        ("00:01.000 --> 99:00:00.000\na", 3),
        ("00:01,000 --> 00:02,000\na", 3),
        ("0:1 --> 0:2\na", 3),
        ("x\n00:61.000 --> 00:62.000\na", 4),
        ("00:05.000 --> 00:06.000\na\n\n00:04.000 --> 00:07.000\nb", 6),
        ("00:05.000 --> 00:06.000\na\n\ntext without a time", 6),
        ("x\ny\n00:05.000 --> 00:06.000\na", 5),
    ],
)
def test_a_time_that_can_t_be_is_refused_by_its_line(lines, line):
    refused = refusal(f"WEBVTT\n\n{lines}\n".encode())
    assert (refused.reason, refused.values) == (Reason.CAPTION_TIMES, {"line": line})


def test_a_file_of_more_than_a_megabyte_is_refused():
    refused = refusal(PLAIN + b"x" * MAX_BYTES)
    assert (refused.reason, refused.values["max_megabytes"]) == (Reason.TOO_LARGE, 1)


def test_many_tags_take_no_time():
    assert text_of("<" * 400_000) == "&lt;" * 400_000


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(rest):
    with contextlib.suppress(UploadRefused):
        read_captions(b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + rest)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3_600_000),
            st.integers(1, 9_000),
            st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_we_write_we_read_again(parts):
    body = "".join(
        f"{stamp(start)} --> {stamp(start + length)}\n{text}\n\n"
        for start, length, text in sorted(parts)
    )
    try:
        found = cues(body)
    except UploadRefused:
        return
    assert read_captions(write_captions(found).encode()) == found


def stamp(thousandths: int) -> str:
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


# --- Attached to a video --------------------------------------------------------------------


@pytest.fixture
def film(db):
    return AssetFactory(kind="video", derivatives=False)


def attach(asset, content=PLAIN, language="en"):
    file = ContentFile(content)
    return attach_captions(asset=asset, language=language, file=file, user=UserFactory())


def content_of(track) -> bytes:
    with track.file.open("rb") as file:
        return file.read()


def test_a_track_is_kept_under_the_hash_of_its_content(film):
    track = attach(film)
    assert content_of(track) == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello\n"
    digest = hashlib.sha256(content_of(track)).hexdigest()
    assert track.file.name == f"{digest[:2]}/{digest}.vtt"


def test_it_is_served_as_text_and_nothing_else(client, film):
    answer = client.get(attach(film).file.url)
    assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_another_one_in_the_same_language_takes_its_place(film, django_capture_on_commit_callbacks):
    first = attach(film)
    with django_capture_on_commit_callbacks(execute=True):
        second = attach(film, PLAIN.replace(b"Hello", b"Hi"))
    assert list(film.captions.all()) == [second]
    assert not derivatives().exists(first.file.name)


def test_the_same_again_keeps_its_file(film, django_capture_on_commit_callbacks):
    attach(film)
    with django_capture_on_commit_callbacks(execute=True):
        again = attach(film)
    assert content_of(again)


def test_what_another_film_still_uses_stays(film, django_capture_on_commit_callbacks):
    other = attach(AssetFactory(kind="video", derivatives=False))
    attach(film)
    with django_capture_on_commit_callbacks(execute=True):
        remove_captions(asset=film, language="en", user=UserFactory())
    assert list(CaptionTrack.objects.all()) == [other]
    assert content_of(other)


def test_with_the_film_its_subtitles_go(film, django_capture_on_commit_callbacks):
    name = attach(film).file.name
    with django_capture_on_commit_callbacks(execute=True):
        discard_asset(film)
    assert not derivatives().exists(name)


def test_a_refused_file_leaves_the_old_subtitles(film):
    track = attach(film)
    with pytest.raises(UploadRefused):
        attach(film, b"nonsense")
    assert list(film.captions.all()) == [track]

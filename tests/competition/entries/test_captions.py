"""Subtitles of a work's video, by the entrant's form."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from competition.entries.captions import caption_frame
from competition.entries.checks import EntryRefused
from tests.competition.entries.worlds import World
from tests.factories import AssetFactory, FrameFactory, SectionFactory, close_phase

pytestmark = pytest.mark.django_db

WORDS = b"WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n"


def words(content: bytes = WORDS) -> SimpleUploadedFile:
    return SimpleUploadedFile("words.vtt", content, content_type="text/vtt")


@pytest.fixture
def world():
    return World(section=SectionFactory(kind="micro_video"))


@pytest.fixture
def frame(world):
    entry = world.draft(frames=False)
    return FrameFactory(entry=entry, asset=AssetFactory(kind="video", derivatives=False))


def send(client, frame, **data):
    return client.post(reverse("frame-captions", args=[frame.pk]), data, follow=True)


def test_subtitles_are_added_shown_and_removed(entrant, frame):
    page = send(entrant, frame, language="en", captions=words()).content.decode()
    (track,) = frame.asset.captions.all()
    assert track.language == "en"
    assert f'href="{track.file.url}" download' in page
    send(entrant, frame, remove="en")
    assert not frame.asset.captions.exists()


def test_what_is_wrong_is_said_with_its_line(entrant, frame):
    wrong = words(b"WEBVTT\n\n00:05.000 --> 00:02.500\nHello\n")
    answer = send(entrant, frame, language="en", captions=wrong)
    (message,) = answer.context["messages"]
    assert "3" in str(message)
    assert not frame.asset.captions.exists()


def test_another_language_than_the_site_s_is_not_there(entrant, frame):
    assert send(entrant, frame, language="fr", captions=words()).status_code == 404
    assert send(entrant, frame, captions=words()).status_code == 404


def test_after_the_deadline_nothing_changes(entrant, world, frame):
    send(entrant, frame, language="en", captions=words())
    close_phase(world.edition, "call")
    send(entrant, frame, remove="en")
    send(entrant, frame, language="zh-hans", captions=words())
    assert [track.language for track in frame.asset.captions.all()] == ["en"]


def test_a_photo_has_none(world):
    frame = FrameFactory(entry=world.draft(frames=False))
    with pytest.raises(EntryRefused):
        caption_frame(frame=frame, language="en", file=words(), user=world.entrant)


def test_only_a_video_s_page_offers_them(entrant, world, frame):
    page = entrant.get(reverse("entry-edit", args=[frame.entry_id])).content.decode()
    assert reverse("frame-captions", args=[frame.pk]) in page
    photo = World().draft(organisation=world.company)
    page = entrant.get(reverse("entry-edit", args=[photo.pk])).content.decode()
    assert "captions" not in page

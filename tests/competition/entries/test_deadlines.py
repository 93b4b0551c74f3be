"""Deadlines go by the server's clock: one second before, at, and after."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse

from competition.entries.frames import add_frame, begin_frame, remove_frame
from competition.entries.services import (
    EntryRefused,
    admit_entry,
    create_entry,
    disqualify_entry,
    submit_entry,
    update_entry,
    withdraw_entry,
)
from media_processing.models import MediaAsset
from media_processing.services import take_upload
from tests.competition.entries.worlds import World, photo
from tests.factories import PhaseFactory

pytestmark = pytest.mark.django_db

CLOSES = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # midnight in Shanghai
OPENS = CLOSES - timedelta(days=30)
SECOND = timedelta(seconds=1)


def world_with(*kinds, **windows):
    world = World()
    world.edition.phases.all().delete()
    for kind in kinds:
        PhaseFactory(edition=world.edition, kind=kind, opens_at=OPENS, closes_at=CLOSES)
    for kind, (opens, closes) in windows.items():
        PhaseFactory(edition=world.edition, kind=kind, opens_at=opens, closes_at=closes)
    return world


def is_done(action):
    try:
        action()
    except EntryRefused:
        return False
    return True


def begin(world):
    create_entry(
        section=world.section,
        organisation=world.company,
        user=world.entrant,
        title="t",
        author_names="a",
    )


def of_a_draft(verb):
    return {
        "create": begin,
        "update": lambda w: update_entry(entry=w.draft(), user=w.entrant, title="x"),
        "upload": lambda w: add_frame(
            entry=w.draft(frames=False), file=photo(), name="a.jpg", user=w.entrant
        ),
        "remove": lambda w: remove_frame(frame=w.draft().frames.get(), user=w.entrant),
        "submit": lambda w: submit_entry(entry=w.draft(), user=w.entrant, accepts_rights=True),
        "withdraw": lambda w: withdraw_entry(entry=w.entry("submitted"), user=w.entrant),
    }[verb]


@pytest.mark.parametrize("verb", ["create", "update", "upload", "remove", "submit", "withdraw"])
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (OPENS - SECOND, False),
        (OPENS, True),
        (CLOSES - SECOND, True),
        (CLOSES, False),
        (CLOSES + SECOND, False),
    ],
)
def test_an_entrant_acts_inside_the_call_to_the_second(verb, at, is_open):
    world = world_with("call")
    with time_machine.travel(at, tick=False):
        assert is_done(lambda: of_a_draft(verb)(world)) is is_open


def test_a_returned_work_may_be_revised_until_the_screening_closes():
    world = world_with(call=(OPENS, OPENS + SECOND), screening=(OPENS, CLOSES))
    for at, is_open in [(CLOSES - SECOND, True), (CLOSES, False)]:
        entry = world.entry("returned")
        with time_machine.travel(at, tick=False):
            assert (
                is_done(lambda e=entry: update_entry(entry=e, user=world.entrant, title="x"))
                is is_open
            )
            assert (
                is_done(
                    lambda e=entry: submit_entry(entry=e, user=world.entrant, accepts_rights=True)
                )
                is is_open
            )
            draft = world.draft()
            assert not is_done(lambda d=draft: update_entry(entry=d, user=world.entrant, title="x"))


def test_an_extended_deadline_counts_at_once():
    world = world_with("call")
    entry = world.draft()
    with time_machine.travel(CLOSES + SECOND, tick=False):
        assert not is_done(lambda: update_entry(entry=entry, user=world.entrant, title="x"))
        world.edition.phases.update(closes_at=CLOSES + timedelta(days=1))
        assert is_done(lambda: update_entry(entry=entry, user=world.entrant, title="x"))


# --- uploads in flight at the deadline ----------------------------------------------------

GRACE = timedelta(minutes=30)


def in_flight(world, begun_at):
    """A draft whose file was announced at this moment, and has not arrived."""
    entry = world.draft(frames=False)
    with time_machine.travel(begun_at, tick=False):
        begin_frame(entry=entry, name="a.jpg", byte_size=4, user=world.entrant)
    return entry


def arrive(entry, at):
    """The last byte comes at this moment, and a worker is done a second later."""
    asset = entry.frames.get().asset
    with time_machine.travel(at, tick=False):
        take_upload(asset, ContentFile(b"abcd"))
    MediaAsset.objects.filter(pk=asset.pk).update(state="ready", finished_at=at + SECOND)


def is_submitted(world, entry, at):
    with time_machine.travel(at, tick=False):
        return is_done(lambda: submit_entry(entry=entry, user=world.entrant, accepts_rights=True))


@pytest.mark.parametrize(
    ("at", "is_begun"), [(CLOSES - SECOND, True), (CLOSES, False), (CLOSES + SECOND, False)]
)
def test_an_upload_begins_before_the_deadline_to_the_second(at, is_begun):
    world = world_with("call")
    assert is_done(lambda: in_flight(world, at)) is is_begun


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (CLOSES + GRACE - SECOND, True),
        (CLOSES + GRACE, False),
        (CLOSES + GRACE + SECOND, False),
    ],
)
def test_a_work_whose_upload_was_in_flight_at_the_deadline_counts_within_the_grace(at, counts):
    world = world_with("call")
    entry = in_flight(world, CLOSES - SECOND)
    arrive(entry, CLOSES + SECOND)
    assert is_submitted(world, entry, at) is counts


@pytest.mark.parametrize(
    ("arrived_at", "counts"), [(CLOSES + GRACE - SECOND, True), (CLOSES + GRACE, False)]
)
def test_a_file_that_arrives_in_the_last_second_after_the_deadline_may_be_processed_later(
    arrived_at, counts
):
    world = world_with("call")
    entry = in_flight(world, CLOSES - SECOND)
    arrive(entry, arrived_at)
    done_at = CLOSES + GRACE + timedelta(hours=2)
    MediaAsset.objects.update(finished_at=done_at)
    assert not is_submitted(world, entry, done_at + GRACE)
    assert is_submitted(world, entry, done_at + GRACE - SECOND) is counts


def test_the_grace_after_the_deadline_is_the_editions_own():
    world = world_with("call")
    world.edition.grace_minutes = 0
    world.edition.save()
    entry = in_flight(world, CLOSES - SECOND)
    arrive(entry, CLOSES)
    assert not is_submitted(world, entry, CLOSES)


@pytest.mark.parametrize(("done_at", "counts"), [(CLOSES - SECOND, False), (CLOSES, True)])
def test_a_file_that_was_ready_by_the_deadline_gives_no_grace(done_at, counts):
    world = world_with("call")
    entry = in_flight(world, CLOSES - timedelta(minutes=5))
    arrive(entry, done_at - SECOND)
    assert is_submitted(world, entry, CLOSES + SECOND) is counts


def test_nothing_else_changes_in_the_grace_after_the_deadline():
    world = world_with("call")
    entry = in_flight(world, CLOSES - SECOND)
    with time_machine.travel(CLOSES + SECOND, tick=False):
        frame, user = entry.frames.get(), world.entrant
        for change in (
            lambda: update_entry(entry=entry, user=user, title="x"),
            lambda: begin_frame(entry=entry, name="b.jpg", byte_size=4, user=user),
            lambda: begin_frame(entry=entry, name="b.jpg", byte_size=4, user=user, replaced=frame),
            lambda: remove_frame(frame=frame, user=user),
        ):
            assert not is_done(change)


def test_an_upload_in_flight_at_the_deadline_may_send_its_last_bytes(client):
    world = world_with("call")
    entry = in_flight(world, CLOSES - SECOND)
    client.force_login(world.entrant)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    url = reverse("media-upload", args=[entry.frames.get().asset_id])
    content_type = "application/offset+octet-stream"
    with time_machine.travel(CLOSES + SECOND, tick=False):
        client.force_login(world.entrant)
        assert client.patch(url, b"abcd", content_type, headers=headers).status_code == 204
    assert entry.frames.get().asset.state == "received"


def test_an_extended_deadline_moves_the_grace_along():
    world = world_with("call")
    entry = in_flight(world, CLOSES - SECOND)
    later = CLOSES + timedelta(hours=1)
    world.edition.phases.update(closes_at=later)
    arrive(entry, later + SECOND)
    assert is_submitted(world, entry, later + GRACE - SECOND)


def test_the_organiser_admits_until_judging_closes_and_disqualifies_at_any_time():
    world = world_with("judging")
    with time_machine.travel(CLOSES - SECOND, tick=False):
        admit_entry(entry=world.entry("forwarded"), user=world.organiser)
    with time_machine.travel(CLOSES, tick=False):
        with pytest.raises(EntryRefused):
            admit_entry(entry=world.entry("forwarded"), user=world.organiser)
        entry = world.entry("admitted")
        disqualify_entry(entry=entry, user=world.organiser, reason="抄袭")
        assert entry.state == "disqualified"

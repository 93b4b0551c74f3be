"""Deadlines go by the server's clock: one second before, at, and after."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from competition.entries.frames import add_frame, remove_frame
from competition.entries.services import (
    EntryRefused,
    admit_entry,
    create_entry,
    disqualify_entry,
    submit_entry,
    update_entry,
    withdraw_entry,
)
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

"""Lists and limits."""

import pytest

from competition.entries.queries import entry_statistics, next_number, places_left, public_entries
from competition.entries.states import State
from tests.competition.entries.worlds import World

pytestmark = pytest.mark.django_db


def test_the_public_sees_admitted_works_only_at_a_constant_cost(django_assert_num_queries):
    world = World()
    admitted = {world.entry(state) for state in State}
    admitted = {entry for entry in admitted if entry.state == "admitted"}
    World().entry("admitted")
    assert set(public_entries(world.edition)) == admitted
    for _ in range(2):
        with django_assert_num_queries(4):  # works, frames, files, pictures
            for entry in public_entries(world.edition):
                assert entry.section.title
                assert entry.organisation.name
                assert entry.frames.all()[0].asset.derivatives.all()
        world.entry("admitted"), world.entry("admitted")


def test_statistics_name_every_state():
    world = World()
    world.draft(), world.draft(), world.entry("admitted")
    assert entry_statistics(world.edition) == dict.fromkeys(State, 0) | {"draft": 2, "admitted": 1}


def test_places_left_are_none_without_a_limit_and_never_negative():
    world = World()
    assert places_left(world.section, world.company) is None
    world.section.entries_per_organisation = 1
    for state in ("submitted", "rejected", "withdrawn", "draft"):
        world.entry(state)
    assert places_left(world.section, world.company) == 0


@pytest.mark.parametrize(
    ("last", "following"), [(None, "P-000001"), ("P-000009", "P-000010"), ("P-006525", "P-006526")]
)
def test_the_next_number_follows_the_highest(last, following):
    world = World()
    if last:
        world.entry("withdrawn", number=last)
    world.entry("submitted", number="S-000777")
    assert next_number(world.edition, "P") == following

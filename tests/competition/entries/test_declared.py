"""What a series says of AI and of people, from what its pictures say."""

from hypothesis import given
from hypothesis import strategies as st

from competition.entries.declared import AI_USE, PORTRAITS, joined_notes, strongest
from competition.entries.models import Entry

values = st.lists(st.sampled_from(AI_USE), min_size=1)


def test_every_choice_has_its_place_in_the_order():
    assert list(AI_USE) == Entry.AiUse.values
    assert list(PORTRAITS) == Entry.Portraits.values


@given(values)
def test_nothing_that_was_said_is_played_down(said):
    assert all(AI_USE.index(one) <= AI_USE.index(strongest(said, AI_USE)) for one in said)
    assert strongest(said, AI_USE) in said


@given(values)
def test_one_that_says_nothing_leaves_it_open(said):
    assert strongest([*said, ""], AI_USE) == ""


def test_where_nobody_is_asked_nothing_is_said():
    assert strongest([], AI_USE) == ""


def test_notes_stand_one_after_the_other_each_once():
    assert joined_notes(["降噪", " ", "换天", "降噪"]) == "降噪；换天"

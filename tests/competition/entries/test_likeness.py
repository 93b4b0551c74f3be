"""Near copies by their hashes: in either direction, and in a mirror."""

from hypothesis import given
from hypothesis import strategies as st

from competition.entries.likeness import MIRROR, MOST_BITS, Likeness, compare, find_like

hashes = st.integers(min_value=0, max_value=2**256 - 1)


@given(hashes)
def test_a_picture_is_like_itself_and_like_its_mirror(one):
    assert compare(one, one) == Likeness(0, False)
    assert compare(one, one ^ MIRROR) == Likeness(0, True)


@given(hashes, hashes)
def test_it_does_not_matter_which_came_first(one, other):
    assert compare(one, other) == compare(other, one)


@given(hashes, st.sets(st.integers(0, 255), max_size=128))
def test_likeness_ends_at_the_last_bit_that_is_allowed(one, flipped):
    other = one ^ sum(1 << at for at in flipped)
    mirrored = (one ^ other ^ MIRROR).bit_count()
    nearest = min(len(flipped), mirrored)
    found = compare(one, other)
    assert (found is not None) == (nearest <= MOST_BITS)
    assert found is None or found.distance == nearest


def test_of_many_the_near_ones_are_found_each_at_its_nearest():
    one, other = (1 << 40) - 1, (1 << 200) - 1
    texts = [
        (7, f"{one:064x}"),
        (7, f"{one ^ 3:064x}"),
        (8, f"{other:064x}"),
        (9, f"{one ^ 7:064x}"),
    ]
    assert find_like([one], texts) == {7: Likeness(0, False), 9: Likeness(3, False)}

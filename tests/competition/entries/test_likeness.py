"""Near copies by their hashes: in either direction, in a mirror, cropped, and film by film."""

from hypothesis import given
from hypothesis import strategies as st

from competition.entries.likeness import (
    MIRROR,
    MOST_BITS,
    SHOWN_MOMENTS,
    Hit,
    Likeness,
    Mark,
    apart,
    find_like,
    judge,
    moments_alike,
)

hashes = st.integers(min_value=0, max_value=2**256 - 1)
# Of hashes drawn by chance, all are strangers.
films = st.lists(hashes, min_size=1, max_size=40, unique=True).map(lambda found: marks_of(*found))


def scrambled(number: int) -> int:
    """A hash like any other, and always the same: what chance would give."""
    state = number + 1
    for _ in range(8):
        state = state * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251 % 2**256
        state ^= state >> 101
    return state


def film(first: int, count: int, start: float = 0) -> list[Mark]:
    """So many moments, a second apart, that no other film has."""
    return [Mark(scrambled(first + at), start + at) for at in range(count)]


def marks_of(*hashes: int) -> list[Mark]:
    """A film of these moments, half a second apart."""
    return [Mark(bits, at / 2) for at, bits in enumerate(hashes)]


def rows(marks, key=1):
    return [(key, one.moment, one.view, f"{one.bits:064x}") for one in marks]


def likeness(one, other):
    return find_like(one, rows(other)).get(1)


@given(hashes)
def test_a_picture_is_like_itself_and_like_its_mirror(one):
    assert likeness([Mark(one)], [Mark(one)]) == Likeness(0, False)
    assert likeness([Mark(one)], [Mark(one ^ MIRROR)]) == Likeness(0, True)


@given(hashes, hashes)
def test_it_does_not_matter_which_came_first(one, other):
    assert apart(one, other) == apart(other, one)


@given(hashes, st.sets(st.integers(0, 255), max_size=128))
def test_likeness_ends_at_the_last_bit_that_is_allowed(one, flipped):
    other = one ^ sum(1 << at for at in flipped)
    mirrored = (one ^ other ^ MIRROR).bit_count()
    nearest = min(len(flipped), mirrored)
    found = likeness([Mark(one)], [Mark(other)])
    assert (found is not None) == (nearest <= MOST_BITS)
    assert found is None or found.distance == nearest


def test_of_many_the_near_ones_are_found_each_at_its_nearest():
    one, other = (1 << 40) - 1, (1 << 200) - 1
    stored = [
        *rows([Mark(one), Mark(one ^ 3, view=1)], key=7),
        *rows([Mark(other)], key=8),
        *rows([Mark(one ^ 7)], key=9),
    ]
    assert find_like([Mark(one)], stored) == {7: Likeness(0, False), 9: Likeness(3, False)}


def test_a_part_is_compared_with_the_whole_of_the_other_and_never_with_a_part():
    whole, part, other = (scrambled(at) for at in range(3))
    original, crop = [Mark(whole), Mark(part, view=1)], [Mark(part), Mark(other, view=1)]
    assert likeness(original, crop) == likeness(crop, original) == Likeness(0, False)
    assert likeness([Mark(whole), Mark(part, view=1)], [Mark(other), Mark(part, view=1)]) is None


@given(films)
def test_a_film_is_like_itself_and_like_its_mirror(one):
    assert likeness(one, one) == Likeness(0, False)
    assert likeness(one, [Mark(each.bits ^ MIRROR, each.moment) for each in one]) == Likeness(
        0, True
    )


@given(films, st.data())
def test_what_is_cut_off_before_and_after_does_not_matter(one, data):
    first = data.draw(st.integers(0, len(one) - 1))
    last = data.draw(st.integers(first + 1, len(one)))
    cut = [Mark(each.bits, each.moment - first / 2) for each in one[first:last]]
    assert likeness(one, cut) == likeness(cut, one) == Likeness(0, False)


def test_of_two_films_with_as_many_and_as_near_moments_either_may_come_first():
    """From either side five moments are alike, 36 bits apart in all; the middle ones differ."""
    one = marks_of(170, 0, 10, 355233, 29904731109342138)
    other = [*marks_of(0, 1, 15, 21177205187606835164), Mark(170, 100)]
    assert likeness(one, other) == likeness(other, one) == Likeness(1, False)


@given(films, films, st.data())
def test_of_two_films_either_may_come_first(one, other, data):
    shared = data.draw(st.lists(st.sampled_from(one), unique=True))
    mixed = other + [Mark(each.bits, 100 + each.moment) for each in shared]
    assert likeness(one, mixed) == likeness(mixed, one)


def test_a_common_opening_title_makes_no_copies():
    title = film(0, 3)
    one, other = title + film(100, 9, start=3), title + film(200, 9, start=3)
    assert likeness(one, other) is None


def test_two_fifths_of_the_shorter_and_at_least_three_moments_are_enough():
    def hits(count):
        return [Hit(at, at, 10 + at, False) for at in range(count)]

    assert judge(hits(4), 10, 50) == Likeness(11, False)
    assert judge(hits(3), 10, 50) is None
    assert judge(hits(3), 5, 5) == Likeness(11, False)
    assert judge(hits(2), 5, 5) is None
    assert judge(hits(2), 2, 50) == Likeness(10, False)


def test_one_moment_that_is_like_many_counts_once():
    still = scrambled(1)
    calm = [Mark(still ^ (1 << at), at) for at in range(9)]
    assert likeness([Mark(still), *film(50, 8, start=1)], calm) is None


def test_a_photo_that_is_a_still_of_a_film_is_like_it():
    one = film(0, 20)
    assert likeness([Mark(one[7].bits ^ 1)], one) == Likeness(1, False)
    assert likeness([Mark(scrambled(99))], one) is None


def test_moments_are_shown_from_all_over_the_film_in_order_of_time():
    one, later = film(0, 20), [Mark(each.bits, each.moment + 2) for each in film(0, 20)]
    found = moments_alike(one, later)
    assert [(hit.own, hit.other) for hit in found] == [(0, 2), (5, 7), (10, 12), (15, 17)]
    assert len(found) == SHOWN_MOMENTS
    assert moments_alike(one, film(500, 20)) == []

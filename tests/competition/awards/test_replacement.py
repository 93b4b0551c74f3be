"""Whoever keeps an award keeps its rank; whoever is new stands behind all that were known."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from competition.awards.merits import Line
from competition.awards.replacement import renumbered
from competition.awards.rulebook import COMBINED, JURY, PUBLIC, Category, Rule
from competition.awards.selection import Chosen, select

SECTION = 1


def chosen(*awards):
    """Return awards of one category and section from (work, rank)."""
    return [Chosen("expert", SECTION, entry, rank) for entry, rank in awards]


def known(**ranks):
    return {("expert", SECTION, ord(name)): rank for name, rank in ranks.items()}


def ranks_of(awards):
    return [(chr(one.entry), one.rank) for one in awards]


def test_the_next_in_rank_stands_behind_all_and_the_empty_rank_stays_empty():
    after = renumbered(known(a=1, b=2, c=3), chosen((ord("b"), 1), (ord("c"), 2), (ord("d"), 3)))
    assert ranks_of(after) == [("b", 2), ("c", 3), ("d", 4)]


def test_newcomers_keep_their_order_and_equals_among_them_share_a_rank():
    newcomers = [(ord("d"), 2), (ord("e"), 2), (ord("f"), 4)]
    after = renumbered(known(a=1, b=2), chosen((ord("b"), 1), *newcomers))
    assert ranks_of(after) == [("b", 2), ("d", 3), ("e", 3), ("f", 5)]


def test_a_second_replacement_counts_those_that_were_taken_away_before():
    # a was taken away and d moved up; now d is taken away too.
    after = renumbered(known(a=1, b=2, d=3), chosen((ord("b"), 1), (ord("e"), 2)))
    assert ranks_of(after) == [("b", 2), ("e", 4)]


def test_a_category_numbers_on_its_own():
    moved = [Chosen("expert", SECTION, 9, 2), Chosen("popular", SECTION, 5, 1)]
    stood = {("expert", SECTION, 1): 1, ("popular", SECTION, 9): 1, ("popular", SECTION, 4): 2}
    assert renumbered(stood, moved) == (
        Chosen("expert", SECTION, 9, 2),
        Chosen("popular", SECTION, 5, 3),
    )


# --- for every list ---------------------------------------------------------------------------

places = st.tuples(st.sampled_from(["expert", "popular"]), st.integers(1, 2), st.integers(1, 9))


@st.composite
def stood_and_selected(draw):
    stood = draw(st.dictionaries(places, st.integers(1, 9), max_size=12))
    selected = draw(st.dictionaries(places, st.integers(1, 9), max_size=12))
    return stood, [Chosen(*place, rank) for place, rank in selected.items()]


@given(stood_and_selected())
def test_every_kept_rank_is_kept_and_newcomers_come_after_all_that_were_known(case):
    stood, selected = case
    after = renumbered(stood, selected)
    places_after = [(one.category, one.section, one.entry) for one in after]
    assert sorted(places_after) == sorted(
        (one.category, one.section, one.entry) for one in selected
    )
    for one in after:
        place = (one.category, one.section, one.entry)
        if place in stood:
            assert one.rank == stood[place]
        else:
            there = [place for place in stood if place[:2] == (one.category, one.section)]
            assert one.rank > len(there)


@given(stood_and_selected(), st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(case, random: Random):
    stood, selected = case
    items = list(stood.items())
    random.shuffle(items)
    shuffled = random.sample(selected, len(selected))
    assert renumbered(dict(items), shuffled) == renumbered(stood, selected)


@st.composite
def competitions(draw):
    """Return a rule of three categories, and jury's and public's standings of some works."""
    works = draw(st.integers(3, 10))
    standings = {
        source: [
            Line(work, SECTION, rank, 3)
            for work, rank in zip(
                range(1, works + 1), draw(st.permutations(range(1, works + 1))), strict=True
            )
        ]
        for source in (JURY, PUBLIC)
    }
    rule = Rule(
        tuple(
            Category(code, source, {SECTION: draw(st.integers(1, 3))})
            for code, source in [("expert", JURY), ("popular", PUBLIC), ("shortlisted", COMBINED)]
        ),
        may_hold_two=draw(st.booleans()),
        sections=(SECTION,),
    )
    return rule, standings


@given(competitions(), st.data())
def test_replacing_one_work_moves_nobody_elses_rank(competition, data):
    rule, standings = competition
    before = select(rule, standings)
    gone = data.draw(st.sampled_from(sorted({one.entry for one in before.awards})))
    again = select(rule, standings, excluded={gone})
    stood = {(one.category, one.section, one.entry): one.rank for one in before.awards}
    after = {
        (one.category, one.section, one.entry): one.rank for one in renumbered(stood, again.awards)
    }
    assert gone not in {entry for _category, _section, entry in after}
    if again.ties:
        return  # nobody moves up before people have decided
    assert {place: rank for place, rank in after.items() if place in stood} == {
        place: rank for place, rank in stood.items() if place in after
    }
    # The first category loses the work, and gains the next: nobody else leaves it.
    first = rule.categories[0].code
    left = {place[2] for place in stood.keys() - after.keys() if place[0] == first}
    assert left <= {gone}

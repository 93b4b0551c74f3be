"""Who reads what."""

from collections import Counter
from fractions import Fraction
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competition.judging.assignment import (
    Diff,
    Juror,
    Work,
    assign,
    draw_anchors,
    reassign,
)
from competition.judging.overlap import overlap

ORGANISATIONS = st.integers(1, 6)
ASSOCIATIONS = st.one_of(st.none(), st.integers(101, 103))


@st.composite
def works(draw, conflicts=True):
    count = draw(st.integers(0, 25))
    minutes = st.sampled_from([0.2, 0.2, 0.8, 1.5, 4.9, 5.0])
    return [
        Work(
            f"w{number}",
            draw(minutes),
            draw(ORGANISATIONS) if conflicts else None,
            draw(ASSOCIATIONS) if conflicts else None,
        )
        for number in range(count)
    ]


@st.composite
def judges(draw, conflicts=True):
    count = draw(st.integers(1, 8))
    if not conflicts:
        return [Juror(f"j{number}") for number in range(count)]
    return [
        Juror(
            f"j{number}",
            draw(st.frozensets(ORGANISATIONS, max_size=2)),
            draw(st.frozensets(st.integers(101, 103), max_size=1)),
            draw(st.frozensets(st.sampled_from(["w1", "w2", "w3"]), max_size=2)),
        )
        for number in range(count)
    ]


def loads(pairs, works, judges):
    minutes = {work.id: Fraction(work.minutes) for work in works}
    found = {judge.id: Fraction() for judge in judges}
    for judge_id, work_id in pairs:
        found[judge_id] += minutes[work_id]
    return found


def breaks_conflict(work, judge):
    return (
        work.organisation in judge.organisations
        or work.association in judge.associations
        or work.id in judge.stands_aside
    )


@given(works(), judges(), st.integers(1, 4), st.integers(0, 9))
def test_every_work_gets_its_readings_and_no_conflict_is_broken(works, judges, readings, seed):
    pairs = assign(works, judges, readings=readings, seed=seed)
    by_work = {work.id: work for work in works}
    by_judge = {judge.id: judge for judge in judges}
    assert len(set(pairs)) == len(pairs)
    assert not [p for p in pairs if breaks_conflict(by_work[p[1]], by_judge[p[0]])]
    given = Counter(work_id for _judge_id, work_id in pairs)
    for work in works:
        free = sum(not breaks_conflict(work, judge) for judge in judges)
        assert given[work.id] == min(readings, free)


@given(works(conflicts=False), judges(conflicts=False), st.integers(1, 4), st.integers(0, 9))
def test_loads_differ_by_at_most_the_longest_work(works, judges, readings, seed):
    found = loads(assign(works, judges, readings=readings, seed=seed), works, judges).values()
    longest = max((Fraction(work.minutes) for work in works), default=0)
    assert max(found) - min(found) <= longest


@given(works(), judges(), st.integers(1, 4), st.integers(0, 9), st.randoms())
def test_the_same_seed_gives_the_same_whatever_the_order(works, judges, readings, seed, chance):
    shuffled_works, shuffled_judges = list(works), list(judges)
    chance.shuffle(shuffled_works)
    chance.shuffle(shuffled_judges)
    assert assign(works, judges, readings=readings, seed=seed) == assign(
        shuffled_works, shuffled_judges, readings=readings, seed=seed
    )


@given(works(), judges(), st.integers(1, 3), st.integers(0, 9))
def test_what_stands_is_kept_and_only_the_missing_is_added(works, judges, readings, seed):
    half = works[::2]
    first = assign(half, judges, readings=readings, seed=seed)
    assert assign(half, judges, readings=readings, seed=seed, kept=first) == []
    second = assign(works, judges, readings=readings, seed=seed, kept=first)
    assert not set(first) & set(second)
    assert not {work.id for work in half} & {work_id for _judge, work_id in second}
    given = Counter(work_id for _judge, work_id in first + second)
    for work in works:
        free = sum(not breaks_conflict(work, judge) for judge in judges)
        assert given[work.id] == min(readings, free)


def test_another_seed_gives_another_assignment():
    works = [Work(number, 0.2) for number in range(40)]
    judges = [Juror(number) for number in range(6)]
    assert assign(works, judges, readings=2, seed=1) != assign(works, judges, readings=2, seed=2)


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param(lambda number: 0.2, id="photos alike"),
        pytest.param(lambda number: 0.5 + number % 271 / 60, id="videos of any length"),
        pytest.param(lambda number: 1 + number % 11 / 600, id="videos of almost one length"),
    ],
)
def test_any_two_judges_share_works_about_equally(minutes):
    """Contiguous blocks of a shuffled list leave most pairs of judges with nothing in common."""
    works = [Work(number, minutes(number)) for number in range(600)]
    pairs = assign(works, [Juror(number) for number in range(20)], readings=3, seed=0)
    readers = {}
    for judge_id, work_id in pairs:
        readers.setdefault(work_id, []).append(judge_id)
    shared = Counter(
        pair for judges in readers.values() for pair in combinations(sorted(judges), 2)
    )
    counts = [shared[pair] for pair in combinations(range(20), 2)]  # 9.5 on average
    assert min(counts) >= 7
    assert max(counts) <= 13


def without_conflicts(count, minutes=0.2):
    return [Work(f"w{number}", minutes) for number in range(count)]


def spread(pairs, works, judges):
    found = loads(pairs_of(pairs, judges), works, judges).values()
    return max(found) - min(found)


def pairs_of(pairs, judges):
    """Return the pairs of judges who are still there."""
    ids = {judge.id for judge in judges}
    return [pair for pair in pairs if pair[0] in ids]


@given(works(conflicts=False), judges(conflicts=False), st.integers(2, 4), st.integers(0, 9))
def test_all_judges_are_connected_whenever_there_are_works_enough(works, judges, readings, seed):
    pairs = assign(works, judges, readings=readings, seed=seed)
    # A work of n readers ties at most n - 1 more judges to the rest.
    if len(works) * (min(readings, len(judges)) - 1) >= len(judges) - 1:
        assert overlap(works, judges, pairs).connected
    assert spread(pairs, works, judges) <= max((Fraction(w.minutes) for w in works), default=0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.frozensets(st.sampled_from("abc"), max_size=2), min_size=1, max_size=5),
    st.integers(1, 2),
    st.integers(0, 9),
)
def test_with_conflicts_loads_are_as_level_as_they_can_be(barred, readings, seed):
    """Beside every other way of giving the works, none is more level."""
    works = without_conflicts(len(barred), 1)
    judges = [
        Juror(one, stands_aside=frozenset(f"w{n}" for n, out in enumerate(barred) if one in out))
        for one in "abc"
    ]
    found = loads(assign(works, judges, readings=readings, seed=seed), works, judges)
    ways = []
    for out in barred:
        free = [one for one in "abc" if one not in out]
        ways.append(list(combinations(free, min(readings, len(free)))))
    squares = min(
        sum(Counter(chain.from_iterable(way))[one] ** 2 for one in "abc") for way in product(*ways)
    )
    # With loads two apart and a way to hand a work on, the squares would not be the least.
    assert sum(load**2 for load in found.values()) == squares


@given(works(), judges(), st.integers(1, 3), st.integers(0, 9))
def test_anchors_go_to_every_judge_who_may_read_them(works, judges, readings, seed):
    anchors = draw_anchors(works, 3, seed=seed)
    pairs = set(assign(works, judges, readings=readings, seed=seed, anchors=anchors))
    for work in works:
        free = {judge.id for judge in judges if not breaks_conflict(work, judge)}
        if work.id in anchors:
            assert {judge for judge, one in pairs if one == work.id} == free


def test_anchors_are_spread_over_the_sections_and_depend_on_the_seed_alone():
    works = [Work(number, 0.2, section=number % 3) for number in range(30)]
    drawn = draw_anchors(works, 7, seed=1)
    assert sorted(Counter(one % 3 for one in drawn).values()) == [2, 2, 3]
    assert drawn == draw_anchors(works[::-1], 7, seed=1) != draw_anchors(works, 7, seed=2)
    assert len(draw_anchors(works[:2], 7, seed=1)) == 2


def test_readings_may_differ_by_work_and_a_work_not_named_gets_none():
    works, judges = without_conflicts(3), [Juror(number) for number in range(4)]
    pairs = assign(works, judges, readings={"w0": 3, "w1": 1}, seed=0)
    assert Counter(work for _judge, work in pairs) == {"w0": 3, "w1": 1}


# --- Somebody leaves, or joins ---------------------------------------------------------------


@given(works(), judges(), st.integers(1, 3), st.integers(0, 9), st.data())
def test_when_a_judge_leaves_what_is_done_stays_and_every_work_has_its_readings(
    works, judges, readings, seed, data
):
    pairs = assign(works, judges, readings=readings, seed=seed)
    done = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    opened = set(pairs) - done
    staying = judges[1:]
    diff = reassign(works, staying, readings=readings, seed=seed, done=done, open=opened)
    assert set(diff.kept) | set(diff.removed) == set(pairs)
    assert done <= set(diff.kept)
    assert not set(diff.added) & set(pairs)
    assert {pair for pair in opened if pair[0] == judges[0].id} <= set(diff.removed)
    by_work, by_judge = {work.id: work for work in works}, {judge.id: judge for judge in staying}
    assert not [p for p in diff.added if breaks_conflict(by_work[p[1]], by_judge[p[0]])]
    given = Counter(work for _judge, work in diff.kept + diff.added)
    for work in works:
        free = {judge.id for judge in staying if not breaks_conflict(work, judge)}
        free |= {judge for judge, one in done if one == work.id}
        assert given[work.id] == min(readings, len(free))


@given(works(conflicts=False), judges(conflicts=False), st.integers(1, 3), st.integers(0, 9))
def test_when_a_judge_leaves_others_keep_their_works_unless_balance_needs_them(
    works, judges, readings, seed
):
    pairs = assign(works, judges, readings=readings, seed=seed)
    staying = judges[1:]
    if not staying:
        return
    diff = reassign(works, staying, readings=readings, seed=seed, done=[], open=pairs)
    longest = max((Fraction(work.minutes) for work in works), default=0)
    assert spread(diff.kept + diff.added, works, staying) <= longest
    of_others = [pair for pair in diff.removed if pair[0] != judges[0].id]
    # Undo them: then loads would not have been level.
    undone = set(diff.kept) | set(of_others) | {p for p in diff.added if not moved(p, of_others)}
    assert not of_others or spread(undone, works, staying) > longest


def moved(pair, removed):
    return pair[1] in {work for _judge, work in removed}


@given(works(), judges(), st.integers(1, 3), st.integers(0, 9))
def test_when_nobody_comes_or_goes_nothing_moves(works, judges, readings, seed):
    pairs = assign(works, judges, readings=readings, seed=seed)
    diff = reassign(works, judges, readings=readings, seed=seed, done=pairs[::2], open=pairs[1::2])
    assert (diff.added, diff.removed) == ((), ())


def test_connecting_judges_leaves_nothing_to_be_levelled():
    """Among many conflicts, an exchange that joined two groups once made a new move possible."""
    lengths, owners = [0.8, 0.2, 0.2, 0.8, 0.2], [1, 2, 2, 3, 2]
    works = [
        Work(f"w{number}", minutes, owner)
        for number, (minutes, owner) in enumerate(zip(lengths, owners, strict=True))
    ]
    conflicts = [
        ({3}, ""),
        ((), "w2 w3"),
        ({1, 3}, ""),
        ((), "w1"),
        ({1, 3}, "w1"),
        ((), ""),
        ((), "w3"),
    ]
    judges = [
        Juror(f"j{number}", frozenset(own), frozenset(), frozenset(aside.split()))
        for number, (own, aside) in enumerate(conflicts)
    ]
    pairs = assign(works, judges, readings=3, seed=1)
    diff = reassign(works, judges, readings=3, seed=1, done=pairs[::2], open=pairs[1::2])
    assert diff == Diff(kept=tuple(sorted(pairs)))


def test_a_judge_who_joins_takes_open_works_until_loads_are_level():
    works, judges = without_conflicts(60), [Juror(number) for number in range(3)]
    pairs = assign(works, judges, readings=1, seed=0)
    done = [pair for pair in pairs if pair[0] == 0]
    opened = [pair for pair in pairs if pair[0] != 0]
    diff = reassign(works, [*judges, Juror(3)], readings=1, seed=0, done=done, open=opened)
    assert {judge for judge, _work in diff.removed} == {1, 2}
    assert {judge for judge, _work in diff.added} == {3}
    counts = Counter(judge for judge, _work in diff.kept + diff.added)
    assert counts[0] == 20  # scored already: nothing to take
    assert max(counts[one] for one in (1, 2, 3)) <= 14
    assert len(diff.added) == 13


@given(works(), judges(), st.integers(1, 3), st.integers(0, 9), st.randoms())
def test_a_reassignment_does_not_depend_on_the_order(works, judges, readings, seed, chance):
    pairs = assign(works, judges, readings=readings, seed=seed)
    staying = judges[1:]
    first = reassign(works, staying, readings=readings, seed=seed, done=pairs[:3], open=pairs[3:])
    done, opened = list(pairs[:3]), list(pairs[3:])
    for one in (works, staying, done, opened):
        chance.shuffle(one)
    assert first == reassign(works, staying, readings=readings, seed=seed, done=done, open=opened)


def test_a_diff_can_be_printed():
    diff = Diff(added=(("b", "w1"),), removed=(("a", "w1"),), kept=(("b", "w2"), ("c", "w1")))
    assert str(diff) == "- a: w1\n+ b: w1\n= 2"

"""Who reads what."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.judging.assignment import Juror, Work, assign

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

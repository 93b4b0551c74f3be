"""What a rehearsal's numbers lead to adds up, whatever they are."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rehearsal.size import Fate, Size

FULL = Size(62, 743, 6526, 864, 20, 1_000_000, 360, 1)


def test_the_full_size_is_one_that_can_be_played():
    assert FULL.problems() == []
    assert FULL.works == 7390


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"organisations": 0}, "--organisations must be at least 1."),
        ({"judges": 3}, "--judges must be at least 4."),
        ({"votes": -1}, "--votes is below 0."),
        ({"awards": 3696}, "--awards must be at most half of all works."),
    ],
)
def test_what_makes_no_edition_is_refused_in_words(change, said):
    assert replace(FULL, **change).problems() == [said]


@given(st.integers(12, 400), st.integers(0, 900), st.integers(900, 7000))
def test_the_places_are_exactly_the_awards_asked_for(awards, videos, photos):
    places = replace(FULL, photos=photos, videos=videos, awards=awards).places()
    assert sum(n for kinds in places.values() for n in kinds.values()) == awards
    assert min(n for kinds in places.values() for n in kinds.values()) >= 0
    assert sum(kinds["micro_video"] for kinds in places.values()) <= videos


def test_every_fate_comes_at_full_size_and_most_works_are_admitted():
    fates = Counter(FULL.fate(number) for number in range(FULL.works))
    assert set(fates) == set(Fate)
    assert fates[Fate.ADMITTED] > 0.85 * FULL.works


def test_chance_is_the_same_each_time_and_another_for_another_seed():
    first = FULL.chance("work", 7).random()
    assert FULL.chance("work", 7).random() == first
    assert FULL.chance("work", 8).random() != first
    assert replace(FULL, seed=2).chance("work", 7).random() != first


def test_no_organisation_needs_more_places_than_it_has():
    rules = FULL.rules()
    per_company = Counter(n % FULL.organisations for n in range(FULL.photos))
    assert max(per_company.values()) <= rules["single_photo"]["entries_per_organisation"]

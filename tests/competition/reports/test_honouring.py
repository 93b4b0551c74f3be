"""Who is proposed for organising: by the declared rule, exactly; ties are people's to decide."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from competition.reports.honouring import Merits, Weights, ranked

FEW = st.integers(0, 4)
MERITS = st.lists(
    st.builds(
        Merits,
        organisation=st.integers(1, 10_000),
        forwarded=FEW,
        admitted=FEW,
        awarded=FEW,
        took_part=FEW,
        companies=st.integers(4, 6),
    ),
    unique_by=lambda one: one.organisation,
    max_size=12,
)
WEIGHTS = st.builds(Weights, forwarded=FEW, admitted=FEW, awarded=FEW, share=st.integers(0, 50))


def test_points_are_added_up_as_declared():
    one = Merits(1, forwarded=10, admitted=6, awarded=2, took_part=1, companies=3)
    assert one.points(Weights(1, 2, 5, 50)) == 10 + 12 + 10 + Fraction(50, 3)
    assert Merits(1, forwarded=3).points(Weights()) == 3  # without companies there is no share


def test_equals_share_a_rank_and_are_not_proposed_across_the_last_place():
    merits = [Merits(1, awarded=3), Merits(2, awarded=1), Merits(3, awarded=1), Merits(4)]
    told = [
        (place.merits.organisation, place.rank, place.is_proposed, place.ties_for_last)
        for place in ranked(merits, Weights(), 2)
    ]
    assert told == [(1, 1, True, False), (2, 2, False, True), (3, 2, False, True)]
    assert [one.is_proposed for one in ranked(merits, Weights(), 3)] == [True, True, True]
    assert not any(one.is_proposed or one.ties_for_last for one in ranked(merits, Weights(), 0))


@given(MERITS, WEIGHTS, st.integers(0, 12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(merits, weights, places, random):
    shuffled = random.sample(merits, len(merits))
    assert ranked(shuffled, weights, places) == ranked(merits, weights, places)


@given(MERITS, WEIGHTS, st.integers(0, 12))
def test_no_more_are_proposed_than_there_are_places_and_none_before_a_better(
    merits, weights, places
):
    found = ranked(merits, weights, places)
    proposed = [place for place in found if place.is_proposed]
    assert len(proposed) <= places
    assert found[: len(proposed)] == proposed
    tied = [place for place in found if place.ties_for_last]
    if len(proposed) < min(places, len(found)):
        assert len(proposed) + len(tied) > places
    else:
        assert tied == []

"""The order of works during the vote: no work is better off than another."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.pages.order import ORDERS, fair_order, order_number

PAGE = 48
seeds = st.text("abc", max_size=3)


def all_orders(count, seed="poll", day="2026-05-01"):
    return [fair_order(range(count), number, seed=seed, day=day) for number in range(ORDERS)]


def places_of(orders):
    """Return key -> its place in each order."""
    places = {key: [] for key in orders[0]}
    for order in orders:
        for place, key in enumerate(order):
            places[key].append(place)
    return places


@given(count=st.integers(0, 300), number=st.integers(0, ORDERS - 1), seed=seeds)
def test_every_work_is_there_once_and_the_order_is_always_the_same(count, number, seed):
    first, again = (fair_order(range(count), number, seed=seed, day="d") for _ in range(2))
    assert sorted(first) == list(range(count))
    assert first == again


@settings(max_examples=20)
@given(count=st.integers(1, 400), seed=seeds)
def test_the_mean_of_a_works_places_is_the_very_middle(count, seed):
    for places in places_of(all_orders(count, seed)).values():
        assert sum(places) * 2 == (count - 1) * ORDERS


@settings(max_examples=20)
@given(count=st.integers(PAGE + 1, 600), seed=seeds)
def test_each_work_is_on_the_first_page_about_equally_often(count, seed):
    orders = all_orders(count, seed)
    times = Counter(key for order in orders for key in order[:PAGE])
    fair_share = ORDERS * PAGE / count
    assert all(abs(times[key] - fair_share) <= 4 for key in range(count))


def test_of_very_many_works_none_is_on_two_first_pages_and_other_days_bring_others():
    today, tomorrow = (all_orders(6_526, day=day) for day in ("2026-05-01", "2026-05-02"))
    firsts = [Counter(key for one in orders for key in one[:PAGE]) for orders in (today, tomorrow)]
    assert [max(times.values()) for times in firsts] == [1, 1]
    assert set(firsts[0]) != set(firsts[1])
    seen = len(set(firsts[0]) | set(firsts[1]))
    assert seen > 1.4 * ORDERS * PAGE


def test_each_group_comes_once_right_after_each_other_one():
    """With as many works as groups, a work is a group."""
    followed = Counter(pair for order in all_orders(ORDERS) for pair in pairwise(order))
    assert set(followed.values()) == {1}
    assert len(followed) == ORDERS * (ORDERS - 1)


def test_few_works_stay_where_they_are_all_through_the_vote():
    assert all_orders(60, day="2026-05-01") == all_orders(60, day="2026-05-09")
    assert all_orders(60, seed="one") != all_orders(60, seed="another")


def test_a_work_that_is_taken_out_hardly_moves_the_others():
    before = fair_order(range(500), 5, seed="poll", day="d")
    after = fair_order([key for key in range(500) if key != 250], 5, seed="poll", day="d")
    places = {key: place for place, key in enumerate(after)}
    moved = [abs(place - places[key]) for place, key in enumerate(before) if key in places]
    assert sum(step <= 16 for step in moved) > 0.8 * len(moved)


def test_visitors_are_spread_over_the_orders_by_their_token():
    spread = Counter(order_number(f"token {n}") for n in range(6_400))
    assert sorted(spread) == list(range(ORDERS))
    assert max(spread.values()) < 150
    assert order_number("token 1") == order_number("token 1")

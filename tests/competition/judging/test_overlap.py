"""What an assignment would look like."""

from competition.judging.assignment import Juror, Work
from competition.judging.overlap import Load, overlap

WORKS = [Work("w1", 0.2), Work("w2", 3), Work("w3", 1.5)]
JUDGES = [Juror(one) for one in "cab"]


def test_it_tells_each_judges_load_and_what_each_two_share():
    pairs = [("a", "w1"), ("b", "w1"), ("a", "w2"), ("b", "w2"), ("c", "w2")]
    found = overlap(WORKS, JUDGES, pairs, readings=2)
    assert found.loads == {"a": Load(2, 3.2), "b": Load(2, 3.2), "c": Load(1, 3.0)}
    assert found.shared == {("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1}
    assert (found.least, found.middle, found.most) == (1, 1, 2)
    assert found.connected
    assert found.short == {"w3": 2}


def test_judges_who_share_nothing_are_not_connected():
    found = overlap(WORKS, JUDGES, [("a", "w1"), ("b", "w1"), ("c", "w2")])
    assert not found.connected
    assert found.least == 0


def test_somebody_who_left_still_connects_those_who_read_the_same_works():
    pairs = [("a", "w1"), ("gone", "w1"), ("gone", "w2"), ("b", "w2"), ("c", "w2")]
    found = overlap(WORKS, JUDGES, pairs)
    assert found.connected
    assert "gone" not in found.loads


def test_one_judge_or_none_is_connected():
    assert overlap(WORKS, JUDGES[:1], []).connected
    assert overlap([], [], []).connected
    assert overlap([], [], []).middle == 0

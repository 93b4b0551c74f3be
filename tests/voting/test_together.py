"""Those who come while others are served are served together; each gets its own answer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError

from tests.media_processing.processes import wait_for
from voting.together import Together


class Gate:
    """Work that notes its groups, and whose first group waits until it is let through."""

    def __init__(self, spoils=None):
        self.groups, self.is_let_through = [], threading.Event()
        self.has_begun, self.spoils = threading.Event(), spoils

    def __call__(self, asked):
        self.groups.append(list(asked))
        self.has_begun.set()
        self.is_let_through.wait(60)
        if self.spoils and "bad" in asked:
            raise self.spoils
        return [one.upper() for one in asked]


def ask_all(gate, first, others):
    """Ask for `first`, for `others` while that is worked on; return all answers or errors."""
    together = Together(gate)

    def ask(one):
        try:
            return together.ask(one)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(others) + 1) as pool:
        done = [pool.submit(ask, first)]
        assert gate.has_begun.wait(60)
        done += [pool.submit(ask, one) for one in others]
        wait_for(lambda: len(together._queue) == len(others))
        gate.is_let_through.set()
        return [one.result(60) for one in done]


def test_who_comes_alone_is_served_alone():
    gate = Gate()
    gate.is_let_through.set()
    together = Together(gate)
    assert [together.ask("a"), together.ask("b")] == ["A", "B"]
    assert gate.groups == [["a"], ["b"]]


def test_who_comes_meanwhile_is_served_together_with_an_answer_each():
    gate = Gate()
    assert ask_all(gate, "a", ["b", "c", "d"]) == ["A", "B", "C", "D"]
    assert [sorted(group) for group in gate.groups] == [["a"], ["b", "c", "d"]]


def test_bad_data_of_one_do_not_spoil_the_others():
    error = DataError("bad")
    assert ask_all(Gate(error), "a", ["b", "bad", "c"]) == ["A", "B", error, "C"]


def test_when_the_work_cannot_be_done_everybody_in_the_group_learns_it():
    error = OSError("gone")
    gate = Gate(error)
    assert ask_all(gate, "a", ["b", "bad", "c"]) == ["A", error, error, error]
    with pytest.raises(OSError, match="gone"):
        Together(gate).ask("bad")


def test_many_threads_and_no_answer_is_mixed_up_or_missing():
    together = Together(lambda asked: [one * 2 for one in asked])
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(together.ask, range(5000))) == [n * 2 for n in range(5000)]

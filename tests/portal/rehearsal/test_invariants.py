"""An illegal, missing or invented move in a work's life is seen; a legal life is not blamed."""

import pytest

from portal.rehearsal.invariants import Check, first_problems, life_problem

SUBMIT, FORWARD, ADMIT = (
    ("draft", "submitted"),
    ("submitted", "forwarded"),
    ("forwarded", "admitted"),
)


def test_a_legal_life_has_no_problem():
    revised = [SUBMIT, ("submitted", "returned"), ("returned", "submitted"), FORWARD, ADMIT]
    assert life_problem("admitted", revised) == ""
    assert life_problem("draft", []) == ""


@pytest.mark.parametrize(
    ("state", "moves", "said"),
    [
        ("forwarded", [("draft", "forwarded")], "draft to forwarded is no legal move"),
        ("admitted", [SUBMIT, ADMIT], "it was submitted, and left forwarded"),
        ("admitted", [SUBMIT, FORWARD], "it is admitted, and its log ends in forwarded"),
        ("submitted", [], "it is submitted, and its log ends in draft"),
    ],
)
def test_what_is_wrong_with_a_life_is_said(state, moves, said):
    assert life_problem(state, moves) == said


def test_a_check_says_what_was_found_and_what_was_wanted():
    assert str(Check("ballots", 500, 500)) == "OK      ballots: 500"
    assert str(Check("ballots", 500, 499)) == "FAILED  ballots: 499, not 500"


def test_of_thousands_of_problems_some_are_shown():
    assert first_problems(["", "a", "", "b"]) == ["a", "b"]
    assert first_problems(str(n) for n in range(10_000)) == ["0", "1", "2", "3", "4"]

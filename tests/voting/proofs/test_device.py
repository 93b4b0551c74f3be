"""The proof of work: signed, dead after ten minutes, good for one use."""

import base64
import json
from datetime import timedelta

import pytest
from altcha import Challenge, create_challenge, solve_challenge
from django.utils import timezone

from voting.proofs import device
from voting.proofs.device import is_solved, make_challenge, solution_text

pytestmark = pytest.mark.django_db


def solve(challenge):
    found = solve_challenge(Challenge.from_dict(challenge))
    return solution_text(challenge, found.counter, found.derived_key)


def test_a_solution_is_taken_once():
    solution = solve(make_challenge())
    assert is_solved(solution)
    assert not is_solved(solution)


def test_the_same_solution_in_another_dress_is_the_same():
    challenge = make_challenge()
    solution = solve(challenge)
    assert is_solved(solution)
    text = json.loads(base64.b64decode(solution))
    text["solution"]["time"] = 1
    assert not is_solved(base64.b64encode(json.dumps(text).encode()).decode())


def test_two_challenges_are_two():
    assert is_solved(solve(make_challenge()))
    assert is_solved(solve(make_challenge()))


def test_it_dies_after_ten_minutes(monkeypatch):
    monkeypatch.setattr(device, "LIFE", timedelta(seconds=-1))
    assert not is_solved(solve(make_challenge()))


def test_it_says_when_it_dies():
    expires = make_challenge()["parameters"]["expiresAt"]
    assert 540 < expires - timezone.now().timestamp() <= 600


@pytest.mark.parametrize(
    "change",
    [
        {"cost": 1},
        {"keyPrefix": ""},
        {"expiresAt": 9999999999},
        {"expiresAt": None},
        {"keySignature": None},
        {"algorithm": "SHA-256"},
    ],
)
def test_a_challenge_made_easier_is_refused(change):
    challenge = make_challenge()
    challenge["parameters"] |= change
    assert not is_solved(solution_text(challenge, 3, "00" * 32))
    if found := solve_challenge(Challenge.from_dict(challenge), timeout=0.1):
        assert not is_solved(solution_text(challenge, found.counter, found.derived_key))


def test_a_challenge_of_somebody_elses_is_refused():
    other = create_challenge("PBKDF2/SHA-256", 1, counter=1, hmac_secret="other").to_dict()
    assert not is_solved(solve(other))
    unsigned = create_challenge("PBKDF2/SHA-256", 1, counter=1).to_dict()
    assert not is_solved(solve(unsigned))


@pytest.mark.parametrize(
    "text",
    ["", "x", "e30=", "bnVsbA==", "W10=", "%%%", "eyJjaGFsbGVuZ2UiOjEsInNvbHV0aW9uIjoyfQ==", "é"],
)
def test_nonsense_is_refused(text):
    assert not is_solved(text)


@pytest.mark.parametrize("key", [None, 7, "", "zz", "00" * 32, ["00"]])
def test_a_wrong_key_is_refused(key):
    assert not is_solved(solution_text(make_challenge(), 1, key))


def test_the_tries_it_takes_are_bounded():
    found = [solve_challenge(Challenge.from_dict(make_challenge())).counter for _ in range(30)]
    assert set(found) <= set(device.COUNTERS)

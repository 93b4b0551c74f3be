"""Many at once: one use is one use, and one wrong try is one try."""

import pytest
from altcha import Challenge, solve_challenge

from tests.voting.test_races import at_once
from voting.models import ProofCode
from voting.proofs.codes import CodeRefused, Target, check_code, send_code
from voting.proofs.device import is_solved, make_challenge, solution_text

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
MANY = 12
MAILBOX = Target("email", "lisi@example.org", "lisi@example.org")


def refused_or(call):
    """Return what the call says, or the code it was refused with."""

    def run():
        try:
            return call() and "taken"
        except CodeRefused as refusal:
            return refusal.code

    return run


def test_a_code_entered_in_many_windows_is_used_once(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    code = code_in(mailoutbox[0].body)
    answers = at_once([refused_or(lambda: check_code(row.pk, code))] * MANY)
    assert sorted(answers) == ["over"] * (MANY - 1) + ["taken"]


def test_guesses_at_once_are_five_and_no_more(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    wrong = f"{(int(code_in(mailoutbox[0].body)) + 1) % 10**6:06}"
    answers = at_once([refused_or(lambda: check_code(row.pk, wrong))] * MANY)
    assert sorted(answers) == ["over"] * (MANY - 4) + ["wrong"] * 4
    assert ProofCode.objects.get().tries == 5


def test_a_solution_posted_many_times_proves_one_device():
    challenge = make_challenge()
    found = solve_challenge(Challenge.from_dict(challenge))
    solution = solution_text(challenge, found.counter, found.derived_key)
    assert sorted(at_once([lambda: is_solved(solution)] * MANY)) == [False] * (MANY - 1) + [True]


def test_a_code_asked_for_many_times_is_sent_once(mailoutbox):
    answers = at_once([refused_or(lambda: send_code(MAILBOX, "x"))] * MANY)
    assert sorted(answers) == ["taken"] + ["wait"] * (MANY - 1)
    assert len(mailoutbox) == 1

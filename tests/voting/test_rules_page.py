"""Anybody reads by which rules votes are counted, and what came of it once that is published."""

import pytest
from django.urls import reverse
from django.utils import translation

from tests.factories import BallotFactory, LedgerFactory, PollFactory
from voting import antifraud
from voting.rule_words import FIGURES, RULES, SHOWN_ELSEWHERE, figures_of, name_of

pytestmark = pytest.mark.django_db


def text_of(client, poll, language="en"):
    with translation.override(language):
        response = client.get(reverse("vote-rules", args=[poll.edition.slug]))
    assert response.status_code == 200
    return response.content.decode()


def test_every_rule_that_is_applied_is_there_with_words_and_thresholds(client, poll):
    with translation.override("en"):
        url = reverse("vote-rules", args=[poll.edition.slug])
        rules = client.get(url).context["rules"]
        assert [one["name"] for one in rules] == [
            str(name_of(code)) for code, _values in antifraud.describe()
        ]
    assert all(one["words"] and one["figures"] for one in rules)


def test_no_rule_and_no_threshold_is_without_words():
    for code, values in antifraud.describe():
        assert code in RULES
        assert set(values) <= set(FIGURES)


def test_figures_are_short_and_signs_come_last():
    values = {"entry": 7, "signs": {"no_sleep": [0.25, 0.0312]}, "hours": 40, "odd_one": 1.23456}
    with translation.override("en"):
        assert [(str(name), str(value)) for name, value in figures_of(values)] == [
            ("hours", "40"),
            ("odd one", "1.23"),
            (str(FIGURES["no_sleep"]), "0.25, usual: 0.0312"),
        ]
    assert not SHOWN_ELSEWHERE & set(FIGURES)


def test_before_the_ledger_is_published_nothing_of_the_review_is_told(client, poll, entry):
    BallotFactory(poll=poll, entry=entry, status=2, code="burst", void_reason="刷票")
    page = text_of(client, poll)
    assert "The outcome" not in page
    assert "刷票" not in page


def test_after_it_is_published_the_void_ballots_are_counted_by_rule(client, poll, entry):
    BallotFactory(poll=poll, entry=entry)
    for code, count in [("burst", 2), ("lockstep", 3), ("organiser", 1)]:
        BallotFactory.create_batch(
            count, poll=poll, entry=entry, status=2, code=code, void_reason="刷票"
        )
    LedgerFactory(poll=poll)
    with translation.override("en"):
        response = client.get(reverse("vote-rules", args=[poll.edition.slug]))
        found = [(str(name), count) for name, count in response.context["void"]]
    assert response.context["counted"] == 1
    assert found == [("In lockstep", 3), ("Sudden burst", 2), ("By the organiser", 1)]
    assert "刷票" not in response.content.decode()


def test_an_edition_without_a_vote_has_no_rules_page(client):
    assert client.get("/vote/none/rules/").status_code == 404
    PollFactory(edition__slug="some")
    assert client.get("/vote/some/rules/").status_code == 200
    assert client.post("/vote/some/rules/").status_code == 405

"""Own scores in order, and beside the panel's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from competition.judging.own_scores import distribution
from competition.judging.queries import stacks_of
from competition.judging.scorecards import save_scorecard

pytestmark = pytest.mark.django_db


@pytest.fixture
def judge(jury, client):
    judge = jury.judge()
    client.force_login(judge.user)
    return judge


def score(assignment, theme, artistry=5, story=5):
    scores = {"theme": theme, "artistry": artistry, "story": story}
    save_scorecard(assignment=assignment, user=assignment.judge.user, scores=scores)
    return assignment


def test_scored_works_come_by_own_weighted_value(client, jury, judge):
    # theme weighs 2, story 1: 5·2 + 5·2 + 9 is less than 8·2 + 5·2 + 5.
    middle = score(jury.assignment(judge), 5, story=9)
    high = score(jury.assignment(judge), 8)
    low = score(jury.assignment(judge), 1)
    jury.assignment(judge)

    def shown(order):
        found = client.get("/judging/", {"show": "done", "order": order})
        return list(found.context["page_obj"])

    assert shown("high") == [high, middle, low]
    assert shown("low") == [low, middle, high]
    assert shown("own") == shown("nonsense") == [middle, high, low]


def test_an_order_costs_the_same_for_one_row_and_for_three(client, jury, judge):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            answer = client.get("/judging/", {"show": "done", "order": "high"})
        assert answer.status_code == 200
        return len(queries)

    score(jury.assignment(judge), 3)
    cost()
    one = cost()
    score(jury.assignment(judge), 4)
    score(jury.assignment(judge), 5)
    assert cost() == one


@pytest.fixture
def panel_scored(jury, judge):
    """The judge gave ten works 8; two others gave five each a 4, on theme."""
    for _ in range(10):
        score(jury.assignment(judge), 8)
    for _ in range(2):
        other = jury.judge()
        for _ in range(5):
            score(jury.assignment(other), 4)
    jury.round.shows_distribution = True
    jury.round.save()


def bars(judge):
    return distribution(stacks_of(judge.user)[0])


@pytest.mark.usefixtures("panel_scored")
def test_own_shares_stand_beside_the_panels(client, judge):
    theme = bars(judge)[0]
    found = {bar.label: (bar.own, bar.own_share, bar.panel_share) for bar in theme.bars}
    assert list(found) == [str(n) for n in range(1, 11)]
    assert found["8"] == (10, 100.0, 50.0)
    assert found["4"] == (0, 0.0, 50.0)
    page = client.get("/judging/").content.decode()
    assert page.count("<svg viewBox") == 3
    assert "style=" not in page


@pytest.mark.usefixtures("panel_scored")
def test_nothing_is_shown_unless_the_organiser_allows_it(jury, judge):
    jury.round.shows_distribution = False
    jury.round.save()
    assert bars(judge) == []


@pytest.mark.usefixtures("panel_scored")
def test_nothing_is_shown_before_ten_works_or_where_two_judges_would_read_each_other(jury, judge):
    other = jury.judges[1]
    assert bars(other) == []
    for assignment in jury.judges[2].assignments.all():
        assignment.scorecard.delete()
    assert bars(judge) == []


@pytest.mark.usefixtures("panel_scored")
def test_a_long_scale_is_drawn_in_ten_bars(jury, judge):
    jury.edition.score_max = 100
    jury.edition.save()
    labels = [bar.label for bar in bars(judge)[0].bars]
    assert (labels[0], labels[-1], len(labels)) == ("1–10", "91–100", 10)

"""Each kind of panel has a standing of its own beside the jury's, for awards that weigh them."""

from decimal import Decimal

import pytest

from competition.judging.evaluation import frozen_or_current
from competition.judging.models import Round, StandingList
from competition.judging.queries import frozen_of_round, latest_standings
from competition.judging.scorecards import save_scorecard
from competition.judging.services import add_judge, close_round
from tests.competition.judging.conftest import SHEET
from tests.factories import PanelFactory, UserFactory

pytestmark = pytest.mark.django_db


def save(assignment, value):
    codes = ["verdict"] if assignment.round.kind == "shortlisting" else SHEET
    scores = dict.fromkeys(codes, value)
    save_scorecard(assignment=assignment, user=assignment.judge.user, scores=scores)


@pytest.fixture
def two_panels(jury):
    """Two experts and one judge of the industry; the experts read both works."""
    jury.works = [jury.entry(), jury.entry()]
    panel = PanelFactory(edition=jury.edition, kind="industry", title="行业评审组")
    jury.round.panels.add(panel)
    jury.industry = add_judge(panel=panel, user=UserFactory())
    jury.experts = [jury.judge(), jury.judge()]
    return jury


def score(world, values=(9, 6, 2)):
    for judge, value in zip([*world.experts, world.industry], values, strict=True):
        save(world.assignment(judge, entry=world.works[0]), value)


def lines_of(edition, source):
    rows = latest_standings(edition, source).standings
    return list(rows.values_list("entry", "rank", "value", "readings"))


def test_closing_freezes_the_mean_of_each_kind_of_panel(two_panels):
    score(two_panels)
    save(two_panels.assignment(two_panels.experts[0], entry=two_panels.works[1]), 8)
    of_all = close_round(round=two_panels.round, actor=None)
    one, other = (work.pk for work in two_panels.works)
    assert lines_of(two_panels.edition, "expert") == [
        (other, 1, Decimal(8), 1),
        (one, 2, Decimal("7.5"), 2),
    ]
    assert lines_of(two_panels.edition, "industry") == [(one, 1, Decimal(2), 1)]
    assert of_all.source == "jury"
    assert frozen_of_round(two_panels.round) == of_all
    assert sorted(one.readings for one in frozen_or_current(two_panels.round)) == [1, 3]


def test_one_kind_of_panel_is_the_jury_and_has_no_list_of_its_own(jury):
    save(jury.assignment(jury.judge()), 7)
    close_round(round=jury.round, actor=None)
    assert list(StandingList.objects.values_list("source", flat=True)) == ["jury"]


def test_a_shortlisting_freezes_the_whole_jurys_only(two_panels):
    Round.objects.filter(pk=two_panels.round.pk).update(kind="shortlisting")
    two_panels.round.refresh_from_db()
    score(two_panels, (3, 2, 1))
    close_round(round=two_panels.round, actor=None)
    assert list(StandingList.objects.values_list("source", flat=True)) == ["jury"]

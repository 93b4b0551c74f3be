"""Rounds in sequence: shortlisting, which works go on, pausing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from wagtail.models import ModelLogEntry

from competition.judging.assigning import assign_round, recuse
from competition.judging.measures import value_of_verdict
from competition.judging.models import Round, RoundPlaces, Score, Scorecard
from competition.judging.queries import (
    RoundState,
    entries_of_round,
    latest_standings,
    round_state,
    works_by_readings,
)
from competition.judging.running import move_cut, pause_round, resume_round
from competition.judging.scorecards import ScoreRefused, save_scorecard
from competition.judging.services import RoundRefused, close_round
from tests.competition.judging.conftest import SHEET
from tests.factories import EntryFactory, RoundFactory, SectionFactory

pytestmark = pytest.mark.django_db

DROP, UNSURE, KEEP = Scorecard.Verdict.values


def judged(jury, judge, entry, verdict):
    assignment = jury.assignment(judge, entry=entry)
    save_scorecard(assignment=assignment, user=judge.user, scores={"verdict": verdict})
    return assignment


@pytest.fixture
def shortlisting(jury):
    """Two judges; of five works the first is kept by both, the last dropped by both."""
    Round.objects.filter(pk=jury.round.pk).update(kind="shortlisting")
    jury.round.refresh_from_db()
    judges, works = [jury.judge(), jury.judge()], [jury.entry() for _ in range(5)]
    verdicts = [(KEEP, KEEP), (KEEP, UNSURE), (UNSURE, KEEP), (UNSURE, DROP), (DROP, DROP)]
    for entry, theirs in zip(works, verdicts, strict=True):
        for judge, verdict in zip(judges, theirs, strict=True):
            judged(jury, judge, entry, verdict)
    jury.works = works
    return jury


def later(jury, **fields):
    number = jury.round.number + 1
    made = RoundFactory(
        **{"edition": jury.edition, "number": number, "earlier": jury.round, **fields}
    )
    made.sections.add(jury.section)
    made.panels.add(jury.panel)
    return made


def logged(action):
    return [line.data for line in ModelLogEntry.objects.filter(action=action).order_by("pk")]


# --- Verdicts -------------------------------------------------------------------------------


def test_the_mean_of_verdicts_is_the_share_of_keeps_unsure_being_half():
    assert [value_of_verdict(one) for one in (DROP, UNSURE, KEEP)] == [0, Fraction(1, 2), 1]


def test_a_shortlisting_ranks_by_the_share_of_keeps_and_ties_share_a_rank(shortlisting):
    found = close_round(round=shortlisting.round, actor=None).standings.order_by("entry")
    assert [(one.rank, one.value, one.readings) for one in found] == [
        (1, Decimal(1), 2),
        (2, Decimal("0.75"), 2),
        (2, Decimal("0.75"), 2),
        (4, Decimal("0.25"), 2),
        (5, Decimal(0), 2),
    ]
    assert Score.objects.count() == 0


@pytest.mark.parametrize(
    "scores", [{}, {"verdict": 4}, {"verdict": 0}, SHEET, {"verdict": 2, "theme": 3}]
)
def test_a_sheet_of_a_shortlisting_is_one_verdict_and_nothing_else(shortlisting, scores):
    judge = shortlisting.judges[0]
    with pytest.raises(ScoreRefused):
        save_scorecard(assignment=shortlisting.assignment(judge), user=judge.user, scores=scores)


def test_a_verdict_is_none_in_a_round_that_scores(jury):
    judge = jury.judge()
    with translation.override("en"), pytest.raises(ScoreRefused):
        save_scorecard(assignment=jury.assignment(judge), user=judge.user, scores={"verdict": 3})


def test_the_database_knows_the_verdicts(shortlisting):
    with pytest.raises(IntegrityError), transaction.atomic():
        Scorecard.objects.update(verdict=4)


def test_the_log_of_a_verdict_says_before_and_after(shortlisting):
    judge, work = shortlisting.judges[0], shortlisting.works[0]
    assignment = judge.assignments.get(entry=work)
    save_scorecard(assignment=assignment, user=judge.user, scores={"verdict": DROP}, seen=1)
    changed = logged("competition.scorecard.save")[-1]
    assert (changed["before"]["scores"], changed["after"]["scores"]) == (
        {"verdict": KEEP},
        {"verdict": DROP},
    )


def test_the_awards_read_the_last_round_that_scores(shortlisting):
    close_round(round=shortlisting.round, actor=None)
    assert latest_standings(shortlisting.edition, "jury") is None
    second = later(shortlisting)
    judge = shortlisting.judges[0]
    shortlisting.round = second
    for work in shortlisting.works[:2]:
        save_scorecard(
            assignment=shortlisting.assignment(judge, entry=work), user=judge.user, scores=SHEET
        )
    frozen = close_round(round=second, actor=None)
    assert latest_standings(shortlisting.edition, "jury") == frozen
    RoundFactory(edition=shortlisting.edition, number=second.number + 1)
    assert latest_standings(shortlisting.edition, "jury") is None, "the last one is still open"


# --- Which works ----------------------------------------------------------------------------


def taken(round):
    return set(entries_of_round(Round.objects.get(pk=round.pk)))


def test_works_inside_the_cut_go_on_with_all_that_tie_for_the_last_place(shortlisting):
    RoundPlaces.objects.create(round=shortlisting.round, section=shortlisting.section, places=2)
    second = later(shortlisting, takes="cut")
    assert taken(second) == set(), "nothing is frozen yet"
    close_round(round=shortlisting.round, actor=None)
    assert taken(second) == set(shortlisting.works[:3])


def test_works_of_at_least_a_value_go_on(shortlisting):
    second = later(shortlisting, takes="least", least=Decimal("0.25"))
    close_round(round=shortlisting.round, actor=None)
    assert taken(second) == set(shortlisting.works[:4])


def test_hand_picked_works_go_on_too_if_they_take_part_in_these_sections(shortlisting):
    second = later(shortlisting, takes="least", least=1)
    close_round(round=shortlisting.round, actor=None)
    stranger = EntryFactory(section=SectionFactory(edition=shortlisting.edition), state="admitted")
    gone = shortlisting.works[3]
    gone.state = "disqualified"
    gone.save()
    second.picked.set([shortlisting.works[4], stranger, gone])
    assert taken(second) == {shortlisting.works[0], shortlisting.works[4]}
    assert assign_round(round=second, actor=None) == 2


def test_a_work_that_left_does_not_make_room_for_another(shortlisting):
    RoundPlaces.objects.create(round=shortlisting.round, section=shortlisting.section, places=1)
    second = later(shortlisting, takes="cut")
    close_round(round=shortlisting.round, actor=None)
    shortlisting.works[0].state = "disqualified"
    shortlisting.works[0].save()
    assert taken(second) == set()


@pytest.mark.parametrize("fields", [{"takes": "cut", "earlier": None}, {"takes": "least"}])
def test_the_database_wants_to_know_what_a_round_takes(jury, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        later(jury, **fields)


# --- Sequence, pause, cut -------------------------------------------------------------------


def test_a_later_round_waits_until_the_earlier_one_is_closed(shortlisting):
    second = later(shortlisting)
    assert round_state(second) is RoundState.WAITING
    close_round(round=shortlisting.round, actor=None)
    assert round_state(Round.objects.get(pk=second.pk)) is RoundState.OPEN


def test_nothing_is_assigned_before_the_earlier_round_is_closed(shortlisting):
    second = later(shortlisting)
    second.picked.add(shortlisting.works[0])
    with pytest.raises(RoundRefused):
        assign_round(round=second, actor=None)
    second.refresh_from_db()
    assert (second.assigned_at, second.assignments.count()) == (None, 0)
    judge, work = shortlisting.judges[0], shortlisting.entry()
    recuse(judge=judge, entry=work, user=judge.user)
    assert judge.recusals.get().entry == work, "a round that waits stops nobody in this one"


def test_a_paused_round_takes_no_scores_until_it_is_resumed(jury):
    judge = jury.judge()
    assignment = jury.assignment(judge)
    for _twice in range(2):
        pause_round(round=jury.round, actor=None)
    assert round_state(Round.objects.get(pk=jury.round.pk)) is RoundState.PAUSED
    with pytest.raises(ScoreRefused):
        save_scorecard(assignment=assignment, user=judge.user, scores=SHEET)
    for _twice in range(2):
        resume_round(round=jury.round, actor=None)
    save_scorecard(assignment=assignment, user=judge.user, scores=SHEET)
    assert (len(logged("competition.round.pause")), len(logged("competition.round.resume"))) == (
        1,
        1,
    )


def test_a_closed_round_is_not_paused_and_a_paused_one_can_be_closed(shortlisting):
    pause_round(round=shortlisting.round, actor=None)
    close_round(round=shortlisting.round, actor=None)
    for verb in (pause_round, resume_round):
        with pytest.raises(RoundRefused):
            verb(round=shortlisting.round, actor=None)


def test_the_cut_moves_until_a_later_round_is_assigned_by_it(shortlisting):
    first, section = shortlisting.round, shortlisting.section.pk
    move_cut(round=first, places={section: 2}, actor=None)
    move_cut(round=first, places={section: 2}, actor=None)
    second = later(shortlisting, takes="cut")
    close_round(round=first, actor=None)
    move_cut(round=first, places={section: 1}, actor=None)
    assert taken(second) == {shortlisting.works[0]}
    assert logged("competition.round.cut") == [
        {"before": {}, "after": {str(section): 2}},
        {"before": {str(section): 2}, "after": {str(section): 1}},
    ]
    assign_round(round=second, actor=None)
    with pytest.raises(RoundRefused):
        move_cut(round=first, places={section: 4}, actor=None)
    assert taken(second) == {shortlisting.works[0]}


def test_how_many_works_have_how_many_scorecards(shortlisting):
    shortlisting.entry()
    judged(shortlisting, shortlisting.judges[0], shortlisting.entry(), KEEP)
    assert works_by_readings(shortlisting.round) == [(shortlisting.section, {0: 1, 1: 1, 2: 5})]

"""A judge's sheet: saved, changed, taken back."""

import pytest
from django.utils import translation
from wagtail.models import ModelLogEntry

from competition.entries.services import set_entry_state
from competition.judging.models import Score, Scorecard
from competition.judging.scorecards import (
    ScoreRefused,
    SheetChanged,
    save_scorecard,
    take_back_scorecard,
)
from competition.judging.services import close_round
from tests.competition.judging.conftest import SHEET
from tests.factories import UserFactory, close_phase

pytestmark = pytest.mark.django_db

OTHER = {**SHEET, "story": 7}


def logged(action):
    return [entry.data for entry in ModelLogEntry.objects.filter(action=action).order_by("pk")]


def save(assignment, scores=SHEET, note="", seen=None):
    user = assignment.judge.user
    return save_scorecard(assignment=assignment, user=user, scores=scores, note=note, seen=seen)


def take_back(assignment, seen=None):
    take_back_scorecard(assignment=assignment, user=assignment.judge.user, seen=seen)


def test_keeps_every_score_and_the_note(jury):
    scorecard = save(jury.assignment(jury.judge()), note="光线很好")
    assert scorecard.note == "光线很好"
    assert dict(scorecard.scores.values_list("criterion__code", "value")) == SHEET


def test_saving_again_changes_the_same_sheet_and_logs_old_and_new(jury):
    assignment = jury.assignment(jury.judge())
    first = save(assignment)
    second = save(assignment, {**SHEET, "story": 7}, note="再看一遍")
    assert first == second
    assert Score.objects.count() == 3
    assert dict(second.scores.values_list("criterion__code", "value"))["story"] == 7
    new, changed = logged("competition.scorecard.save")
    assert new == {
        "entry": assignment.entry_id,
        "before": None,
        "after": {"scores": SHEET, "note": ""},
    }
    assert changed["before"] == {"scores": SHEET, "note": ""}
    assert changed["after"] == {"scores": {**SHEET, "story": 7}, "note": "再看一遍"}


def test_saving_the_same_is_no_change(jury):
    assignment = jury.assignment(jury.judge())
    assert save(assignment) == save(assignment)
    assert len(logged("competition.scorecard.save")) == 1


def test_the_log_names_the_judge(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment)
    (entry,) = ModelLogEntry.objects.filter(action="competition.scorecard.save")
    assert entry.user == assignment.judge.user


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({"theme": 8, "story": 5}, "Not saved yet: please also score 艺术性."),
        (
            {**SHEET, "theme": 0},
            "Not saved yet: a score is a whole number from 1 to 10.",
        ),
        (
            {**SHEET, "theme": 11},
            "Not saved yet: a score is a whole number from 1 to 10.",
        ),
        (
            {**SHEET, "theme": True},
            "Not saved yet: a score is a whole number from 1 to 10.",
        ),
        (
            {**SHEET, "theme": 7.5},
            "Not saved yet: a score is a whole number from 1 to 10.",
        ),
        (
            {**SHEET, "colour": 5},
            "Not saved: the criteria have changed. Please reload the page and score again.",
        ),
    ],
)
def test_a_sheet_must_be_whole_and_within_the_scale(jury, scores, message):
    assignment = jury.assignment(jury.judge())
    with translation.override("en"), pytest.raises(ScoreRefused) as refusal:
        save(assignment, scores)
    assert refusal.value.messages == [message]
    assert Scorecard.objects.count() == 0


def test_the_scale_is_the_editions(jury):
    jury.edition.score_min, jury.edition.score_max = 0, 100
    jury.edition.save()
    save(jury.assignment(jury.judge()), {"theme": 0, "artistry": 100, "story": 55})
    assert Scorecard.objects.count() == 1


def test_a_note_has_an_end(jury):
    with pytest.raises(ScoreRefused):
        save(jury.assignment(jury.judge()), note="长" * 2001)


def test_another_judge_may_not(jury):
    assignment, other = jury.assignment(jury.judge()), jury.judge()
    with pytest.raises(ScoreRefused):
        save_scorecard(assignment=assignment, user=other.user, scores=SHEET)
    assert Scorecard.objects.count() == 0


def test_not_after_the_phase_and_what_was_saved_stays(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment)
    close_phase(jury.edition, "judging")
    with pytest.raises(ScoreRefused):
        save(assignment, {**SHEET, "theme": 1})
    assert Score.objects.get(criterion__code="theme").value == 8


def test_not_after_the_organiser_has_closed_the_round(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment)
    close_round(round=jury.round, actor=None)
    with pytest.raises(ScoreRefused):
        save(assignment, {**SHEET, "theme": 1})
    assert Score.objects.get(criterion__code="theme").value == 8


def test_not_for_a_work_that_was_disqualified(jury):
    assignment = jury.assignment(jury.judge())
    set_entry_state(
        entry=assignment.entry,
        target="disqualified",
        role="organiser",
        actor=None,
        reason="抄袭",
    )
    with pytest.raises(ScoreRefused):
        save(assignment)
    assert Scorecard.objects.count() == 0


# --- Two windows ----------------------------------------------------------------------------


def test_each_change_is_a_version_and_the_same_again_is_none(jury):
    assignment = jury.assignment(jury.judge())
    assert save(assignment, seen=0).version == 1
    assert save(assignment, OTHER, seen=1).version == 2
    assert save(assignment, OTHER, seen=1).version == 2, "sent again, since no answer came"
    assert len(logged("competition.scorecard.save")) == 2


@pytest.mark.parametrize("seen", [0, 2])
def test_what_another_window_has_changed_is_not_overwritten(jury, seen):
    assignment = jury.assignment(jury.judge())
    save(assignment, note="好")
    with translation.override("en"), pytest.raises(SheetChanged) as refusal:
        save(assignment, OTHER, seen=seen)
    assert refusal.value.scorecard.version == 1
    assert "主题性 8、艺术性 9、故事性 5、好" in refusal.value.messages[0]
    assert dict(Score.objects.values_list("criterion__code", "value")) == SHEET


def test_what_another_window_has_taken_back_is_not_brought_back_unseen(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment)
    take_back(assignment)
    with pytest.raises(SheetChanged) as refusal:
        save(assignment, OTHER, seen=1)
    assert refusal.value.scorecard is None
    assert save(assignment, OTHER, seen=0).version == 1


# --- Taking back ----------------------------------------------------------------------------


def test_a_sheet_taken_back_is_gone_and_the_log_keeps_what_it_said(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment, note="误点")
    take_back(assignment, seen=1)
    take_back(assignment, seen=1)
    assert (Scorecard.objects.count(), Score.objects.count()) == (0, 0)
    before = {"scores": SHEET, "note": "误点"}
    assert logged("competition.scorecard.take_back") == [
        {"entry": assignment.entry_id, "before": before, "after": None}
    ]


def test_only_what_was_seen_is_taken_back(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment)
    save(assignment, OTHER)
    with pytest.raises(SheetChanged):
        take_back(assignment, seen=1)
    assert Scorecard.objects.get().version == 2


def test_nothing_is_taken_back_by_others_or_after_the_close(jury):
    assignment = jury.assignment(jury.judge())
    save(assignment)
    with pytest.raises(ScoreRefused):
        take_back_scorecard(assignment=assignment, user=UserFactory())
    close_round(round=jury.round, actor=None)
    with pytest.raises(ScoreRefused):
        take_back(assignment)
    assert Scorecard.objects.count() == 1

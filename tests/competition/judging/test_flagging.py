"""A judge flags a work, the organiser settles it; nothing else moves."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from competition.judging.flagging import flags_of, raise_flag, settle_flag, withdraw_flag
from competition.judging.flags import Flag
from competition.judging.models import Scorecard
from competition.judging.services import JudgingRefused
from tests.factories import FlagFactory, UserFactory, close_phase

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment(jury):
    return jury.assignment(jury.judge())


def flag(assignment, kind="ai", note="手有六指"):
    return raise_flag(assignment=assignment, user=assignment.judge.user, kind=kind, note=note)


def deeds():
    found = ModelLogEntry.objects.filter(action__startswith="competition.flag")
    return list(found.order_by("pk").values_list("action", flat=True))


def test_a_flag_is_kept_and_logged_and_moves_no_score_and_no_state(assignment):
    raised = flag(assignment)
    assert flags_of(assignment) == [raised]
    assert (raised.round, raised.judge, raised.note) == (
        assignment.round,
        assignment.judge,
        "手有六指",
    )
    assert deeds() == ["competition.flag.raise"]
    assignment.entry.refresh_from_db()
    assert assignment.entry.state == "admitted"
    assert not Scorecard.objects.exists()


def test_the_same_doubt_is_raised_once_and_another_beside_it(assignment):
    flag(assignment)
    with pytest.raises(JudgingRefused):
        flag(assignment, note="又一次")
    flag(assignment, kind="theme")
    assert sorted(Flag.objects.values_list("kind", "note")) == [
        ("ai", "手有六指"),
        ("theme", "手有六指"),
    ]


@pytest.mark.parametrize(("kind", "note"), [("", ""), ("other", ""), ("ai", "长" * 501)])
def test_an_unknown_kind_and_a_long_note_are_refused(assignment, kind, note):
    with pytest.raises(JudgingRefused):
        flag(assignment, kind, note)
    assert not Flag.objects.exists()


def test_it_is_seen_and_withdrawn_by_its_judge_alone(jury, assignment):
    flag(assignment)
    other = jury.assignment(jury.judge(), assignment.entry)
    assert flags_of(other) == []
    withdraw_flag(assignment=other, user=other.judge.user, kind="ai")
    with pytest.raises(JudgingRefused):
        withdraw_flag(assignment=assignment, user=other.judge.user, kind="ai")
    assert Flag.objects.count() == 1
    withdraw_flag(assignment=assignment, user=assignment.judge.user, kind="ai")
    assert not Flag.objects.exists()
    assert deeds() == ["competition.flag.raise", "competition.flag.withdraw"]


def test_nothing_is_raised_or_withdrawn_after_the_close(jury, assignment):
    flag(assignment)
    close_phase(jury.edition, "judging")
    with pytest.raises(JudgingRefused):
        flag(assignment, kind="theme")
    with pytest.raises(JudgingRefused):
        withdraw_flag(assignment=assignment, user=assignment.judge.user, kind="ai")
    assert Flag.objects.count() == 1


def test_what_is_settled_stays_as_it_was_settled(assignment):
    raised, organiser = flag(assignment), UserFactory()
    with pytest.raises(JudgingRefused):
        settle_flag(flag=raised, actor=organiser, settlement="  ")
    settled = settle_flag(flag=raised, actor=organiser, settlement="已核实原片")
    assert (settled.settled_by, settled.settlement) == (organiser, "已核实原片")
    with pytest.raises(JudgingRefused):
        settle_flag(flag=raised, actor=organiser, settlement="别的")
    with pytest.raises(JudgingRefused):
        withdraw_flag(assignment=assignment, user=assignment.judge.user, kind="ai")
    assert Flag.objects.get().settlement == "已核实原片"
    assert deeds() == ["competition.flag.raise", "competition.flag.settle"]


def test_the_database_keeps_no_settled_flag_without_words(db):
    row = FlagFactory()
    for fields in ({"settled_at": timezone.now()}, {"settlement": "无"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Flag.objects.filter(pk=row.pk).update(**fields)

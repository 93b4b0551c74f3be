"""What only the clock asks for: reminders, and notices that nobody sends."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from competition.entries.models import Entry
from media_processing.signals import worker_swept
from portal.notifications import rounds
from portal.notifications.models import Notice
from portal.notifications.pipeline import deliver
from portal.notifications.rounds import MAILS_IN_QUEUE, make_rounds, take_up_lying
from portal.notifications.services import queue_notice
from portal.notifications.tasks import RETRY_MINUTES, send_notice
from tests.competition.entries.worlds import World
from tests.factories import EntryFactory, SectionFactory, UserFactory, open_phase

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=5)


@pytest.fixture
def call():
    """A call that closes in two days and a half."""
    phase = open_phase(SectionFactory().edition, "call")
    return close_in(phase, days=2.5)


def close_in(phase, days):
    phase.closes_at = timezone.now() + timedelta(days=days)
    phase.save()
    return phase


def draft(call, created_by=None, age=timedelta(days=9), **fields):
    section = call.edition.sections.first()
    entry = EntryFactory(section=section, created_by=created_by or UserFactory(), **fields)
    Entry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - age)
    return entry


def reminders():
    return list(Notice.objects.filter(kind="deadline").order_by("pk"))


# --- reminders ----------------------------------------------------------------------------


def test_who_has_drafts_is_reminded_once_with_the_list(call):
    person = UserFactory()
    draft(call, person, title="晨光")
    draft(call, person, title="江上")
    for _ in range(3):
        make_rounds(timezone.now())
    (reminder,) = reminders()
    assert reminder.recipient == person
    assert [work["title"] for work in reminder.context["works"]] == ["晨光", "江上"]
    deliver(reminder.pk)
    (letter,) = mail.outbox
    moment = f"{timezone.localtime(call.closes_at):%Y-%m-%d %H:%M}"
    assert moment in letter.subject
    assert moment in letter.body
    assert letter.body.count("/edit/") == 2


def test_a_reminder_speaks_its_readers_language(call):
    draft(call, UserFactory(language="en"))
    make_rounds(timezone.now())
    deliver(reminders()[0].pk)
    moment = f"{timezone.localtime(call.closes_at):%Y-%m-%d %H:%M}"
    assert mail.outbox[0].subject == f"Entries close on {moment}: 1 draft is not submitted"


def test_the_day_before_there_is_another(call):
    draft(call)
    make_rounds(timezone.now())
    make_rounds(timezone.now() + timedelta(days=2))
    make_rounds(timezone.now() + timedelta(days=2, hours=1))
    assert [one.key[-2:] for one in reminders()] == ["-3", "-1"]


def test_an_extended_deadline_has_reminders_of_its_own(call):
    draft(call)
    make_rounds(timezone.now())
    close_in(call, days=9)
    make_rounds(timezone.now())
    assert len(reminders()) == 1
    make_rounds(timezone.now() + timedelta(days=6, hours=1))
    assert len(reminders()) == 2


@pytest.mark.parametrize("state", ["submitted", "returned", "withdrawn", "forwarded"])
def test_who_has_no_draft_is_not_reminded(call, state):
    draft(call, state=state)
    make_rounds(timezone.now())
    assert reminders() == []


def test_nobody_is_reminded_of_a_draft_begun_since_or_of_an_account_that_is_shut(call):
    draft(call, age=timedelta(hours=1))
    draft(call, UserFactory(is_active=False))
    make_rounds(timezone.now())
    assert reminders() == []


@pytest.mark.parametrize("days", [4, -0.1])
def test_too_early_and_too_late_nobody_is_reminded(call, days):
    draft(call)
    phase = close_in(call, days=4)
    make_rounds(phase.closes_at - timedelta(days=days))
    assert reminders() == []


def test_a_crowd_is_reminded_in_parts_and_nobody_twice(call, monkeypatch):
    monkeypatch.setattr(rounds, "PEOPLE_A_ROUND", 2)
    for _ in range(5):
        draft(call)
    counts = []
    for _ in range(4):
        make_rounds(timezone.now())
        counts.append(len(reminders()))
    assert counts == [2, 4, 5, 5]


def test_rounds_with_nothing_left_to_do_cost_the_same_for_one_and_for_three(
    call, django_assert_num_queries
):
    for people in (1, 2):
        for _ in range(people):
            draft(call)
        make_rounds(timezone.now())
        with django_assert_num_queries(8):
            make_rounds(timezone.now())
    assert len(reminders()) == 3


# --- what lies about ----------------------------------------------------------------------


def lost(**fields):
    """A notice whose process died between the commit and the enqueueing."""
    notice = queue_notice(recipient=UserFactory(), kind="k", key="k", context={})
    Notice.objects.filter(pk=notice.pk).update(**fields)
    return notice


def enqueued():
    return [int(task.args_kwargs["args"][0]) for task in DBTaskResult.objects.all()]


def test_a_lost_notice_is_enqueued_once():
    notice = lost()
    for _ in range(2):
        take_up_lying(timezone.now() + LATER)
    assert enqueued() == [notice.pk]


def test_without_the_rounds_it_lies_for_ever():
    """The control: a committed row alone makes no task."""
    lost()
    assert enqueued() == []


def test_a_fresh_notice_is_left_to_its_own_task():
    lost()
    take_up_lying(timezone.now())
    assert enqueued() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"claimed_at": timezone.now()},
        {"sent_at": timezone.now()},
        {"attempts": len(RETRY_MINUTES) + 1},
        {"due_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_is_sent_at_work_given_up_or_not_due_is_left(fields):
    lost(**fields)
    take_up_lying(timezone.now() + LATER)
    assert enqueued() == []


def test_what_waits_for_its_next_try_is_left():
    notice = lost(attempts=1)
    send_notice.using(run_after=timezone.now() + timedelta(hours=2)).enqueue(str(notice.pk))
    take_up_lying(timezone.now() + LATER)
    assert enqueued() == [notice.pk]


def test_many_are_taken_up_some_at_a_time(monkeypatch):
    assert MAILS_IN_QUEUE >= 10
    monkeypatch.setattr(rounds, "MAILS_IN_QUEUE", 2)
    notices = [lost() for _ in range(3)]
    take_up_lying(timezone.now() + LATER)
    take_up_lying(timezone.now() + LATER)
    assert enqueued() == [one.pk for one in notices[:2]]
    DBTaskResult.objects.update(status="SUCCESSFUL")
    Notice.objects.filter(pk__in=[one.pk for one in notices[:2]]).update(claimed_at=timezone.now())
    take_up_lying(timezone.now() + LATER)
    assert sorted(enqueued()) == [one.pk for one in notices]


def test_a_workers_sweep_makes_the_rounds(call):
    draft(call)
    worker_swept.send(None)
    assert len(reminders()) == 1


def test_an_error_in_the_rounds_does_not_stop_the_worker(monkeypatch, caplog):
    def fail(now):
        raise RuntimeError("no")

    monkeypatch.setattr("portal.notifications.receivers.make_rounds", fail)
    worker_swept.send_robust(None)
    assert "no" in caplog.text


def test_the_worlds_own_drafts_are_no_reason_to_write_long_before_the_end():
    world = World()
    world.draft()
    make_rounds(timezone.now() - timedelta(hours=1))
    assert reminders() == []

"""The outbox: one notice a cause, sent at most once, in the recipient's language."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localtime
from django_tasks_db.models import DBTaskResult

from competition.entries.services import (
    admit_entry,
    disqualify_entry,
    reinstate_entry,
    reject_entry,
    withdraw_entry,
)
from competition.screening.services import decline_entry, forward_entry, return_for_revision
from portal.notifications import pipeline
from portal.notifications.models import Notice
from portal.notifications.pipeline import deliver
from portal.notifications.services import queue_notice
from portal.notifications.tasks import RETRY_MINUTES, send_notice
from tests.competition.entries.worlds import World
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CONTEXT = {
    "entry_id": 7,
    "number": "P-000007",
    "title": "晨光",
    "section": "单幅照片",
    "edition": "第一届",
    "organisation": "某企业",
    "reason": "",
}


def notice(kind="entry_forward", key="cause", recipient=None, **context):
    recipient = recipient or UserFactory()
    return queue_notice(recipient=recipient, kind=kind, key=key, context=CONTEXT | context)


def test_the_same_cause_makes_one_notice_and_one_task(django_capture_on_commit_callbacks):
    person = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        first, second = notice(recipient=person), notice(recipient=person)
        notice(recipient=person, key="another")
    assert first == second
    assert Notice.objects.count() == 2
    queued = DBTaskResult.objects.values_list("queue_name", "args_kwargs")
    assert [row[0] for row in queued] == ["notices", "notices"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_notice():
    with transaction.atomic():
        notice()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_a_notice_is_mailed_once_however_often_its_task_runs():
    row = notice()
    for _ in range(3):
        send_notice.call(str(row.pk))
    (letter,) = mail.outbox
    row.refresh_from_db()
    assert letter.to == [row.recipient.email]
    assert row.sent_at is not None
    assert row.attempts == 1


def test_a_worker_killed_in_the_middle_leaves_a_claim_and_no_second_mail(monkeypatch):
    row = notice()

    def die(_notice):
        mail.send_mail("s", "b", None, ["a@example.org"])
        raise KeyboardInterrupt  # as kill -9: nothing below runs

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_mail", die)
        with pytest.raises(KeyboardInterrupt):
            deliver(row.pk)
    deliver(row.pk)
    row.refresh_from_db()
    assert len(mail.outbox) == 1
    assert row.claimed_at is not None
    assert row.sent_at is None


def test_a_mail_server_that_is_away_is_tried_again_and_then_given_up(monkeypatch):
    row = notice()

    def refuse(_notice):
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_mail", refuse)
        for attempt in range(1, len(RETRY_MINUTES) + 2):
            send_notice.call(str(row.pk))
            row.refresh_from_db()
            assert (row.attempts, row.last_error, row.claimed_at) == (attempt, "gone", None)
            retries = DBTaskResult.objects.filter(run_after__isnull=False).count()
            assert retries == min(attempt, len(RETRY_MINUTES))
    send_notice.call(str(row.pk))
    row.refresh_from_db()
    assert row.sent_at is not None
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("language", "path"), [("zh-hans", "/my/works/7/"), ("en", "/en/my/works/7/")]
)
def test_a_mail_speaks_its_readers_language(language, path, settings):
    deliver(notice(recipient=UserFactory(language=language), title='<晨光 & "夜">').pk)
    (letter,) = mail.outbox
    assert f"{settings.WAGTAILADMIN_BASE_URL}{path}" in letter.body
    assert '<晨光 & "夜">' in letter.body  # plain text: nothing is escaped
    if language == "en":
        assert letter.subject == "Recommended: P-000007"


def test_a_title_cannot_write_headers():
    deliver(notice(number="P-1\nBcc: all@example.org").pk)
    (letter,) = mail.outbox
    assert "\n" not in letter.subject
    assert letter.recipients() == [letter.to[0]]


def test_every_move_of_a_work_tells_its_entrants(django_capture_on_commit_callbacks):
    world = World()
    with django_capture_on_commit_callbacks():
        withdrawn, declined, works = world.submitted(), world.submitted(), world.submitted()
        withdraw_entry(entry=withdrawn, user=world.entrant)
        decline_entry(entry=declined, user=world.manager, reason="r")
        forward_entry(entry=works, user=world.manager)
        reject_entry(entry=works, user=world.organiser, reason="r")
        admit_entry(entry=works, user=world.organiser, reason="r")
        disqualify_entry(entry=works, user=world.organiser, reason="r")
        reinstate_entry(entry=works, user=world.organiser, reason="r")
        disqualify_entry(entry=works, user=world.organiser, reason="again")
        return_for_revision(entry=world.submitted(), user=world.manager, reason="太暗")
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "receipt",
        "entry_withdraw",
        "entry_decline",
        "entry_forward",
        "entry_reject",
        "entry_admit",
        "entry_disqualify",
        "entry_reinstate",
        "entry_disqualify",
        "entry_return",
    ]
    for row in Notice.objects.all():
        deliver(row.pk)
    assert len(mail.outbox) == len(kinds)
    assert sum("太暗" in letter.body for letter in mail.outbox) == 1
    assert all(letter.to == [world.entrant.email] for letter in mail.outbox)


def test_maker_and_submitter_are_both_told_each_once():
    world = World()
    colleague = UserFactory()
    entry = world.entry("forwarded", rights_accepted_by=colleague)
    admit_entry(entry=entry, user=world.organiser)
    people = Notice.objects.values_list("recipient", flat=True)
    assert sorted(people) == sorted([world.entrant.pk, colleague.pk])


def test_who_has_left_is_told_nothing_any_more():
    world = World()
    entry = world.entry("forwarded", rights_accepted_by=UserFactory(is_active=False))
    world.entrant.is_active = False
    world.entrant.save()
    admit_entry(entry=entry, user=world.organiser)
    assert not Notice.objects.exists()


def test_a_returned_works_mail_names_its_deadline():
    world = World()
    moment = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    for revise_by in (moment, None):
        return_for_revision(
            entry=world.submitted(), user=world.manager, reason="太暗", revise_by=revise_by
        )
    with_deadline, without = Notice.objects.filter(kind="entry_return").order_by("pk")
    for row in (with_deadline, without):
        deliver(row.pk)
    due = localtime(moment).strftime("%Y-%m-%d %H:%M")
    assert with_deadline.context["revise_by"] == due
    assert [due in letter.body for letter in mail.outbox] == [True, False]

"""The receipt: what is submitted together is one mail with the list of the works."""

import threading

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.notifications.models import Notice
from portal.notifications.pipeline import deliver
from portal.notifications.services import RECEIPT_WAIT, name_on_receipt
from tests.competition.entries.worlds import World
from tests.factories import EditionFactory, SectionFactory, UserFactory, open_phase

pytestmark = pytest.mark.django_db


def receipts():
    return list(Notice.objects.filter(kind="receipt").order_by("pk"))


def listed(receipt):
    return [work["title"] for work in receipt.context["works"]]


def test_three_works_submitted_together_are_one_mail(django_capture_on_commit_callbacks):
    world = World()
    with django_capture_on_commit_callbacks(execute=True):
        works = [world.submitted(title=title) for title in ("晨光", "江上", "夜班")]
    (receipt,) = receipts()
    assert listed(receipt) == ["晨光", "江上", "夜班"]
    (task,) = DBTaskResult.objects.all()
    assert task.run_after == receipt.due_at
    assert timezone.now() < receipt.due_at <= timezone.now() + RECEIPT_WAIT
    deliver(receipt.pk)
    (letter,) = mail.outbox
    assert "3" in letter.subject
    for work in works:
        assert f"{work.number} {work.title}" in letter.body
        assert f"/my/works/{work.pk}/" in letter.body


def test_one_work_is_named_in_the_subject():
    world = World()
    world.entrant.language = "en"
    world.entrant.save()
    work = world.submitted()
    deliver(receipts()[0].pk)
    assert mail.outbox[0].subject == f"Received: {work.number}"


def test_what_comes_after_the_mail_was_taken_for_sending_has_a_mail_of_its_own():
    world = World()
    world.submitted(title="晨光")
    deliver(receipts()[0].pk)
    world.submitted(title="江上")
    assert [listed(one) for one in receipts()] == [["晨光"], ["江上"]]


def test_a_receipt_that_could_not_be_sent_yet_goes_on_collecting():
    world = World()
    world.submitted(title="晨光")
    Notice.objects.update(attempts=1, last_error="gone")
    world.submitted(title="江上")
    assert [listed(one) for one in receipts()] == [["晨光", "江上"]]


def test_each_person_and_each_edition_has_a_receipt_of_its_own():
    world = World()
    colleague = UserFactory()
    world.submitted(title="晨光")
    other = SectionFactory(edition=EditionFactory())
    open_phase(other.edition, "call")
    world.submitted(section=other, title="江上")
    work = {"entry_id": 1, "title": "合写"}
    name_on_receipt(
        recipient=colleague, edition=world.edition, edition_title="届", work=work, key="9"
    )
    assert [(one.recipient, listed(one)) for one in receipts()] == [
        (world.entrant, ["晨光"]),
        (world.entrant, ["江上"]),
        (colleague, ["合写"]),
    ]


def test_a_work_submitted_again_within_the_minute_is_listed_once():
    world = World()
    work = world.submitted(title="晨光")
    facts = {"entry_id": work.pk, "title": "晨光，改"}
    name_on_receipt(
        recipient=world.entrant, edition=world.edition, edition_title="届", work=facts, key="9"
    )
    (receipt,) = receipts()
    assert listed(receipt) == ["晨光，改"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_work_added_while_the_mail_is_taken_for_sending_is_in_it_or_in_the_next():
    """Whoever comes second waits for the row: no work is lost between the two."""
    world = World()
    world.submitted(title="晨光")
    (receipt,) = receipts()
    begin = threading.Barrier(2, timeout=60)

    def send():
        begin.wait()
        deliver(receipt.pk)
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    with transaction.atomic():
        begin.wait()
        name_on_receipt(
            recipient=world.entrant,
            edition=world.edition,
            edition_title="届",
            work={"entry_id": 77, "title": "江上", "number": "P-000077"},
            key="77",
        )
    sender.join()
    for one in receipts():
        deliver(one.pk)
    letters = "".join(letter.body for letter in mail.outbox)
    assert letters.count("晨光") == letters.count("江上") == 1


def test_written_without_a_look_at_the_claim_a_work_is_lost():
    """The control: the mail is gone, and the row says something else."""
    world = World()
    world.submitted(title="晨光")
    (receipt,) = receipts()
    deliver(receipt.pk)
    receipt.context["works"].append({"entry_id": 77, "title": "江上", "number": "P-000077"})
    receipt.save(update_fields=["context"])
    for one in receipts():
        deliver(one.pk)
    assert "江上" not in "".join(letter.body for letter in mail.outbox)

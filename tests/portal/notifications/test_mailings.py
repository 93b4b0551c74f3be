"""A bulk mail: looked at first, then queued once for everybody it goes to."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from portal.accounts.groups import ORGANISERS
from portal.notifications.models import Mailing, Notice
from portal.notifications.pipeline import deliver
from portal.notifications.queries import audience_of, fingerprint
from portal.notifications.rounds import MAILS_IN_QUEUE, take_up_lying
from portal.notifications.services import MailingRefused, queue_mailing
from portal.permissions import set_group_permissions
from tests.admin.conftest import sign_in
from tests.factories import CompanyFactory, EntryFactory, MailingFactory, UserFactory

pytestmark = pytest.mark.django_db


def entrant(mailing, state="draft", **fields):
    entry = EntryFactory(section__edition=mailing.edition, state=state, **fields)
    return entry.created_by


def queue(mailing, seen=None):
    seen = fingerprint(mailing) if seen is None else seen
    return queue_mailing(mailing=mailing, user=UserFactory(), seen=seen)


# --- who ----------------------------------------------------------------------------------


def test_everybody_who_made_or_submitted_a_work_of_the_edition_gets_it():
    mailing = MailingFactory()
    submitter = UserFactory()
    people = {entrant(mailing), entrant(mailing, "withdrawn")}
    people.add(entrant(mailing, "admitted", rights_accepted_by=submitter))
    EntryFactory()
    assert set(audience_of(mailing)) == people | {submitter}


def test_or_only_those_with_drafts_or_with_submitted_works():
    mailing = MailingFactory(audience="drafts")
    drafts, submitted = entrant(mailing), entrant(mailing, "forwarded")
    entrant(mailing, "withdrawn")
    assert list(audience_of(mailing)) == [drafts]
    mailing.audience = "submitted"
    assert list(audience_of(mailing)) == [submitted]


def test_or_only_those_of_an_association_and_its_companies():
    company = CompanyFactory()
    mailing = MailingFactory(association=company.association)
    own = entrant(mailing, organisation=company)
    above = entrant(mailing, organisation=company.association)
    entrant(mailing)
    assert set(audience_of(mailing)) == {own, above}


def test_one_person_with_many_works_counts_once_and_a_shut_account_not_at_all():
    mailing = MailingFactory()
    person = UserFactory()
    for _ in range(2):
        entrant(mailing, created_by=person)
    entrant(mailing, created_by=UserFactory(is_active=False))
    assert list(audience_of(mailing)) == [person]


# --- once ---------------------------------------------------------------------------------


def test_it_is_queued_once_and_leaves_with_the_rounds():
    mailing = MailingFactory()
    reader, english = entrant(mailing), entrant(mailing)
    english.language = "en"
    english.save()
    assert queue(mailing) == 2
    with pytest.raises(MailingRefused):
        queue(mailing)
    assert mail.outbox == []  # nothing is sent inside the request
    assert not DBTaskResult.objects.exists()
    take_up_lying(timezone.now() + timedelta(minutes=2))
    assert DBTaskResult.objects.count() == 2 <= MAILS_IN_QUEUE
    for notice in Notice.objects.all():
        deliver(notice.pk)
        deliver(notice.pk)
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert len(mail.outbox) == 2
    assert letters[reader.email].subject == "征集延期"
    assert "征集延期三天。" in letters[reader.email].body
    assert letters[english.email].subject == "More time for entries"
    assert "The call is open three days longer." in letters[english.email].body
    line = ModelLogEntry.objects.get(action="notifications.mailing.queue")
    assert line.data["recipients"] == 2


def test_a_text_or_a_reader_that_has_changed_since_is_looked_at_again():
    mailing = MailingFactory()
    entrant(mailing)
    seen = fingerprint(mailing)
    entrant(mailing)
    with pytest.raises(MailingRefused):
        queue(mailing, seen)
    seen = fingerprint(mailing)
    Mailing.objects.update(body="别的内容")
    with pytest.raises(MailingRefused):
        queue(mailing, seen)
    mailing.refresh_from_db()
    assert mailing.queued_at is None
    assert not Notice.objects.exists()


def test_to_nobody_it_is_not_queued():
    mailing = MailingFactory()
    with pytest.raises(MailingRefused):
        queue(mailing)
    mailing.refresh_from_db()
    assert mailing.queued_at is None


def at_once(call, times):
    start = threading.Barrier(times, timeout=60)

    def run(_n):
        try:
            start.wait()
            return call()
        except MailingRefused:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_double_click_queues_it_once():
    mailing = MailingFactory()
    for _ in range(3):
        entrant(mailing)
    user, seen = UserFactory(), fingerprint(mailing)
    mine = lambda: Mailing.objects.get(pk=mailing.pk)  # noqa: E731
    done = at_once(lambda: queue_mailing(mailing=mine(), user=user, seen=seen), 4)
    assert sorted(done) == [0, 0, 0, 3]
    assert Notice.objects.count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_looks_first_and_marks_later_queues_it_again():
    """The control: without the one conditional update every click gets through."""
    mailing = MailingFactory()
    have_looked = threading.Barrier(4, timeout=60)

    def naive():
        free = Mailing.objects.get(pk=mailing.pk).queued_at is None
        have_looked.wait()
        Mailing.objects.filter(pk=mailing.pk).update(queued_at=timezone.now())
        return int(free)

    assert at_once(naive, 4) == [1, 1, 1, 1]


# --- the screens --------------------------------------------------------------------------


@pytest.fixture
def organiser():
    set_group_permissions()
    return sign_in(ORGANISERS)


def look(mailing):
    return reverse("notifications_mailing", args=[mailing.pk])


def test_an_organiser_writes_looks_and_sends(organiser):
    edition = MailingFactory().edition
    person = EntryFactory(section__edition=edition).created_by
    texts = {"subject": "延期", "subject_en": "", "body": "三天。", "body_en": ""}
    fields = {"edition": edition.pk, "audience": "entrants", "association": ""}
    answer = organiser.post(reverse("mailings:add"), fields | texts)
    mailing = Mailing.objects.get(subject="延期")
    assert answer.url == look(mailing)
    page = organiser.get(look(mailing))
    assert (page.context["total"], list(page.context["names"])) == (1, [person])
    assert page.content.decode().count("三天。") == 2  # as both languages will read it
    assert not Notice.objects.exists()
    answer = organiser.post(look(mailing), {"seen": page.context["seen"]})
    assert answer.url == reverse("mailings:index")
    assert Notice.objects.get().recipient == person
    assert "0 / 1" in organiser.get(answer.url).content.decode()
    deliver(Notice.objects.get().pk)
    assert "1 / 1" in organiser.get(answer.url).content.decode()
    assert organiser.get(look(mailing)).context["progress"].sent == 1


def test_what_was_queued_is_neither_changed_nor_removed(organiser):
    mailing = MailingFactory()
    entrant(mailing)
    queue(mailing)
    assert organiser.get(reverse("mailings:edit", args=[mailing.pk])).url == look(mailing)
    organiser.post(reverse("mailings:edit", args=[mailing.pk]), {"subject": "别的"})
    organiser.post(reverse("mailings:delete", args=[mailing.pk]))
    mailing.refresh_from_db()
    assert mailing.subject == "征集延期"


def test_a_stale_look_is_told_and_shown_anew(organiser):
    mailing = MailingFactory()
    entrant(mailing)
    page = organiser.post(look(mailing), {"seen": "stale"})
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert page.context["seen"] == fingerprint(mailing)


def test_nobody_else_writes_to_all(client):
    mailing = MailingFactory()
    client.force_login(entrant(mailing))
    for address in (look(mailing), reverse("mailings:index"), reverse("mailings:add")):
        assert client.get(address).status_code == 302
    assert client.post(look(mailing), {"seen": fingerprint(mailing)}).status_code == 302
    assert not Notice.objects.exists()

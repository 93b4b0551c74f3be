"""What is kept of persons goes when it is time, not before, and the command says why not yet."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from competition.entries.models import Entry
from competition.organisations.models import Invitation
from media_processing.signals import worker_swept
from portal.accounts.models import User
from portal.notifications.models import Notice
from portal.personal.retention import forget, survey
from tests.factories import (
    EntryFactory,
    InvitationFactory,
    MembershipFactory,
    PhaseFactory,
    PollFactory,
    UserFactory,
)
from voting.models import ProofCode

pytestmark = pytest.mark.django_db
COUNTED = [
    "sessions",
    "codes sent to voters",
    "addresses of invitations",
    "accounts never confirmed",
    "mails that were sent",
    "works never submitted",
]


def ago(days):
    return timezone.now() - timedelta(days=days)


def draft_of_a_call_that_closed(days, state="draft"):
    entry = EntryFactory(state=state)
    entry.edition.phases.all().delete()
    PhaseFactory(edition=entry.edition, kind="call", opens_at=ago(days + 9), closes_at=ago(days))
    return entry


def sign_up(days):
    user = UserFactory(date_joined=ago(days))
    EmailAddress.objects.create(user=user, email=user.email, verified=False)
    return user


@pytest.fixture
def kept():
    """Of each thing one that is over and one that is not yet, in this order."""
    for days in (1, -1):
        Session.objects.create(session_key=f"{days}", session_data="", expire_date=ago(days))
    for days in (3, 1):
        ProofCode.objects.create(channel="email", target="t", code="c", sent_at=ago(days))
    for days in (31, 29):
        InvitationFactory(email=f"{days}@example.org", expires_at=ago(days))
    sign_ups = [sign_up(days) for days in (31, 29)]
    for days in (366, 364):
        Notice.objects.create(recipient=UserFactory(), kind="k", key="k", sent_at=ago(days))
    return {"sign_ups": sign_ups, "drafts": [draft_of_a_call_that_closed(d) for d in (181, 179)]}


def counts(lines):
    return {line.what: line.count for line in lines}


def test_what_is_over_goes_and_what_is_not_stays(kept):
    now = timezone.now()
    assert counts(survey(now)) == dict.fromkeys(COUNTED, 1)
    assert Session.objects.count() == 2  # it was only looked at
    assert counts(forget(now)) == dict.fromkeys(COUNTED, 1)
    assert counts(survey(now)) == dict.fromkeys(COUNTED, 0)
    assert [one.session_key for one in Session.objects.all()] == ["-1"]
    assert ProofCode.objects.get().sent_at > ago(2)
    assert set(Invitation.objects.values_list("email", flat=True)) == {"", "29@example.org"}
    assert not User.objects.filter(pk=kept["sign_ups"][0].pk).exists()
    assert User.objects.filter(pk=kept["sign_ups"][1].pk).exists()
    assert Notice.objects.get().sent_at > ago(365)
    assert list(Entry.objects.all()) == [kept["drafts"][1]]


def test_a_notice_that_never_left_and_a_work_that_was_submitted_stay():
    Notice.objects.create(recipient=UserFactory(), kind="k", key="k", due_at=ago(900))
    draft_of_a_call_that_closed(900, state="submitted")
    assert counts(forget(timezone.now())) == dict.fromkeys(COUNTED, 0)
    assert (Notice.objects.count(), Entry.objects.count()) == (1, 1)


def test_an_account_with_a_part_stays_though_its_address_is_not_confirmed():
    MembershipFactory(user=sign_up(900))
    confirmed = sign_up(900)
    EmailAddress.objects.create(user=confirmed, email="other@example.org", verified=True)
    assert counts(forget(timezone.now()))["accounts never confirmed"] == 0


def test_the_periods_are_settings(kept, settings):
    settings.RETENTION_NOTICE_DAYS, settings.RETENTION_DRAFT_DAYS = 360, 170
    found = counts(survey(timezone.now()))
    assert (found["mails that were sent"], found["works never submitted"]) == (2, 2)


def test_the_command_says_what_goes_and_why_not_yet():
    Session.objects.create(session_key="old", session_data="", expire_date=ago(1))
    poll = PollFactory(closed_at=timezone.now())
    said = StringIO()
    call_command("retain", dry_run=True, stdout=said)
    assert said.getvalue().splitlines()[:2] == [
        "would go  what, and until when it is kept",
        "       1  sessions, until they end",
    ]
    assert said.getvalue().splitlines()[-2:] == [
        f"       0  voters of {poll.edition.slug}, until the notice period ends",
        "          not yet: Nothing was erased. The ledger is not published yet; publish it first.",
    ]
    call_command("retain", stdout=said)
    assert not Session.objects.exists()


def test_the_worker_forgets_once_a_day():
    Session.objects.create(session_key="old", session_data="", expire_date=ago(1))
    worker_swept.send(None)
    assert not Session.objects.exists()
    Session.objects.create(session_key="old", session_data="", expire_date=ago(1))
    worker_swept.send(None)
    assert Session.objects.count() == 1

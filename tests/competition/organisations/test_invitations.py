"""A link that is good once, for a while, for whom it was meant."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.signing import Signer
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from competition.organisations.checks import OrganisationRefused
from competition.organisations.invitations import (
    accept_invitation,
    find_invitation,
    invite_member,
    link_token,
    revoke_invitation,
)
from competition.organisations.models import Invitation
from portal.notifications.invitation_mail import mail_invitation
from portal.notifications.models import Notice
from portal.notifications.tasks import RETRY_MINUTES, send_invitation
from tests.competition.organisations.people import contributor_of, manager_of, roles_in
from tests.factories import CompanyFactory, InvitationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return CompanyFactory(name="远帆船舶")


@pytest.fixture
def manager(company):
    return manager_of(company)


def invite(company, manager, role="contributor", email="") -> Invitation:
    return invite_member(organisation=company, user=manager, role=role, email=email)


@pytest.mark.parametrize("role", ["manager", "contributor"])
def test_who_accepts_gets_the_role_of_the_invitation(company, manager, role):
    invitation, person = invite(company, manager, role), UserFactory()
    accept_invitation(invitation=invitation, user=person)
    assert roles_in(company) == {manager: "manager", person: role}
    invitation.refresh_from_db()
    assert invitation.accepted_by == person


def test_a_link_is_good_once(company, manager):
    invitation = invite(company, manager)
    accept_invitation(invitation=invitation, user=UserFactory())
    with pytest.raises(OrganisationRefused):
        accept_invitation(invitation=invitation, user=UserFactory())
    assert len(roles_in(company)) == 2


def test_a_link_that_was_taken_back_or_is_a_week_old_is_dead(company, manager):
    revoked, old = invite(company, manager), invite(company, manager)
    revoke_invitation(invitation=revoked, user=manager)
    assert old.expires_at - old.created_at == pytest.approx(
        timedelta(days=7), abs=timedelta(minutes=1)
    )
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    for dead in (revoked, old):
        with pytest.raises(OrganisationRefused):
            accept_invitation(invitation=dead, user=UserFactory())
    assert list(roles_in(company)) == [manager]


def test_a_mailed_link_is_for_its_address_in_any_case(company, manager):
    invitation = invite(company, manager, email=" Li.Si@Example.org")
    with pytest.raises(OrganisationRefused):
        accept_invitation(invitation=invitation, user=UserFactory())
    person = UserFactory(email="li.si@example.org")
    accept_invitation(invitation=invitation, user=person)
    assert person in roles_in(company)


def test_a_manager_who_accepts_an_invitation_as_contributor_stays_manager(company, manager):
    accept_invitation(invitation=invite(company, manager), user=manager)
    assert roles_in(company) == {manager: "manager"}


def test_only_a_manager_invites_and_takes_back(company, manager):
    invitation = invite(company, manager)
    for who in (contributor_of(company), manager_of(CompanyFactory()), UserFactory()):
        with pytest.raises(OrganisationRefused):
            invite(company, who)
        with pytest.raises(OrganisationRefused):
            revoke_invitation(invitation=invitation, user=who)
    with pytest.raises(OrganisationRefused):
        invite(company, manager, email="not an address")
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_what_was_accepted_is_not_taken_back(company, manager):
    invitation = invite(company, manager)
    accept_invitation(invitation=invitation, user=UserFactory())
    with pytest.raises(OrganisationRefused):
        revoke_invitation(invitation=invitation, user=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(revoked_at=timezone.now())


def test_a_token_of_another_key_purpose_or_spelling_opens_nothing(company, manager, settings):
    invitation = invite(company, manager)
    token = link_token(invitation)
    assert find_invitation(token) == invitation
    forged = [Signer().sign(invitation.pk.hex), invitation.pk.hex, token[:-1], token + "x", ""]
    assert [find_invitation(one) for one in forged] == [None] * 5


def test_nothing_in_the_database_is_the_token(company, manager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invitation = invite(company, manager, email="lisi@example.org")
    mail_invitation(invitation.pk.hex)
    signature = link_token(invitation).partition(":")[2]
    assert signature in mail.outbox[0].body
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert signature not in str(cursor.fetchall())


# --- mailing ------------------------------------------------------------------------------


def test_an_invitation_with_an_address_is_mailed_once_with_its_link(
    company, manager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation = invite(company, manager, email="lisi@example.org")
        invite(company, manager)
    (queued,) = DBTaskResult.objects.all()
    assert queued.args_kwargs == {"args": [invitation.pk.hex], "kwargs": {}}
    send_invitation.call(invitation.pk.hex)
    send_invitation.call(invitation.pk.hex)
    (sent,) = mail.outbox
    assert sent.to == ["lisi@example.org"]
    assert "远帆船舶" in sent.subject
    path = re.search(r"https?://[^/]+(\S+)", sent.body).group(1)
    assert path == reverse("invitation", args=[link_token(invitation)])
    assert Notice.objects.count() == 0


def test_a_mail_server_that_is_away_is_asked_again_and_then_given_up(company, manager, monkeypatch):
    invitation = InvitationFactory(organisation=company, email="lisi@example.org")

    def away(*args, **kwargs):
        raise OSError("away")

    monkeypatch.setattr("portal.notifications.invitation_mail.send_mail", away)
    for failures in range(len(RETRY_MINUTES) + 1):
        send_invitation.call(invitation.pk.hex, failures)
    again = DBTaskResult.objects.order_by("run_after").values_list("args_kwargs", flat=True)
    assert [one["args"][1] for one in again] == [1, 2, 3, 4]
    invitation.refresh_from_db()
    assert invitation.mailed_at is None


def test_an_invitation_that_is_over_is_not_mailed(company, manager):
    invitation = invite(company, manager, email="lisi@example.org")
    revoke_invitation(invitation=invitation, user=manager)
    assert mail_invitation(invitation.pk.hex) is True
    assert mail.outbox == []


# --- pages --------------------------------------------------------------------------------


@pytest.fixture
def _no_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def at_desk(client, manager, _no_limits):
    client.force_login(manager)
    return client


def test_the_link_is_shown_on_the_next_page_and_never_again(at_desk, company):
    invite_url = reverse("organisation-invite", args=[company.pk])
    page = reverse("organisation-members", args=[company.pk])
    assert at_desk.post(invite_url, {"role": "manager"}).headers["Location"] == page
    invitation = Invitation.objects.get()
    link = reverse("invitation", args=[link_token(invitation)])
    assert link in at_desk.get(page).content.decode()
    again = at_desk.get(page).content.decode()
    assert link not in again
    assert reverse("invitation-revoke", args=[company.pk, invitation.pk]) in again


def test_a_wrong_address_is_told_and_makes_no_invitation(at_desk, company):
    url = reverse("organisation-invite", args=[company.pk])
    for data in ({"role": "manager", "email": "x"}, {"role": "owner"}, {}):
        at_desk.post(url, data)
    assert not Invitation.objects.exists()


def test_thirty_invitations_an_hour_and_no_more(at_desk, company):
    url = reverse("organisation-invite", args=[company.pk])
    for _ in range(32):
        at_desk.post(url, {"role": "contributor"})
    assert Invitation.objects.count() == 30


def test_taking_back_on_the_page(at_desk, company):
    own, foreign = InvitationFactory(organisation=company), InvitationFactory()
    at_desk.post(reverse("invitation-revoke", args=[company.pk, own.pk]))
    own.refresh_from_db()
    assert own.revoked_at
    url = reverse("invitation-revoke", args=[company.pk, foreign.pk])
    assert at_desk.post(url).status_code == 404


def test_a_stranger_sees_what_is_offered_and_is_led_back_after_signing_in(client, company):
    invitation = InvitationFactory(organisation=company, role="manager")
    url = reverse("invitation", args=[link_token(invitation)])
    page = client.get(url).content.decode()
    assert "远帆船舶" in page
    assert f"{reverse('account_login')}?next={quote(url)}" in page
    assert f"{reverse('account_signup')}?next={quote(url)}" in page
    client.post(url)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    person = UserFactory()
    client.force_login(person)
    assert "<form" in client.get(url).content.decode()
    assert client.post(url).headers["Location"] == reverse("my")
    assert roles_in(company) == {person: "manager"}
    assert "badge" not in client.get(url).content.decode()
    client.force_login(UserFactory())
    assert client.post(url).status_code == 200
    assert roles_in(company) == {person: "manager"}


def test_a_forged_link_is_not_found(client):
    assert client.get(reverse("invitation", args=["x:y"])).status_code == 404

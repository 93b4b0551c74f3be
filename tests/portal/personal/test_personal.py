"""What is kept of a person: all of it to take away, and gone when nothing binds it."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from competition.awards.models import Award
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from competition.screening.models import ScreeningCard
from media_processing.models import MediaAsset
from portal.accounts.groups import ENTRANTS, ORGANISERS, add_to_group
from portal.accounts.models import User
from portal.notifications.services import queue_notice
from portal.personal.services import ErasureRefused, erase_account, erasure_bonds
from tests.competition.entries.worlds import World
from tests.factories import (
    PASSWORD,
    AppealFactory,
    AssignmentFactory,
    AwardListFactory,
    CategoryFactory,
    EntryFactory,
    InvitationFactory,
    MembershipFactory,
    ReleaseFactory,
    UserFactory,
    published,
)

pytestmark = pytest.mark.django_db
PAGE, DOWNLOAD = reverse("personal-data"), reverse("personal-download")
YES = {"password": PASSWORD, "understands": "on"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def world():
    return World()


def sign_in(client, user):
    client.force_login(user)
    return client


# --- taking it away -----------------------------------------------------------------------


def test_the_download_has_all_that_is_kept(client, world):
    EmailAddress.objects.create(user=world.entrant, email=world.entrant.email, verified=True)
    work = world.submitted(title="晨光")
    world.draft(title="草稿")
    reading = AssignmentFactory(judge__user=world.entrant)
    Scorecard.objects.create(assignment=reading, note="构图好")
    answer = sign_in(client, world.entrant).get(DOWNLOAD)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="personal-data-')
    assert answer.headers["Cache-Control"] == "private, no-store"
    kept = json.loads(answer.content)
    assert kept["account"]["email"] == world.entrant.email
    assert kept["account"]["email_addresses"][0]["verified"] is True
    assert [one["organisation__name"] for one in kept["memberships"]] == [world.company.name]
    assert [one["title"] for one in kept["works"]] == ["晨光", "草稿"]
    first = kept["works"][0]
    assert (first["number"], len(first["revisions"])) == (work.number, 1)
    (file,) = first["files"]
    frame = work.frames.get()
    assert file["original"].endswith(reverse("frame-original", args=[frame.pk]))
    assert file["name"] == frame.asset.original_name
    assert [one["kind"] for one in kept["notices"]] == ["receipt"]
    assert "competition.entry.submit" in [one["action"] for one in kept["deeds"]]
    assert [one["note"] for one in kept["judging"]] == ["构图好"]


def test_papers_appeals_uploads_and_screening_are_in_it(client, world):
    work = world.entry("rejected")
    ReleaseFactory(entry=work, original_name="同意书.pdf")
    AppealFactory(entry=work, text="请复核")
    MediaAsset.objects.update(uploaded_by=world.entrant, original_name="原图.jpg")
    revision = world.submitted().revisions.get()
    card = ScreeningCard.objects.create(revision=revision, screener=world.entrant, advice="再近些")
    card.scores.create(criterion="theme", value=8)
    kept = sign_in(client, world.entrant).get(DOWNLOAD).json()
    assert [one["original_name"] for one in kept["releases"]] == ["同意书.pdf"]
    assert [one["text"] for one in kept["appeals"]] == ["请复核"]
    assert {one["original_name"] for one in kept["uploads"]} == {"原图.jpg"}
    (screened,) = kept["screening"]
    assert (screened["advice"], screened["scores"]) == ("再近些", {"theme": 8})


# Rows that know a person, by what of the download tells of them; "" and why not.
TOLD = {
    "notifications.Notice.recipient": "notices",
    "competition.Membership.user": "memberships",
    "competition.Invitation.invited_by": "invitations",
    "competition.Invitation.accepted_by": "invitations",
    "competition.Entry.created_by": "works",
    "competition.Entry.rights_accepted_by": "works",
    "competition.EntryRevision.submitted_by": "works",
    "competition.Release.added_by": "releases",
    "competition.Appeal.made_by": "appeals",
    "competition.ScreeningCard.screener": "screening",
    "competition.Judge.user": "judging",
    "media_processing.MediaAsset.uploaded_by": "uploads",
    "accounts.User_groups.user": "account",
    "accounts.User_user_permissions.user": "account",
    # What an organiser does in office is in the log, and so among the deeds.
    "competition.Appeal.answered_by": "deeds",
    "competition.NearCopy.dismissed_by": "deeds",
    "competition.Recusal.declared_by": "deeds",
    "competition.Flag.settled_by": "deeds",
    "competition.StandingList.frozen_by": "deeds",
    "competition.AwardList.proposed_by": "deeds",
    "competition.Objection.decided_by": "deeds",
    "competition.Replacement.decided_by": "deeds",
    "competition.Honour.decided_by": "deeds",
    "results.Package.asked_by": "deeds",
}
OURS = {
    "accounts",
    "competition",
    "media_processing",
    "notifications",
    "pages",
    "results",
    "voting",
}


def test_every_row_of_ours_that_knows_a_person_is_told_of(client, world):
    relations = User._meta.get_fields(include_hidden=True)
    found = {
        f"{one.related_model._meta.label}.{one.field.name}"
        for one in relations
        if one.auto_created and not one.concrete and one.related_model._meta.app_label in OURS
    }
    assert found == set(TOLD)
    assert set(TOLD.values()) <= set(sign_in(client, world.entrant).get(DOWNLOAD).json())


def test_the_page_says_that_votes_are_not_among_it(client, world):
    with translation.override("en"):
        page = sign_in(client, world.entrant).get(reverse("personal-data")).content.decode()
    assert "a ballot is kept under a code, not under an account" in page
    assert "ballots are not tied to accounts" in page


def test_it_has_nothing_of_anybody_else(client, world):
    world.submitted(title="别人的作品")
    kept = sign_in(client, world.stranger).get(DOWNLOAD).content.decode()
    assert "别人的作品" not in kept
    assert world.entrant.email not in kept


def test_a_password_is_not_in_it(client, world):
    kept = sign_in(client, world.entrant).get(DOWNLOAD).content.decode()
    assert "password" not in kept
    assert world.entrant.password not in kept


def test_it_costs_the_same_with_one_work_and_with_three(client, world):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(DOWNLOAD)
        return len(queries)

    sign_in(client, world.entrant)
    world.submitted()
    cost()
    one = cost()
    world.submitted()
    world.submitted()
    assert cost() == one


@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
def test_it_is_for_who_is_signed_in(client, address):
    assert client.get(address).status_code == 302


# --- erasing ------------------------------------------------------------------------------


def test_an_account_is_erased_and_what_others_need_stays(client, world):
    person = world.entrant
    EmailAddress.objects.create(user=person, email=person.email, verified=True)
    add_to_group(person, ENTRANTS)
    work = world.submitted(author_names="张三")
    draft = world.draft()
    asset = draft.frames.get().asset
    name, email = str(person), person.email
    answer = sign_in(client, person).post(PAGE, YES)
    assert answer.url == "/"
    person.refresh_from_db()
    assert person.email == f"erased-{person.pk}@erased.invalid"
    assert (person.first_name, person.last_name, person.is_active) == ("", "", False)
    assert not person.has_usable_password()
    assert not person.groups.exists()
    assert not person.memberships.exists()
    assert not person.notices.exists()
    assert not EmailAddress.objects.exists()
    assert not Entry.objects.filter(pk=draft.pk).exists()
    assert not MediaAsset.objects.filter(pk=asset.pk).exists()
    work.refresh_from_db()
    assert (work.state, work.author_names, work.organisation) == (
        "submitted",
        "张三",
        world.company,
    )
    line = ModelLogEntry.objects.get(action="accounts.user.erase")
    assert (line.object_id, line.data) == (str(person.pk), {"drafts_deleted": 1})
    assert name not in line.label
    assert email not in line.label


def test_every_session_of_the_person_ends(client, world):
    from django.test import Client

    elsewhere = sign_in(Client(), world.entrant)
    assert elsewhere.get(reverse("my")).status_code == 200
    sign_in(client, world.entrant).post(PAGE, YES)
    assert client.get(reverse("my")).status_code == 302
    assert elsewhere.get(reverse("my")).status_code == 302


def test_the_address_is_free_for_a_new_account(world):
    email = world.entrant.email
    erase_account(user=world.entrant)
    assert User.objects.create_user(email, PASSWORD).pk != world.entrant.pk


def test_the_address_that_was_invited_is_erased_too(world):
    here = InvitationFactory(email=world.entrant.email.upper())
    other = InvitationFactory(email="somebody@else.example")
    erase_account(user=world.entrant)
    here.refresh_from_db()
    other.refresh_from_db()
    assert (here.email, other.email) == ("", "somebody@else.example")


def test_two_can_be_erased():
    for person in (UserFactory(), UserFactory()):
        erase_account(user=person)
    assert User.objects.filter(is_active=False).count() == 2


def test_drafts_stay_where_a_colleague_can_reach_them(world):
    draft = world.draft()
    MembershipFactory(organisation=world.company, role="manager")
    erase_account(user=world.entrant)
    assert Entry.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(
    "answers", [{}, {"password": PASSWORD}, {"password": "wrong", "understands": "on"}]
)
def test_without_password_and_tick_nothing_happens(client, world, answers):
    page = sign_in(client, world.entrant).post(PAGE, answers)
    assert page.context["form"].errors
    world.entrant.refresh_from_db()
    assert world.entrant.is_active
    assert client.get(reverse("my")).status_code == 200


def test_a_password_is_not_guessed_here(client, world):
    sign_in(client, world.entrant)
    wrong = YES | {"password": "wrong"}
    assert [client.post(PAGE, wrong).status_code for _ in range(11)] == [200] * 10 + [429]
    assert client.post(PAGE, YES).status_code == 429
    world.entrant.refresh_from_db()
    assert world.entrant.is_active


# --- what binds ---------------------------------------------------------------------------


def awarded(world, state, *, at=None):
    """A work of the entrant's that a list of this state names, public as from `at`."""
    work = world.entry("admitted")
    hour = at or timezone.now()
    awards = AwardListFactory(
        edition=world.edition, state=state, noticed_at=hour, published_at=hour
    )
    category = world.edition.award_categories.first() or CategoryFactory(edition=world.edition)
    Award.objects.create(award_list=awards, category=category, entry=work, rank=1)
    return work


@pytest.mark.parametrize("state", ["proposed", "confirmed", "noticed", "published"])
def test_an_award_binds(client, world, state):
    work = awarded(world, state)
    with pytest.raises(ErasureRefused) as refusal:
        erase_account(user=world.entrant)
    assert len(refusal.value.messages) == 1
    assert work.number in refusal.value.messages[0]
    page = sign_in(client, world.entrant).post(PAGE, YES)
    assert work.number in page.content.decode()
    world.entrant.refresh_from_db()
    assert world.entrant.is_active
    assert world.entrant.memberships.exists()


def test_an_award_of_a_list_that_was_replaced_does_not(world):
    awarded(world, "replaced")
    published(AwardListFactory(edition=world.edition))
    assert erasure_bonds(world.entrant) == []


@pytest.mark.parametrize("state", ["proposed", "confirmed", "noticed", "published"])
def test_before_the_hour_all_works_bind_alike_awarded_or_not(world, state):
    other = EntryFactory(created_by=world.stranger, state="admitted", section=world.section)
    work = awarded(world, state, at=timezone.now() + timedelta(hours=1))
    (mine,), (theirs,) = erasure_bonds(world.entrant), erasure_bonds(world.stranger)
    assert mine.replace(work.number, other.number) == theirs


def test_once_the_awards_are_published_who_has_none_may_go(world):
    EntryFactory(created_by=world.stranger, state="admitted", section=world.section)
    awarded(world, "published")
    assert erasure_bonds(world.stranger) == []


def test_without_awards_to_come_an_admitted_work_binds_nobody(world):
    world.entry("admitted")
    assert erasure_bonds(world.entrant) == []


def test_judging_binds_entrant_and_judge_until_the_round_is_closed(world):
    reading = AssignmentFactory(entry=world.entry("admitted"))
    judge = reading.judge.user
    for person in (world.entrant, judge):
        assert len(erasure_bonds(person)) == 1
    reading.round.closed_at = world.edition.created_at
    reading.round.save()
    for person in (world.entrant, judge):
        assert erasure_bonds(person) == []


def test_the_only_manager_of_others_stays(world):
    MembershipFactory(organisation=world.company, role="contributor")
    assert len(erasure_bonds(world.entrant)) == 1
    MembershipFactory(organisation=world.company, role="manager")
    assert erasure_bonds(world.entrant) == []


def test_somebody_elses_award_binds_nobody_else(world):
    awarded(world, "published")
    EntryFactory(created_by=world.stranger, state="submitted")
    assert erasure_bonds(world.stranger) == []


def test_an_erased_organiser_organises_no_more(world):
    erase_account(user=world.organiser)
    world.organiser.refresh_from_db()
    assert not world.organiser.groups.filter(name=ORGANISERS).exists()


def test_nothing_queued_is_mailed_to_who_was_erased(world, mailoutbox):
    from portal.notifications.pipeline import deliver

    row = queue_notice(recipient=world.entrant, kind="mailing", key="k", context={})
    erase_account(user=world.entrant)
    assert deliver(row.pk) == 0
    assert mailoutbox == []
